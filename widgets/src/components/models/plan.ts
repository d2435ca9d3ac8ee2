import { fill, h, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { ModelRow } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import { CodeLine } from "./code-line.ts";
import { Parameters } from "./parameters.ts";
import type { Session } from "./session.ts";
import { inTarget, lasts, leaves, leftOf } from "./wording.ts";

/** Before a run: how many images there are, what is answered, what is left, for how long, what leaves the machine. */
export class Plan {
  readonly element = h("div", { class: "mp-plan" });
  readonly #facts = h("div");
  readonly #code: CodeLine;
  readonly #refused = h("div", { class: "lr-bad mp-wrap" });
  readonly #session: Session;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    const draw = (): void => this.#draw();
    cleanup.add(session.offer.subscribe(draw));
    cleanup.add(session.picked.subscribe(draw));
    cleanup.add(session.planned.subscribe(draw));
    this.#code = new CodeLine(session.around.say);
    this.element.append(this.#facts, new Parameters(session, cleanup).element, this.#code.element, this.#refused);
    this.#draw();
  }

  #draw(): void {
    const { offer, target } = this.#session;
    const now = offer.value;
    if (now === null) return;
    const { rows, services } = this.#session;
    this.#drawCode();
    this.#facts.hidden = services.length > 0; // their quote says more
    if (rows.length === 0) {
      const text = `Pick one or several models to run on ${inTarget(now.images, target.value)}.`;
      fill(this.#facts, h("p", { class: "lr-t2" }, text));
      return;
    }
    const asked = rows.length * now.images;
    const left = leftOf(rows);
    const one = rows.length === 1;
    const downloads = rows.filter((row) => row.downloads && row.size !== null).map((row) => row.size);
    fill(
      this.#facts,
      h(
        "div",
        { class: "mp-facts" },
        ...fact(target.value === "selected" ? "Selected" : "In view", counted(now.images, "image")),
        ...(one ? fact("Model", rows[0]?.name ?? "") : fact("Models", number(rows.length))),
        ...fact("Already answered", asked === left ? "0" : `− ${number(asked - left)}`),
        ...fact("To do", one ? counted(left, "image") : counted(left, "answer"), true),
        ...fact("Time", left === 0 ? "none" : lasts(rows)),
        ...(one ? thresholds(rows[0]) : []),
        ...(downloads.length > 0 ? fact("Downloads first", downloads.join(" + ")) : []),
      ),
      h(
        "div",
        { class: "mp-note" },
        icon(rows.every((row) => row.runs === "here") ? "disk" : "cloud"),
        h("span", {}, leaves(rows)),
      ),
    );
  }

  #drawCode(): void {
    const { planned, picked } = this.#session;
    const now = picked.value.size === 0 ? null : planned.value;
    const refused = now !== null && "refused" in now ? now.refused : "";
    this.#code.element.hidden = now === null || refused !== "";
    this.#code.line = now !== null && "code" in now ? now.code : "";
    setText(this.#refused, refused);
  }
}

/** What the tags of a tagger need until somebody says otherwise: "0.35, character 0.85". */
function thresholds(row: ModelRow | undefined): HTMLElement[] {
  const named = Object.entries(row?.thresholds ?? {});
  const said = named.map(([name, value]) => (name === "general" ? String(value) : `${name} ${value}`));
  return said.length === 0 ? [] : fact("Tags from", said.join(", "));
}

function fact(name: string, value: string, strong = false): HTMLElement[] {
  const weight = strong ? " lr-strong" : "";
  return [
    h("span", { class: strong ? "lr-strong" : "lr-t3" }, name),
    h("span", { class: `lr-cut${weight}`, title: value }, value),
  ];
}

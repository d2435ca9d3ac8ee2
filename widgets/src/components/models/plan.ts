import { fill, h } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Cleanup } from "../../signal.ts";
import type { Session } from "./session.ts";
import { inTarget, leaves, leftOf, pickedRows } from "./wording.ts";

/** Before a run: how many images there are, what is answered, what is left, what leaves the machine. */
export class Plan {
  readonly element = h("div", { class: "mp-plan" });
  readonly #session: Session;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    const draw = (): void => this.#draw();
    cleanup.add(session.offer.subscribe(draw));
    cleanup.add(session.picked.subscribe(draw));
    this.#draw();
  }

  #draw(): void {
    const { offer, picked, target } = this.#session;
    const now = offer.value;
    if (now === null) return;
    const rows = pickedRows(now, picked.value);
    if (rows.length === 0) {
      const text = `Pick one or several models to run on ${inTarget(now.images, target.value)}.`;
      fill(this.element, h("p", { class: "lr-t2" }, text));
      return;
    }
    const asked = rows.length * now.images;
    const left = leftOf(rows);
    const one = rows.length === 1;
    const downloads = rows.filter((row) => row.downloads && row.size !== null).map((row) => row.size);
    fill(
      this.element,
      h(
        "div",
        { class: "mp-facts" },
        ...fact(target.value === "selected" ? "Selected" : "In view", counted(now.images, "image")),
        ...(one ? fact("Model", rows[0]?.name ?? "") : fact("Models", number(rows.length))),
        ...fact("Already answered", asked === left ? "0" : `− ${number(asked - left)}`),
        ...fact("To do", one ? counted(left, "image") : counted(left, "answer"), true),
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
}

function fact(name: string, value: string, strong = false): HTMLElement[] {
  const weight = strong ? " lr-strong" : "";
  return [
    h("span", { class: strong ? "lr-strong" : "lr-t3" }, name),
    h("span", { class: `lr-cut${weight}`, title: value }, value),
  ];
}

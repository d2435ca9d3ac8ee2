import { fill, focused, h, keepFocus, setAttribute, setText } from "../../dom.ts";
import { counted, middleCut, number } from "../../format.ts";
import { type IconName, icon } from "../../icons.ts";
import type { ModelRow } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import { copyButton } from "../shared/copy.ts";
import { Roving } from "../shared/roving.ts";
import type { Quoting } from "./quoting.ts";
import type { Session } from "./session.ts";
import { canRun, isSilent, kindsOf, kindTitle, priceOf, rowName, runsOn, silenced, stateOf } from "./wording.ts";

const LONGEST_NAME = 36;
const RUNS_ICON: Readonly<Record<ModelRow["runs"], IconName>> = { here: "disk", away: "cloud", plugin: "plug" };

/** The models by kind; those that cannot run stay, grey, with their reason and what mends it. */
export class ModelList {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #quoting: Quoting;
  readonly #images = h("span", { class: "mp-num" });
  readonly #rows = h("div", { class: "mp-rows", attrs: { role: "group", "aria-label": "Models", tabindex: -1 } });
  readonly #boxes = new Map<string, HTMLElement>();
  readonly #prices = new Map<string, HTMLElement>();
  readonly #from = h("div", { class: "mp-from lr-t3", attrs: { hidden: true } }, icon("info"), h("span"));
  readonly #roving: Roving;
  #filter = "";

  constructor(session: Session, quoting: Quoting, cleanup: Cleanup) {
    this.#session = session;
    this.#quoting = quoting;
    this.element = h(
      "div",
      { class: "mp-list" },
      h(
        "div",
        { class: "mp-cells mp-heads lr-t3", attrs: { "aria-hidden": "true" } },
        h("span"),
        h("span", {}, "Model"),
        h("span", { class: "mp-makes" }, "Makes"),
        h("span", { class: "mp-runs" }, "Runs on"),
        h("span", { class: "mp-state" }, "State"),
        this.#images,
      ),
      this.#rows,
      this.#from,
    );
    this.#roving = new Roving(this.#rows, cleanup, "button");
    cleanup.add(session.offer.subscribe(() => this.#draw()));
    cleanup.add(session.picked.subscribe(() => this.#mark()));
    cleanup.add(quoting.silent.subscribe(() => this.#draw()));
    cleanup.add(quoting.prices.subscribe(() => this.#price()));
  }

  set filter(text: string) {
    this.#filter = text.trim().toLowerCase();
    this.#draw();
  }

  /** On the row where the keyboard was; before the kernel answered, on the list, which passes it on. */
  focus(): void {
    (this.#rows.querySelector<HTMLElement>('button[tabindex="0"]') ?? this.#rows).focus();
  }

  #draw(): void {
    const offer = this.#session.offer.value;
    if (offer === null) return; // what was shown stays until the answer comes
    this.#images.textContent = counted(offer.images, "image");
    const silent = this.#quoting.silent.value;
    const found = offer.rows
      .map((row) => (silent.has(row.id) && row.available ? silenced(row) : row))
      .filter((row) => rowName(row).toLowerCase().includes(this.#filter));
    this.#boxes.clear();
    this.#prices.clear();
    keepFocus(this.#rows, () => {
      fill(this.#rows, ...kindsOf(found).flatMap((kind) => this.#group(kind, found)));
      if (found.length === 0) fill(this.#rows, h("div", { class: "mp-none lr-t2" }, "No model matches"));
    });
    this.#roving.refresh();
    this.#mark();
    this.#price();
    if (focused(this.#rows) === this.#rows) this.focus();
  }

  #group(kind: string, found: readonly ModelRow[]): HTMLElement[] {
    const rows = found.filter((row) => row.kind === kind);
    const ready = rows.filter((row) => row.available);
    const others = rows.filter((row) => !row.available);
    return [
      h("div", { class: "mp-kind lr-t3" }, kindTitle(kind)),
      ...[...ready, ...others].map((row) => this.#row(row)),
    ];
  }

  #row(row: ModelRow): HTMLElement {
    const ready = row.available && !row.downloads ? " mp-ready" : "";
    const tone = isSilent(row) ? " mp-waits" : ready;
    const box = h(
      "button",
      {
        class: "mp-cells mp-row",
        title: row.licence === null ? row.id : `${row.id}, licence ${row.licence}`,
        attrs: { type: "button", role: "checkbox", "aria-checked": false, "aria-label": rowName(row) },
        on: { click: () => this.#press(row) },
      },
      h("span", { class: "mp-box" }, icon("check", 12)),
      h("span", { class: "mp-name lr-cut" }, middleCut(row.name, LONGEST_NAME)),
      h("span", { class: "mp-makes lr-cut lr-t2" }, row.makes),
      h(
        "span",
        { class: "mp-runs lr-row" },
        icon(row.inside ? "disk" : RUNS_ICON[row.runs]),
        h("span", { class: "lr-cut" }, runsOn(row)),
      ),
      h(
        "span",
        { class: "mp-state" },
        h("span", { class: `mp-pill lr-cut${tone}`, title: stateOf(row) }, stateOf(row)),
      ),
      this.#last(row),
    );
    setAttribute(box, "aria-disabled", canRun(row) ? null : true);
    this.#boxes.set(row.id, box);
    return h("div", { class: "mp-item" }, box, !row.available && this.#remedy(row));
  }

  /** What a run takes: of services the price of this view, which comes later. */
  #last(row: ModelRow): HTMLElement {
    if (!canRun(row)) return h("span", { class: "mp-num" }, "–");
    const price = h("span", { class: row.service === null ? "mp-price" : "" });
    if (row.service !== null) {
      this.#prices.set(row.id, price);
      return h("span", { class: "mp-num lr-t2 lr-cut" }, price);
    }
    price.textContent = `${row.price ?? "price unknown"} · `;
    return h("span", { class: "mp-num lr-t2" }, price, `${number(row.todo)} to do`);
  }

  #price(): void {
    const prices = this.#quoting.prices.value;
    this.#from.hidden = (prices?.from ?? null) === null;
    setText(this.#from.lastElementChild ?? this.#from, prices?.from ?? "");
    for (const row of this.#session.offer.value?.rows ?? []) {
      const element = this.#prices.get(row.id);
      if (!element) continue;
      const text = priceOf(prices?.prices[row.id]);
      const [price = "", ...time] = text.split(" · ");
      fill(element, price, time.length > 0 && h("span", { class: "mp-price" }, ` · ${time.join()}`));
      if (element.parentElement) element.parentElement.title = text;
      this.#boxes.get(row.id)?.setAttribute("aria-label", [rowName(row), text].filter(Boolean).join(", "));
    }
  }

  /** What mends it, with the command in it for copying; where the row has no room for the reason, the reason too. */
  #remedy(row: ModelRow): HTMLElement {
    const why = h("span", { class: "mp-why" }, `${stateOf(row)}. `);
    if (row.remedy === null) return h("div", { class: "mp-remedy mp-why lr-t2" }, why);
    const { remedy, command } = row;
    const [before = "", after = ""] = command === null ? [remedy] : remedy.split(command, 2);
    const code = command === null ? null : h("code", { class: "lr-mono" }, command);
    const text = h("span", {}, before, code, after);
    const copy = isSilent(row)
      ? button("Try again", { kind: "link", onClick: () => this.#quoting.reach() })
      : copyButton(code ?? text, this.#session.around.say, `Copy what helps ${row.name}`);
    return h("div", { class: "mp-remedy lr-t2" }, h("div", { class: "mp-remedy-text" }, why, text), copy);
  }

  #press(row: ModelRow): void {
    if (canRun(row)) this.#session.pick(row.id, !this.#session.picked.value.has(row.id));
    else if (row.available) this.#session.around.say(`${row.name} makes ${row.makes}: no run here takes it`);
    else this.#session.around.say(`${row.name}: ${[stateOf(row), row.remedy].filter(Boolean).join(". ")}`);
  }

  #mark(): void {
    const picked = this.#session.picked.value;
    for (const [id, box] of this.#boxes) setAttribute(box, "aria-checked", picked.has(id));
  }
}

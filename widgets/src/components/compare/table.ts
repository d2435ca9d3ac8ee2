import { fill, h, keepFocus } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { categoryMark, icon } from "../../icons.ts";
import type { Details } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { compareFiles, compareScores, compareTags, type FactRow, type TagRow } from "./differ.ts";

/** What is known of the images compared, a column each: facts, then the tags that differ, which a click changes. */
export class Table {
  readonly element = h("div", { class: "cp-table", attrs: { role: "region", "aria-label": "What differs" } });
  readonly #onToggle: (name: string, at: number, on: boolean) => void;
  #stop = "";

  constructor(onToggle: (name: string, at: number, on: boolean) => void, cleanup: Cleanup) {
    this.#onToggle = onToggle;
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.element, "focusin", (event) => {
      if (event.target instanceof HTMLButtonElement) this.#keep(event.target);
    });
  }

  /** `why` says why tags cannot be changed now; empty where they can. */
  show(images: readonly Details[], letters: readonly string[], active: number, why: string): void {
    const { differ, common } = compareTags(images);
    const scores = compareScores(images);
    this.element.style.setProperty("--cp-columns", String(images.length));
    keepFocus(this.element, () => {
      fill(
        this.element,
        h(
          "div",
          { class: "cp-rows", attrs: { role: "table", "aria-label": "Compared" } },
          this.#head(letters, active),
          ...compareFiles(images).map((row) => this.#facts(row)),
          heading(titleOf(differ), commonOf(common, images.length)),
          ...differ.map((row) => this.#tag(row, letters, why)),
          scores.length > 0 && heading("Scores"),
          ...scores.map((row) => this.#facts(row)),
        ),
      );
    });
    this.#refresh();
  }

  #head(letters: readonly string[], active: number): HTMLElement {
    return h(
      "div",
      { class: "cp-row cp-head", attrs: { role: "row" } },
      h("span", { attrs: { role: "columnheader" } }, h("span", { class: "lr-hidden" }, "What")),
      ...letters.map((letter, at) =>
        h("span", { class: at === active ? "lr-strong" : "lr-t3", attrs: { role: "columnheader" } }, letter),
      ),
    );
  }

  #facts({ label, values, best }: FactRow): HTMLElement {
    return h(
      "div",
      { class: "cp-row", attrs: { role: "row" } },
      h("span", { class: "lr-t3 lr-cut", title: label, attrs: { role: "rowheader" } }, label),
      ...values.map((value, at) =>
        h(
          "span",
          { class: best.has(at) ? "cp-value cp-best" : "cp-value", title: value, attrs: { role: "cell" } },
          h("span", { class: "lr-cut" }, value),
          best.has(at) && icon("check", 12),
        ),
      ),
    );
  }

  #tag({ name, category, on }: TagRow, letters: readonly string[], why: string): HTMLElement {
    return h(
      "div",
      { class: "cp-row", attrs: { role: "row" } },
      h(
        "span",
        { class: "cp-name", title: name, attrs: { role: "rowheader" } },
        categoryMark(category),
        h("span", { class: "lr-cut" }, name),
      ),
      ...on.map((has, at) =>
        h("span", { attrs: { role: "cell" } }, this.#toggle(name, at, has, letters[at] ?? "", why)),
      ),
    );
  }

  #toggle(name: string, at: number, has: boolean, letter: string, why: string): HTMLElement {
    const does = has ? `Remove ${name} from ${letter}` : `Add ${name} to ${letter}`;
    const element = h(
      "button",
      {
        class: "cp-toggle",
        title: why || does,
        attrs: {
          type: "button",
          tabindex: -1,
          "aria-pressed": has,
          "aria-label": `${name} on ${letter}`,
          "aria-disabled": why === "" ? null : true,
          "data-cell": `${at} ${name}`,
        },
      },
      has ? icon("check") : icon("minus", 12),
    );
    element.addEventListener("click", () => {
      if (why === "") this.#onToggle(name, at, !has);
    });
    return element;
  }

  #toggles(): HTMLButtonElement[] {
    return [...this.element.querySelectorAll<HTMLButtonElement>(".cp-toggle")];
  }

  /** One stop for Tab: where the keyboard was, else the first. */
  #refresh(): void {
    const toggles = this.#toggles();
    const stop = toggles.find((toggle) => toggle.dataset.cell === this.#stop) ?? toggles[0];
    for (const toggle of toggles) toggle.tabIndex = toggle === stop ? 0 : -1;
  }

  #keep(target: HTMLButtonElement): void {
    this.#stop = target.dataset.cell ?? "";
    this.#refresh();
  }

  #onKey(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLButtonElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    const toggles = this.#toggles();
    const width = Number(this.element.style.getPropertyValue("--cp-columns"));
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    toggles[toggles.indexOf(event.target) + by]?.focus();
  }
}

function heading(text: string, more = ""): HTMLElement {
  return h(
    "div",
    { class: "cp-row cp-title", attrs: { role: "row" } },
    h(
      "span",
      { class: "lr-row", attrs: { role: "rowheader" } },
      h("span", { class: "lr-strong cp-fixed" }, text),
      h("span", { class: "lr-t2 lr-cut", title: more }, more),
    ),
  );
}

function titleOf(differ: readonly TagRow[]): string {
  return differ.length > 0
    ? `${counted(differ.length, "tag")} differ${differ.length === 1 ? "s" : ""}`
    : "No tag differs";
}

function commonOf(common: readonly TagRow[], images: number): string {
  const where = images === 2 ? "On both" : `On all ${number(images)}`;
  return common.length > 0 ? `${where}: ${common.map(({ name }) => name).join(", ")}` : `${where}: no tag`;
}

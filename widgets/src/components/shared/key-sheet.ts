import { h } from "../../dom.ts";
import { iconButton } from "./button.ts";

export interface KeyGroup {
  title: string;
  /** Keys and what they do, e.g. [["Ctrl", "A"], "all in view"]. */
  keys: readonly (readonly [keys: readonly string[], does: string])[];
}

/** The sheet behind `?`: a panel over the stage, not a dialog. Esc and its button close it. */
export class KeySheet {
  readonly element: HTMLElement;
  readonly #onClose: () => void;
  readonly #close: HTMLButtonElement;

  constructor(groups: readonly KeyGroup[], onClose: () => void) {
    this.#onClose = onClose;
    this.#close = iconButton("close", "Close (Esc)", () => this.close());
    this.element = h(
      "div",
      { class: "lr-sheet", attrs: { role: "region", "aria-label": "Keyboard", hidden: true } },
      h("div", { class: "lr-sheet-head" }, h("span", { class: "lr-strong lr-space" }, "Keyboard"), this.#close),
      h("div", { class: "lr-sheet-body" }, ...groups.map(section)),
    );
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  toggle(): void {
    if (this.open) this.close();
    else {
      this.element.hidden = false;
      this.#close.focus();
    }
  }

  close(): void {
    this.element.hidden = true;
    this.#onClose();
  }
}

function section(group: KeyGroup): HTMLElement {
  return h(
    "div",
    {},
    h("div", { class: "lr-sheet-title lr-strong" }, group.title),
    ...group.keys.map(([keys, does]) =>
      h(
        "div",
        { class: "lr-sheet-row" },
        h("span", { class: "lr-sheet-keys" }, ...keys.map((key) => h("kbd", { class: "lr-kbd" }, key))),
        h("span", { class: "lr-t2" }, does),
      ),
    ),
  );
}

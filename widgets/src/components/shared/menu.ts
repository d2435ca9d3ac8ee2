import { focused, h, setAttribute } from "../../dom.ts";
import { type IconName, icon } from "../../icons.ts";
import type { Cleanup } from "../../signal.ts";

export interface MenuItem {
  label: string;
  icon?: IconName;
  key?: string;
  checked?: boolean;
  disabled?: boolean;
  run(): void;
}

/** A menu under a button or at the pointer, inside the widget's root. Arrows move, Enter runs, Esc closes. */
export class Menu {
  readonly element: HTMLElement;
  readonly #root: HTMLElement;
  #back: HTMLElement | null = null;

  constructor(root: HTMLElement, cleanup: Cleanup) {
    this.#root = root;
    this.element = h("div", { class: "lr-menu lr-pop", attrs: { role: "menu", hidden: true } });
    root.append(this.element);
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.element, "focusout", (event) => {
      if (!(event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget))) this.close(false);
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** Under an element, right edges together. */
  openUnder(anchor: HTMLElement, items: readonly MenuItem[]): void {
    const box = anchor.getBoundingClientRect();
    this.#show(items, anchor, box.right, box.bottom + 4, true);
  }

  openAt(x: number, y: number, items: readonly MenuItem[], back: HTMLElement): void {
    this.#show(items, back, x, y, false);
  }

  close(restoreFocus = true): void {
    if (!this.open) return;
    this.element.hidden = true;
    this.element.replaceChildren();
    if (restoreFocus) this.#back?.focus();
    this.#back = null;
  }

  #show(items: readonly MenuItem[], back: HTMLElement, x: number, y: number, endsAt: boolean): void {
    this.#back = back;
    this.element.replaceChildren(...items.map((item) => this.#row(item)));
    this.element.hidden = false;
    const root = this.#root.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.element;
    const left = Math.min(Math.max(4, x - root.left - (endsAt ? offsetWidth : 0)), root.width - offsetWidth - 6);
    const top = Math.min(y - root.top, root.height - offsetHeight - 6);
    this.element.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(4, top))}px)`;
    this.element.querySelector<HTMLElement>('[role^="menuitem"]:not([aria-disabled])')?.focus();
  }

  #row(item: MenuItem): HTMLElement {
    const row = h(
      "div",
      { class: "lr-option", attrs: { role: item.checked === undefined ? "menuitem" : "menuitemradio", tabindex: -1 } },
      h("span", { class: "lr-option-icon" }, item.checked ? icon("check", 12) : item.icon && icon(item.icon)),
      h("span", { class: "lr-space lr-cut" }, item.label),
      item.key && h("kbd", { class: "lr-kbd" }, item.key),
    );
    if (item.checked !== undefined) setAttribute(row, "aria-checked", item.checked);
    if (item.disabled) setAttribute(row, "aria-disabled", true);
    else {
      row.addEventListener("click", () => this.#run(item));
      row.addEventListener("pointermove", () => row.focus({ preventScroll: true }));
    }
    row.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === " ") && !item.disabled) {
        event.preventDefault();
        event.stopPropagation();
        this.#run(item);
      }
    });
    return row;
  }

  #run(item: MenuItem): void {
    this.close();
    item.run();
  }

  #onKey(event: KeyboardEvent): void {
    const rows = [...this.element.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([aria-disabled])')];
    const now = focused(this.element);
    const at = now ? rows.indexOf(now) : -1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") this.close();
    else if (to === undefined) return;
    else rows.at(to % rows.length)?.focus();
    event.preventDefault();
  }
}

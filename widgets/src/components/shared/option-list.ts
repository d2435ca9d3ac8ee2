import { h, setAttribute, uniqueId } from "../../dom.ts";

/**
 * The list of a combobox: the input keeps the focus, the list says through aria-activedescendant which option is meant.
 */
export class OptionList<T> {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #render: (option: T) => (Node | string)[];
  readonly #choose: (option: T) => void;
  #options: readonly T[] = [];
  #rows: HTMLElement[] = [];
  #active = -1;

  constructor(
    input: HTMLInputElement,
    label: string,
    render: (option: T) => (Node | string)[],
    choose: (option: T) => void,
  ) {
    this.#input = input;
    this.#render = render;
    this.#choose = choose;
    this.element = h("div", {
      class: "lr-options lr-pop",
      attrs: { role: "listbox", "aria-label": label, id: uniqueId("options"), hidden: true },
    });
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.element.id,
    })) {
      input.setAttribute(name, value);
    }
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** The option the keyboard is on. */
  get active(): T | undefined {
    return this.#options[this.#active];
  }

  /** @param active which one the keyboard starts on; -1 for none */
  show(options: readonly T[], active = -1): void {
    this.#options = options;
    this.#active = -1;
    this.#rows = options.map((option) => {
      const row = h(
        "div",
        { class: "lr-option", attrs: { role: "option", id: uniqueId("option") } },
        ...this.#render(option),
      );
      // pointerdown, and prevented: the input keeps the focus
      row.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        this.#choose(option);
      });
      return row;
    });
    this.element.replaceChildren(...this.#rows);
    this.element.hidden = options.length === 0;
    this.#input.setAttribute("aria-expanded", String(this.open));
    this.#mark(Math.min(active, options.length - 1));
  }

  hide(): void {
    this.show([]);
  }

  /** Moves with the arrows; past an end it goes on at the other. Returns whether there was anywhere to move. */
  move(step: 1 | -1): boolean {
    const { length } = this.#options;
    if (!(this.open && length)) return false;
    const from = this.#active < 0 && step < 0 ? 0 : this.#active;
    this.#mark((from + step + length) % length);
    return true;
  }

  #mark(active: number): void {
    this.#active = active;
    for (const [index, row] of this.#rows.entries()) setAttribute(row, "aria-selected", index === active);
    const row = this.#rows[active];
    setAttribute(this.#input, "aria-activedescendant", row?.id ?? null);
    row?.scrollIntoView({ block: "nearest" });
  }
}

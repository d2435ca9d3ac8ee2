import { h, setAttribute } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { Cleanup } from "../../signal.ts";

const MOST = 5;

/** Five stars as a radio group: arrows move, a click on the present star clears. */
export class Stars {
  readonly element: HTMLElement;
  readonly #buttons: HTMLButtonElement[];
  #value = 0;
  #enabled = true;

  constructor(onRate: (value: number) => void, cleanup: Cleanup) {
    this.#buttons = Array.from({ length: MOST }, (_, at) =>
      h(
        "button",
        {
          class: "lr-star",
          attrs: { type: "button", role: "radio", "aria-label": at === 0 ? "1 star" : `${at + 1} stars` },
        },
        icon("star"),
      ),
    );
    this.element = h(
      "div",
      { class: "lr-stars", attrs: { role: "radiogroup", "aria-label": "Rating" } },
      ...this.#buttons,
    );
    cleanup.listen(this.element, "click", (event) => {
      const at = this.#buttons.findIndex((star) => event.target instanceof Node && star.contains(event.target));
      if (at >= 0 && this.#enabled) onRate(at + 1 === this.#value ? 0 : at + 1);
    });
    cleanup.listen(this.element, "keydown", (event) => {
      const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (by === undefined || event.ctrlKey || event.metaKey || event.altKey || !this.#enabled) return;
      event.preventDefault();
      event.stopPropagation();
      const value = Math.max(0, Math.min(MOST, this.#value + by));
      if (value !== this.#value) onRate(value);
      this.#buttons[Math.max(0, value - 1)]?.focus();
    });
    this.show(0, true);
  }

  /** `why` says in the tooltip why they cannot be set. */
  show(value: number, enabled: boolean, why = ""): void {
    this.#value = value;
    this.#enabled = enabled;
    for (const [at, star] of this.#buttons.entries()) {
      star.classList.toggle("lr-star-on", at < value);
      setAttribute(star, "aria-checked", at + 1 === value);
      setAttribute(star, "aria-disabled", enabled ? null : true);
      star.tabIndex = at === Math.max(0, value - 1) ? 0 : -1;
      star.title = enabled ? `Rate ${at + 1} (${at + 1})` : why;
    }
  }
}

import { h } from "../../dom.ts";

/** A sum in USD that a run stops before; empty for none. */
export class Budget {
  readonly element: HTMLElement;
  readonly #input = h("input", {
    class: "lr-input",
    attrs: { type: "text", inputmode: "decimal", placeholder: "no limit", "aria-label": "Stop before, in USD" },
  });

  constructor() {
    this.element = h(
      "label",
      { class: "lb-budget" },
      h("span", { class: "lr-t3" }, "Stop before"),
      h("span", { class: "lr-field" }, h("span", { class: "lr-t3" }, "$"), this.#input),
    );
  }

  /** Null where nothing stands there, NaN where it is no sum. */
  get value(): number | null {
    const text = this.#input.value.trim().replace(",", ".");
    if (text === "") return null;
    const value = Number(text);
    return value > 0 ? value : Number.NaN;
  }

  set suggested(value: number | null) {
    if (this.#input.value === "" && value !== null && value > 0)
      this.#input.value = (Math.ceil(value * 100) / 100).toFixed(2);
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }
}

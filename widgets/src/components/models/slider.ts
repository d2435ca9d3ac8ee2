import { h, setText } from "../../dom.ts";

export interface Moves {
  move(value: number): void;
  /** Let go; `keyed` where more keys may follow. */
  rest(value: number, keyed: boolean): void;
}

/** One threshold: its name, a slider, the value in figures. */
export class Slider {
  readonly element: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #value = h("span", { class: "mp-num" });
  #keyed = false;

  constructor(name: string, model: string, moves: Moves) {
    const value = (): number => Number(this.#input.value);
    this.#input = h("input", {
      class: "lr-slider",
      attrs: { type: "range", min: 0, max: 1, step: 0.01, "aria-label": `${name} of ${model}` },
      on: {
        keydown: () => {
          this.#keyed = true;
        },
        pointerdown: () => {
          this.#keyed = false;
        },
        input: () => moves.move(value()),
        change: () => moves.rest(value(), this.#keyed),
      },
    });
    this.element = h(
      "div",
      { class: "mp-slider" },
      h("span", { class: "lr-t3 lr-cut", title: name }, name),
      this.#input,
      this.#value,
    );
  }

  show(value: number, why: string | null): void {
    if (Number(this.#input.value) !== value) this.#input.value = String(value);
    this.#input.disabled = why !== null;
    this.#input.title = why ?? "";
    setText(this.#value, value.toFixed(2));
  }
}

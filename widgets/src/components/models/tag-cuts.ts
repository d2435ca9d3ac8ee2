import { fill, h, keepFocus } from "../../dom.ts";
import { iconButton } from "../shared/button.ts";
import { canonical } from "../tag-editor/tag-names.ts";
import { Slider } from "./slider.ts";

interface TagMoves {
  move(tag: string, value: number): void;
  rest(tag: string, value: number, keyed: boolean): void;
  add(tag: string): void;
  remove(tag: string): void;
}

/** Tags of a model with a threshold of their own: a slider each, and a field that adds one. */
export class TagCuts {
  readonly element: HTMLElement;
  readonly #model: string;
  readonly #moves: TagMoves;
  readonly #rows = h("div");
  readonly #input: HTMLInputElement;
  readonly #sliders = new Map<string, { slider: Slider; element: HTMLElement }>();

  constructor(model: string, moves: TagMoves) {
    this.#model = model;
    this.#moves = moves;
    this.#input = h("input", {
      class: "lr-input",
      attrs: {
        type: "text",
        placeholder: "Tag with a threshold of its own",
        "aria-label": `Tag of ${model} with a threshold of its own`,
        autocomplete: "off",
        spellcheck: "false",
      },
      on: { keydown: (event) => this.#onKey(event) },
    });
    this.element = h("div", {}, this.#rows, h("div", { class: "lr-field mp-tag-field" }, this.#input));
  }

  show(thresholds: Readonly<Record<string, number>>, why: string | null): void {
    this.#input.disabled = why !== null;
    this.#input.title = why ?? "";
    const tags = Object.keys(thresholds).sort();
    if (tags.join("\n") !== [...this.#sliders.keys()].join("\n")) this.#build(tags);
    for (const [tag, { slider }] of this.#sliders) slider.show(thresholds[tag] ?? 0, why);
  }

  #build(tags: readonly string[]): void {
    const before = new Map(this.#sliders);
    this.#sliders.clear();
    for (const tag of tags) this.#sliders.set(tag, before.get(tag) ?? this.#row(tag));
    const rows = [...this.#sliders.values()].map((row) => row.element);
    keepFocus(this.#rows, () => fill(this.#rows, ...rows));
  }

  #row(tag: string): { slider: Slider; element: HTMLElement } {
    const slider = new Slider(tag, this.#model, {
      move: (value) => this.#moves.move(tag, value),
      rest: (value, keyed) => this.#moves.rest(tag, value, keyed),
    });
    const remove = iconButton("close", `Take back the threshold of ${tag}`, () => this.#moves.remove(tag), {
      small: true,
    });
    return { slider, element: h("div", { class: "mp-tag-cut" }, slider.element, remove) };
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const tag = canonical(this.#input.value);
    this.#input.value = "";
    if (tag !== "" && !this.#sliders.has(tag)) this.#moves.add(tag);
  }
}

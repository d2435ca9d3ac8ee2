import { fill, h, keepFocus, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { Histogram, Interval } from "../../protocol/filters.ts";
import type { Cleanup, Signal } from "../../signal.ts";
import { iconButton } from "../shared/button.ts";
import { type Axis, axisOf, sameInterval } from "./axis.ts";
import { Brush } from "./brush.ts";
import { Chart } from "./chart.ts";
import type { Narrower } from "./narrower.ts";
import type { Scale } from "./scale.ts";
import { intervalWords, numberWords, readInterval, typed } from "./words.ts";

/** One column: its name, the range in words, the bars with the brush, and the numbers below. */
export class HistogramView {
  readonly element: HTMLElement;
  readonly #column: string;
  readonly #narrower: Narrower;
  readonly #scale: Signal<Scale>;
  readonly #chart = new Chart();
  readonly #brush: Brush;
  readonly #words: HTMLButtonElement;
  readonly #input: HTMLInputElement;
  readonly #clear: HTMLButtonElement;
  readonly #range = h("span", { class: "lr-row lf-range" });
  readonly #numbers = h("div", { class: "lf-numbers" });
  readonly #unknown = h("div", { class: "lf-unknown lr-t3" }, "Not scored");
  #shown: Histogram | null = null;
  #sent: Interval | null | undefined;

  constructor(column: string, narrower: Narrower, scale: Signal<Scale>, cleanup: Cleanup) {
    this.#column = column;
    this.#scale = scale;
    cleanup.add(scale.subscribe(() => this.refresh()));
    this.#narrower = narrower;
    this.#brush = new Brush(
      this.#chart.element,
      {
        column,
        onRange: (range, live) => this.#narrow(range, live),
        locked: () => narrower.locked,
      },
      cleanup,
    );
    this.#words = h("button", { class: "lf-words", title: "Type a range", attrs: { type: "button" } });
    this.#input = h("input", {
      class: "lr-input lf-type",
      attrs: { type: "text", "aria-label": `Range of ${column}`, spellcheck: "false", hidden: true },
    });
    this.#clear = iconButton("close", `Clear the range of ${column}`, () => this.#narrow(null, false), {
      small: true,
      size: 12,
    });
    this.#range.append(this.#words, this.#input, this.#clear);
    cleanup.listen(this.#words, "click", () => this.#type());
    cleanup.listen(this.#input, "keydown", (event) => this.#onTypeKey(event));
    cleanup.listen(this.#input, "focusout", () => this.#typeDone());
    this.element = h(
      "div",
      { class: "lf-hist", attrs: { role: "group", "aria-label": column } },
      h("div", { class: "lf-hist-head" }, h("span", { class: "lf-name lr-cut", title: column }, column), this.#range),
      this.#brush.element,
      this.#unknown,
      this.#numbers,
    );
  }

  /** What the kernel says; while somebody drags here, the range stays theirs. */
  show(of: Histogram): void {
    this.#shown = of;
    const awaited = this.#brush.held || (this.#sent !== undefined && !sameInterval(this.#sent, of.range));
    this.#paint(awaited ? this.#brush.range : of.range);
  }

  /** The next answer knows of everything that was sent: its range counts. */
  settle(): void {
    if (!this.#brush.held) this.#sent = undefined;
  }

  /** After the kernel went or came back. */
  refresh(): void {
    if (this.#shown) this.#paint(this.#brush.range);
  }

  #narrow(range: Interval | null, live: boolean): void {
    if (this.#narrower.locked !== null) return;
    this.#sent = range;
    this.#paint(range);
    this.#narrower.narrow({ kind: "range", column: this.#column, low: null, high: null, ...range }, live);
  }

  #paint(range: Interval | null): void {
    const of = this.#shown;
    if (!of) return;
    const axis = axisOf(of);
    const known = of.known > 0;
    this.#brush.element.hidden = !known;
    this.#unknown.hidden = known;
    this.#unknown.title = known ? "" : `No image of the view has a value of ${of.column}`;
    this.#chart.draw(of, range, this.#scale.value);
    this.#brush.show(axis, range, (edge, end) => this.#said(of, axis, edge, end));
    setText(this.#words, intervalWords(range, axis));
    keepFocus(this.#range, () => {
      this.#range.hidden = range === null && this.#input.hidden;
    });
    setAttribute(this.#clear, "aria-disabled", this.#narrower.locked === null ? null : true);
    this.#paintNumbers(of, axis);
  }

  #paintNumbers(of: Histogram, axis: Axis): void {
    if (of.known === 0) {
      fill(this.#numbers);
      return;
    }
    const limited = of.limit !== null && of.limit > of.min && of.limit < of.max;
    const middle = limited ? `${of.limit} limit` : `median ${numberWords(of.median, axis, true)}`;
    fill(
      this.#numbers,
      h("span", {}, numberWords(of.min, axis, true)),
      h("span", {}, middle),
      h("span", {}, numberWords(of.max, axis, true)),
    );
    this.#numbers.title = of.missing > 0 ? `${counted(of.missing, "image")} without a value` : "";
  }

  #said(of: Histogram, axis: Axis, edge: number, end: "low" | "high"): string {
    const inside = of.passed.reduce((sum, count) => sum + count, 0);
    const value = end === "high" && axis.integer ? edge - 1 : edge;
    const word = end === "low" ? "from" : "up to";
    return `${of.column} ${word} ${numberWords(value, axis)}, ${number(inside)} ${inside === 1 ? "image" : "images"}`;
  }

  // -------------------------------------------------------------------------------------- typing

  #type(): void {
    if (this.#narrower.locked !== null) return;
    this.#input.value = typed(this.#brush.range);
    this.#input.hidden = false;
    this.#words.hidden = true;
    this.#input.focus();
    this.#input.select();
  }

  #onTypeKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Enter") {
      const range = readInterval(this.#input.value);
      setAttribute(this.#input, "aria-invalid", range === undefined ? true : null);
      if (range === undefined) {
        this.#input.title = "A range such as 0.4 to 0.72, > 0.4 or < 0.72";
        return;
      }
      this.#typeDone();
      this.#narrow(range, false);
    } else this.#typeDone();
    if (!this.#range.hidden) this.#words.focus();
  }

  #typeDone(): void {
    if (this.#input.hidden) return;
    this.#input.hidden = true;
    this.#input.title = "";
    setAttribute(this.#input, "aria-invalid", null);
    this.#words.hidden = false;
  }
}

import { h, setAttribute } from "../../dom.ts";
import type { Interval } from "../../protocol/filters.ts";
import type { Cleanup } from "../../signal.ts";
import { type Axis, edgesOf, fractionOf, intervalOf, rounded } from "./axis.ts";

const GRAB = 10; // pixels either side of an edge that take hold of it
const MEANT = 3; // pixels a pointer moves before it draws

type Hold = "low" | "high" | "move" | "draw";

interface Drag {
  pointer: number;
  hold: Hold;
  x: number;
  /** Edges when it began. */
  from: number;
  to: number;
  moved: boolean;
}

export interface BrushOptions {
  column: string;
  /** The range changed; `live` while it is still being changed. */
  onRange(range: Interval | null, live: boolean): void;
  /** Why nothing may be changed now, or null. */
  locked(): string | null;
}

const KEYS = "Left and right move it, up and down go to the other end";

/** An interval over a chart: drawn, moved and resized by pointer, by keys on its two grips, which are one tab stop. */
export class Brush {
  readonly element: HTMLElement;
  readonly #options: BrushOptions;
  readonly #area = h("div", { class: "lf-area" });
  readonly #low: HTMLElement;
  readonly #high: HTMLElement;
  #axis: Axis = { min: 0, end: 0, width: 1, integer: false };
  #range: Interval | null = null;
  #drag: Drag | null = null;
  #keyed = false;

  constructor(chart: Element, options: BrushOptions, cleanup: Cleanup) {
    this.#options = options;
    this.#low = grip(`${options.column}, from`);
    this.#high = grip(`${options.column}, up to`);
    this.element = h(
      "div",
      { class: "lf-plot", attrs: { role: "group", "aria-label": `${options.column} histogram` } },
      this.#area,
      chart,
      this.#low,
      this.#high,
    );
    cleanup.listen(this.element, "pointerdown", (event) => this.#press(event));
    cleanup.listen(this.element, "pointermove", (event) => this.#move(event));
    cleanup.listen(this.element, "pointerup", (event) => this.#release(event));
    cleanup.listen(this.element, "pointercancel", (event) => this.#release(event));
    cleanup.listen(this.element, "dblclick", () => {
      if (this.#options.locked() === null) this.#tell(null, false);
    });
    cleanup.listen(this.element, "keydown", (event) => this.#key(event));
    cleanup.listen(this.element, "keyup", () => this.#settle());
    cleanup.listen(this.element, "focusout", () => this.#settle());
    cleanup.listen(this.element, "focusin", (event) => this.#stop(event.target));
    this.#stop(this.#low);
  }

  get range(): Interval | null {
    return this.#range;
  }

  /** True while somebody changes it: what the kernel says about the range is older then. */
  get held(): boolean {
    return this.#drag !== null || this.#keyed;
  }

  /** Shows a range; `said` is how many images it leaves, for screen readers. */
  show(axis: Axis, range: Interval | null, said: (edge: number, end: "low" | "high") => string): void {
    this.#axis = axis;
    this.#range = range;
    const [from, to] = edgesOf(range, axis);
    const [left, right] = [fractionOf(from, axis) * 100, fractionOf(to, axis) * 100];
    this.element.classList.toggle("lf-plot-set", range !== null);
    this.#area.style.left = `${left}%`;
    this.#area.style.width = `${right - left}%`;
    const why = this.#options.locked();
    for (const [element, end, edge, place] of [
      [this.#low, "low", from, left],
      [this.#high, "high", to, right],
    ] as const) {
      element.style.left = `${place}%`;
      setAttribute(element, "aria-valuemin", axis.min);
      setAttribute(element, "aria-valuemax", axis.end);
      setAttribute(element, "aria-valuenow", edge);
      setAttribute(element, "aria-valuetext", said(edge, end));
      setAttribute(element, "aria-disabled", why === null ? null : true);
      element.title = why ?? KEYS;
    }
  }

  #tell(range: Interval | null, live: boolean): void {
    this.#range = range;
    this.#options.onRange(range, live);
  }

  // -------------------------------------------------------------------------------------- pointer

  #press(event: PointerEvent): void {
    if (event.button !== 0 || this.#drag || this.#options.locked() !== null || this.#axis.end <= this.#axis.min) return;
    const box = this.element.getBoundingClientRect();
    const at = (edge: number): number => box.left + fractionOf(edge, this.#axis) * box.width;
    const [from, to] = edgesOf(this.#range, this.#axis);
    this.#drag = {
      pointer: event.pointerId,
      hold: this.#range ? holdAt(event.clientX, at(from), at(to)) : "draw",
      x: event.clientX,
      from,
      to,
      moved: false,
    };
    this.element.setPointerCapture?.(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    if (!drag.moved && Math.abs(event.clientX - drag.x) < MEANT) return;
    drag.moved = true;
    const box = this.element.getBoundingClientRect();
    const { min, end } = this.#axis;
    const valueAt = (x: number): number =>
      min + Math.min(1, Math.max(0, (x - box.left) / Math.max(1, box.width))) * (end - min);
    this.#tell(dragged(drag, valueAt(drag.x), valueAt(event.clientX), this.#axis), true);
  }

  #release(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    this.#drag = null;
    if (drag.moved) this.#tell(this.#range, false);
  }

  // -------------------------------------------------------------------------------------- keyboard

  #key(event: KeyboardEvent): void {
    if (event.target !== this.#low && event.target !== this.#high) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const end = event.target === this.#low ? "low" : "high";
    const other = { ArrowDown: this.#low, ArrowUp: this.#high }[event.key];
    const edge = this.#edgeAfter(event, end);
    if (!other && edge === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (other) other.focus();
    else if (edge !== undefined && this.#options.locked() === null) this.#put(end, edge);
  }

  /** Where a key takes an edge; undefined where it takes it nowhere. */
  #edgeAfter({ key, shiftKey }: KeyboardEvent, end: "low" | "high"): number | undefined {
    const { min, end: last, width } = this.#axis;
    if (key === "Home") return min;
    if (key === "End") return last;
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[key];
    if (steps === undefined) return;
    const [from, to] = edgesOf(this.#range, this.#axis);
    const times = shiftKey && Math.abs(steps) === 1 ? 10 : 1;
    return rounded((end === "low" ? from : to) + steps * times * width, this.#axis);
  }

  #put(end: "low" | "high", edge: number): void {
    const [from, to] = edgesOf(this.#range, this.#axis);
    const least = this.#axis.integer ? 1 : 0; // one number at least stays inside
    this.#keyed = true;
    if (end === "low") this.#tell(intervalOf(Math.min(edge, to - least), to, this.#axis), true);
    else this.#tell(intervalOf(from, Math.max(edge, from + least), this.#axis), true);
  }

  /** The grip that had the keyboard last is the one that Tab goes to. */
  #stop(target: EventTarget | null): void {
    if (target !== this.#low && target !== this.#high) return;
    for (const each of [this.#low, this.#high]) each.tabIndex = each === target ? 0 : -1;
  }

  #settle(): void {
    if (!this.#keyed) return;
    this.#keyed = false;
    this.#tell(this.#range, false);
  }
}

function grip(label: string): HTMLElement {
  return h("div", { class: "lf-grip", attrs: { role: "slider", tabindex: 0, "aria-label": label } });
}

/** What a pointer takes hold of, given the two edges in pixels. */
function holdAt(x: number, low: number, high: number): Hold {
  const [toLow, toHigh] = [Math.abs(x - low), Math.abs(x - high)];
  if (Math.min(toLow, toHigh) <= GRAB) return toLow < toHigh || (toLow === toHigh && x < low) ? "low" : "high";
  return x > low && x < high ? "move" : "draw";
}

function dragged(drag: Drag, start: number, now: number, axis: Axis): Interval | null {
  if (drag.hold === "draw") return intervalOf(start, now, axis);
  if (drag.hold === "low") return intervalOf(now, drag.to, axis);
  if (drag.hold === "high") return intervalOf(drag.from, now, axis);
  const by = Math.min(Math.max(now - start, axis.min - drag.from), axis.end - drag.to);
  return intervalOf(drag.from + by, drag.to + by, axis);
}

import type { Cleanup } from "../../signal.ts";
import type { Bubble } from "./bubble.ts";
import type { Pen, Tool } from "./pen.ts";
import type { Point } from "./plane.ts";
import type { Stage } from "./stage.ts";
import type { Tools } from "./tools.ts";

export const REACH = 12; // pixels from the pointer to the point it means
const STEP = 60; // pixels that Shift and an arrow move the map
const TIMES = 1.5; // a key makes the map larger
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const TOOLS: Readonly<Record<string, Tool>> = { l: "lasso", b: "box", p: "pan" };

export interface Pieces {
  readonly stage: Stage;
  readonly bubble: Bubble;
  readonly pen: Pen;
  readonly tools: Tools;
}

export interface MovingOptions {
  /** What the colour of an image says, in words. */
  valueOf(at: number): string;
  /** @param only the others are let go */
  toggle(at: number, only: boolean): void;
  escape(): void;
  say(text: string): void;
}

/** Moving over the map by wheel, pointer and keys; the picture of the image one is on. */
export class Moving {
  readonly #at: Pieces;
  readonly #options: MovingOptions;

  constructor(pieces: Pieces, options: MovingOptions, cleanup: Cleanup) {
    this.#at = pieces;
    this.#options = options;
    const { element } = pieces.stage;
    cleanup.listen(element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(element, "wheel", (event) => this.#onWheel(event), { passive: false });
    cleanup.listen(element, "pointermove", (event) => this.#hover(event));
    cleanup.listen(element, "pointerleave", () => pieces.bubble.hide());
    cleanup.listen(element, "focusout", () => pieces.bubble.hide());
  }

  zoom(times: number, at?: Point): void {
    this.#at.stage.plane.zoom(times, at?.x, at?.y);
    this.#moved();
  }

  fit(): void {
    this.#at.stage.plane.fit();
    this.#moved();
  }

  pan(dx: number, dy: number): void {
    this.#at.stage.plane.pan(dx, dy);
    this.#moved();
  }

  #moved(): void {
    this.#at.bubble.hide();
    this.#at.stage.draw();
  }

  /** A wheel over the map scrolls the page until the map has the keyboard, or Ctrl is held. */
  #onWheel(event: WheelEvent): void {
    const { element } = this.#at.stage;
    if (!(event.ctrlKey || event.metaKey || element.matches(":focus-within"))) return;
    event.preventDefault();
    const { left, top } = element.getBoundingClientRect();
    this.zoom(1.0015 ** -event.deltaY, { x: event.clientX - left, y: event.clientY - top });
  }

  #hover(event: PointerEvent): void {
    const { stage, bubble, pen } = this.#at;
    if (pen.down || event.pointerType === "touch") return;
    if (event.target instanceof Element && event.target.closest(".em-tools")) {
      bubble.hide();
      return;
    }
    const { left, top } = stage.element.getBoundingClientRect();
    const at = stage.points.under(stage.plane, event.clientX - left, event.clientY - top, REACH);
    if (at < 0) bubble.hide();
    else void this.#show(at);
  }

  #show(at: number): Promise<string | null> {
    const { points, plane } = this.#at.stage;
    const place = points.place(at);
    return this.#at.bubble.show(points.ids[at] ?? 0, plane.toScreen(place.x, place.y), this.#options.valueOf(at));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.target !== this.#at.stage.element || event.altKey || event.isComposing) return;
    if (!this.#key(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #key({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    const arrow = ARROWS[key];
    if (arrow && shiftKey) this.pan(-arrow[0] * STEP, arrow[1] * STEP);
    else if (arrow) void this.#step(...arrow);
    else if (key === " " || key === "Enter") this.#choose(key === "Enter");
    else if (key === "Escape") this.#options.escape();
    else if (ctrlKey || metaKey) return false;
    else if (key === "+" || key === "=") this.zoom(TIMES);
    else if (key === "-") this.zoom(1 / TIMES);
    else if (key === "0") this.fit();
    else {
      const tool = TOOLS[key.toLowerCase()];
      if (!tool) return false;
      this.#at.tools.tool = tool;
    }
    return true;
  }

  #choose(only: boolean): void {
    const { active } = this.#at.stage;
    if (active >= 0) this.#options.toggle(active, only);
  }

  async #step(dx: number, dy: number): Promise<void> {
    const { stage } = this.#at;
    const { points, plane } = stage;
    const to = stage.active < 0 ? points.middle(plane) : points.towards(stage.active, dx, dy);
    if (to < 0) return;
    stage.active = to;
    const place = points.place(to);
    plane.reveal(place.x, place.y);
    stage.draw();
    const name = await this.#show(to);
    if (name === null || stage.active !== to) return;
    this.#options.say([name, this.#options.valueOf(to), points.selected(to) && "selected"].filter(Boolean).join(", "));
  }
}

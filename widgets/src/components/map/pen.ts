import type { SelectMode } from "../../protocol/map.ts";
import type { Cleanup } from "../../signal.ts";
import type { Point } from "./plane.ts";

export type Tool = "lasso" | "box" | "pan";

const MEANT = 4; // pixels a pointer moves before it draws
const APART = 3; // pixels between two corners of a lasso
const OFF = 1; // pixels that the line may be off where corners are left out

interface Stroke {
  pointer: number;
  tool: Tool;
  mode: SelectMode;
  moved: boolean;
  corners: Point[];
}

export interface PenOptions {
  tool(): Tool;
  /** The line so far, on the screen. */
  onLine(corners: readonly Point[]): void;
  onLasso(corners: readonly Point[], mode: SelectMode): void;
  onPan(dx: number, dy: number): void;
  onPress(at: Point, mode: SelectMode): void;
  /** Why nothing may be selected now, or null. */
  locked(): string | null;
}

/** What a pointer does on the map: draws around images, moves the map, presses one. */
export class Pen {
  readonly #element: HTMLElement;
  readonly #options: PenOptions;
  #stroke: Stroke | null = null;

  constructor(element: HTMLElement, options: PenOptions, cleanup: Cleanup) {
    this.#element = element;
    this.#options = options;
    cleanup.listen(element, "pointerdown", (event) => this.#press(event));
    cleanup.listen(element, "pointermove", (event) => this.#move(event));
    cleanup.listen(element, "pointerup", (event) => this.#release(event));
    cleanup.listen(element, "pointercancel", () => this.stop());
  }

  get down(): boolean {
    return this.#stroke !== null;
  }

  /** Lets go of a line that is being drawn. */
  stop(): void {
    this.#stroke = null;
    this.#options.onLine([]);
  }

  #press(event: PointerEvent): void {
    if (this.#stroke || (event.button !== 0 && event.button !== 1)) return;
    const tool = event.button === 1 ? "pan" : this.#options.tool();
    if (event.button === 1) event.preventDefault(); // no automatic scrolling
    this.#stroke = { pointer: event.pointerId, tool, mode: modeOf(event), moved: false, corners: [this.#at(event)] };
    this.#element.setPointerCapture?.(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const stroke = this.#stroke;
    if (stroke?.pointer !== event.pointerId) return;
    const at = this.#at(event);
    const [first, last] = [stroke.corners[0], stroke.corners.at(-1)];
    if (!first || !last) return;
    if (!stroke.moved && distance(first, at) < MEANT) return;
    stroke.moved = true;
    if (stroke.tool === "pan") {
      this.#options.onPan(at.x - last.x, at.y - last.y);
      stroke.corners = [first, at];
      return;
    }
    if (stroke.tool === "box") stroke.corners = [first, at];
    else if (distance(last, at) >= APART) stroke.corners.push(at);
    this.#options.onLine(outline(stroke));
  }

  #release(event: PointerEvent): void {
    const stroke = this.#stroke;
    if (stroke?.pointer !== event.pointerId) return;
    this.stop();
    const [first] = stroke.corners;
    const locked = this.#options.locked() !== null;
    if (!stroke.moved && first && event.button === 0 && !locked) this.#options.onPress(first, stroke.mode);
    const around = outline(stroke);
    if (stroke.moved && stroke.tool !== "pan" && around.length > 2 && !locked)
      this.#options.onLasso(stroke.tool === "box" ? around : thinned(around), stroke.mode);
  }

  #at({ clientX, clientY }: PointerEvent): Point {
    const { left, top } = this.#element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  }
}

function modeOf(event: PointerEvent): SelectMode {
  if (event.altKey) return "remove";
  return event.shiftKey || event.ctrlKey || event.metaKey ? "add" : "set";
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

function outline({ tool, corners }: Stroke): Point[] {
  const [from, to] = [corners[0], corners.at(-1)];
  if (tool !== "box" || !from || !to) return [...corners];
  return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
}

/** The line without the corners that it passes within a pixel anyway (Douglas and Peucker 1973). */
function thinned(corners: Point[]): Point[] {
  const [first, last] = [corners[0], corners.at(-1)];
  if (!first || !last || corners.length < 3) return corners;
  let far = 0;
  let most = OFF;
  for (const [at, corner] of corners.entries()) {
    const off = fromLine(corner, first, last);
    if (off > most) [far, most] = [at, off];
  }
  if (far === 0) return [first, last];
  return [...thinned(corners.slice(0, far + 1)), ...thinned(corners.slice(far)).slice(1)];
}

function fromLine({ x, y }: Point, from: Point, to: Point): number {
  const length = distance(from, to);
  if (length === 0) return Math.hypot(x - from.x, y - from.y);
  return Math.abs((to.x - from.x) * (from.y - y) - (from.x - x) * (to.y - from.y)) / length;
}

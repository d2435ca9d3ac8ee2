import { Mark, type SelectMode } from "../../protocol/map.ts";
import type { Plane, Point } from "./plane.ts";

/** The images of a map, by place in it. Thousands of them: plain loops over typed arrays. */
export class Points {
  readonly ids: Int32Array;
  /** x and y in turns. */
  readonly places: Float32Array;
  marks: Uint8Array;

  constructor(ids: Int32Array, places: Float32Array) {
    this.ids = ids;
    this.places = places;
    this.marks = new Uint8Array(ids.length).fill(Mark.shown);
  }

  /** Out of a buffer at any offset. */
  static of(bytes: Uint8Array, count: number): Points {
    const own = bytes.slice(0, count * 12).buffer;
    return new Points(new Int32Array(own, 0, count), new Float32Array(own, count * 4, count * 2));
  }

  get length(): number {
    return this.ids.length;
  }

  place(at: number): Point {
    return { x: this.places[2 * at] ?? 0, y: this.places[2 * at + 1] ?? 0 };
  }

  shown(at: number): boolean {
    return ((this.marks[at] ?? 0) & Mark.shown) !== 0;
  }

  selected(at: number): boolean {
    return ((this.marks[at] ?? 0) & Mark.selected) !== 0;
  }

  /** How many are shown. */
  get count(): number {
    return this.#having(Mark.shown);
  }

  /** How many of those are selected. */
  get chosen(): number {
    return this.#having(Mark.shown | Mark.selected);
  }

  #having(bits: number): number {
    let count = 0;
    for (const mark of this.marks) if ((mark & bits) === bits) count += 1;
    return count;
  }

  /** The point under the pointer: what is shown first, at most `reach` pixels away; -1 for none. */
  under(plane: Plane, x: number, y: number, reach: number): number {
    const centre = plane.toMap(x, y);
    let best = -1;
    let least = (reach / plane.scale) ** 2;
    let hidden = true;
    for (let at = 0; at < this.length; at += 1) {
      const dx = (this.places[2 * at] ?? 0) - centre.x;
      const dy = (this.places[2 * at + 1] ?? 0) - centre.y;
      const far = dx * dx + dy * dy;
      const dim = !this.shown(at);
      if (far > (reach / plane.scale) ** 2 || (dim && !hidden)) continue;
      if (far < least || (hidden && !dim)) {
        best = at;
        least = far;
        hidden = dim;
      }
    }
    return best;
  }

  /** The nearest shown point in a direction, no more than 45 degrees off it; -1 where the map ends. */
  towards(from: number, dx: number, dy: number): number {
    const start = this.place(from);
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < this.length; at += 1) {
      if (at === from || !this.shown(at)) continue;
      const x = (this.places[2 * at] ?? 0) - start.x;
      const y = (this.places[2 * at + 1] ?? 0) - start.y;
      const along = x * dx + y * dy;
      const across = Math.abs(x * dy) + Math.abs(y * dx);
      if (along <= 0 || across > along) continue;
      const far = along + across;
      if (far < least) {
        best = at;
        least = far;
      }
    }
    return best;
  }

  /** The shown point nearest to the middle of what is seen; -1 where none is shown. */
  middle(plane: Plane): number {
    return this.under(plane, plane.width / 2, plane.height / 2, Number.MAX_SAFE_INTEGER);
  }

  /** Marks what lies in a polygon as the kernel will: only what is shown, by the even-odd rule. */
  lasso(corners: readonly Point[], mode: SelectMode): void {
    const marks = this.marks.slice();
    const line = Float64Array.from(corners.flatMap(({ x, y }) => [x, y]));
    for (let at = 0; at < this.length; at += 1) {
      if (mode === "set") marks[at] = (marks[at] ?? 0) & ~Mark.selected;
      if (!this.shown(at) || !inside(this.places[2 * at] ?? 0, this.places[2 * at + 1] ?? 0, line)) continue;
      marks[at] = mode === "remove" ? (marks[at] ?? 0) & ~Mark.selected : (marks[at] ?? 0) | Mark.selected;
    }
    this.marks = marks;
  }

  /** Marks one image. */
  choose(at: number, mode: SelectMode): void {
    const marks = this.marks.slice();
    if (mode === "set") for (const [each, mark] of marks.entries()) marks[each] = mark & ~Mark.selected;
    if (at >= 0) marks[at] = mode === "remove" ? (marks[at] ?? 0) & ~Mark.selected : (marks[at] ?? 0) | Mark.selected;
    this.marks = marks;
  }
}

/** @param line corners, x and y in turns */
export function inside(x: number, y: number, line: Float64Array): boolean {
  let odd = false;
  let ax = line.at(-2) ?? 0;
  let ay = line.at(-1) ?? 0;
  for (let k = 0; k < line.length; k += 2) {
    const bx = line[k] ?? 0;
    const by = line[k + 1] ?? 0;
    if (by > y !== ay > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) odd = !odd;
    ax = bx;
    ay = by;
  }
  return odd;
}

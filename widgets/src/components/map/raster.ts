import { type Colouring, lookOf, type Palette, type Pixel } from "./colours.ts";
import type { Plane } from "./plane.ts";
import type { Points } from "./points.ts";

/** Pixels around the middle that a shape covers, in turns x and y. */
type Stamp = readonly number[];

const SQUARE = 0.886; // half the side of a square with the area of the disc
/** Disc, diamond, triangle, square, bar, ring: the marks of the tag categories. */
const SHAPES: readonly ((x: number, y: number, radius: number) => boolean)[] = [
  (x, y, r) => x * x + y * y <= r * r,
  (x, y, r) => Math.abs(x) + Math.abs(y) <= r * 1.25,
  (x, y, r) => y <= r * 0.9 && y >= -r * 1.2 && Math.abs(x) <= ((y + r * 1.2) / (r * 2.1)) * r * 1.25,
  (x, y, r) => Math.max(Math.abs(x), Math.abs(y)) <= r * SQUARE,
  (x, y, r) => Math.abs(x) <= r * 1.2 && Math.abs(y) <= r * 0.6,
  (x, y, r) => x * x + y * y <= r * r * 1.2 && x * x + y * y >= r * r * 0.35,
];

function stampOf(shape: number, radius: number): Stamp {
  const reach = Math.ceil(radius * 1.3);
  const stamp: number[] = [];
  for (let y = -reach; y <= reach; y += 1)
    for (let x = -reach; x <= reach; x += 1) if (SHAPES[shape]?.(x, y, radius)) stamp.push(x, y);
  return stamp;
}

/** The radius of a point in CSS pixels: many are small. */
export function radiusOf(count: number): number {
  if (count > 20_000) return 1.5;
  return count > 2_000 ? 2.5 : 4;
}

/**
 * Draws points into the pixels of a canvas, without a call per point: a hundred thousand of them in a few milliseconds.
 * What the search leaves out lies beneath, what is selected on top.
 */
export class Raster {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #image: ImageData | null = null;
  #pixels = new Uint32Array();

  constructor(element: HTMLCanvasElement) {
    this.element = element;
    this.#context = element.getContext("2d", { alpha: false });
  }

  /** @param ratio device pixels per CSS pixel */
  resize(width: number, height: number, ratio: number): void {
    const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    if (this.#image?.width === w && this.#image.height === h) return;
    this.element.width = w;
    this.element.height = h;
    this.#image = this.#context?.createImageData(w, h) ?? null;
    this.#pixels = new Uint32Array(this.#image?.data.buffer ?? new ArrayBuffer(4 * w * h));
  }

  draw(points: Points, plane: Plane, colouring: Colouring, palette: Palette, ratio: number): void {
    this.#pixels.fill(palette.ground);
    const radius = radiusOf(points.length) * ratio;
    const stamps = SHAPES.map((_, shape) => stampOf(shape, radius));
    const disc = stamps[0] ?? [];
    const [wide, gap] = [stampOf(0, radius + 3 * ratio), stampOf(0, radius + 1.5 * ratio)];
    const chosen: number[] = [];
    this.#each(points, plane, ratio, (at, x, y) => {
      if (points.selected(at)) chosen.push(at, x, y);
      else if (!points.shown(at)) this.#put(disc, x, y, palette.dim);
    });
    this.#each(points, plane, ratio, (at, x, y) => {
      if (!points.shown(at) || points.selected(at)) return;
      const [pixel, shape] = lookOf(colouring, palette, at);
      this.#put(stamps[shape] ?? disc, x, y, pixel);
    });
    for (let k = 0; k < chosen.length; k += 3) this.#put(wide, chosen[k + 1] ?? 0, chosen[k + 2] ?? 0, palette.ring);
    for (let k = 0; k < chosen.length; k += 3) this.#put(gap, chosen[k + 1] ?? 0, chosen[k + 2] ?? 0, palette.ground);
    for (let k = 0; k < chosen.length; k += 3) {
      const at = chosen[k] ?? 0;
      const [pixel, shape] = points.shown(at) ? lookOf(colouring, palette, at) : [palette.dim, 0];
      this.#put(stamps[shape] ?? disc, chosen[k + 1] ?? 0, chosen[k + 2] ?? 0, pixel);
    }
    if (this.#image) this.#context?.putImageData(this.#image, 0, 0);
  }

  /** Every point that is in sight, in device pixels. */
  #each(points: Points, plane: Plane, ratio: number, visit: (at: number, x: number, y: number) => void): void {
    const { places } = points;
    const { width, height } = this.element;
    const [scale, left, top] = [plane.scale * ratio, plane.x * ratio, plane.y * ratio];
    for (let at = 0; at < points.length; at += 1) {
      const x = Math.round(left + (places[2 * at] ?? 0) * scale);
      const y = Math.round(top - (places[2 * at + 1] ?? 0) * scale);
      if (x >= -8 && y >= -8 && x < width + 8 && y < height + 8) visit(at, x, y);
    }
  }

  #put(stamp: Stamp, x: number, y: number, pixel: Pixel): void {
    const { width, height } = this.element;
    for (let k = 0; k < stamp.length; k += 2) {
      const [px, py] = [x + (stamp[k] ?? 0), y + (stamp[k + 1] ?? 0)];
      if (px >= 0 && py >= 0 && px < width && py < height) this.#pixels[py * width + px] = pixel;
    }
  }
}

import { Mark } from "../../protocol/map.ts";
import { type Colouring, type Looks, looksOf, type Palette, type Pixel } from "./colours.ts";
import type { Plane } from "./plane.ts";
import type { Points } from "./points.ts";

const BOTH = Mark.shown | Mark.selected;
const MANY = 3_000; // selected points whose rings would hide each other
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

/** The pixels around the middle that a shape covers, as steps through the rows of a picture of this width. */
function stampOf(shape: number, radius: number, width: number): Int32Array {
  const reach = Math.ceil(radius * 1.3);
  const stamp: number[] = [];
  for (let y = -reach; y <= reach; y += 1)
    for (let x = -reach; x <= reach; x += 1) if (SHAPES[shape]?.(x, y, radius)) stamp.push(y * width + x);
  return Int32Array.from(stamp);
}

/** The radius of a point in CSS pixels: many are small. */
export function radiusOf(count: number): number {
  if (count > 20_000) return 1.5;
  return count > 2_000 ? 2.5 : 4;
}

/**
 * Draws points into the pixels of a canvas, without a call per point: a hundred thousand of them within a frame or two.
 * What the search leaves out lies beneath, what is selected on top.
 */
export class Raster {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #image: ImageData | null = null;
  /** Larger than the canvas by `#edge` on all sides, so that no stamp has to be cut. */
  #pixels = new Uint32Array();
  #edge = 0;
  #width = 0;
  /** Where each point lies in `#pixels`; -1 out of sight. */
  #at = new Int32Array();

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
    this.#edge = Math.ceil(16 * ratio);
    this.#width = w + 2 * this.#edge;
    this.#pixels = new Uint32Array(this.#width * (h + 2 * this.#edge));
    this.#image = this.#context?.createImageData(w, h) ?? null;
  }

  draw(points: Points, plane: Plane, colouring: Colouring, palette: Palette, ratio: number): void {
    const { marks } = points;
    const looks = looksOf(colouring, palette, points.length);
    const radius = radiusOf(points.length) * ratio;
    const stamps = SHAPES.map((_, shape) => stampOf(shape, radius, this.#width));
    const disc = stamps[0] ?? new Int32Array();
    this.#pixels.fill(palette.ground);
    this.#place(points, plane, ratio);
    this.#flat(marks, 0, disc, palette.dim);
    this.#looking(marks, Mark.shown, stamps, looks);
    const many = points.chosen > MANY;
    const rings: [Int32Array, Pixel][] = [[stampOf(0, radius + (many ? 1 : 3) * ratio, this.#width), palette.ring]];
    if (!many) rings.push([stampOf(0, radius + 1.5 * ratio, this.#width), palette.ground]);
    for (const [ring, pixel] of rings) {
      this.#flat(marks, Mark.selected, ring, pixel);
      this.#flat(marks, BOTH, ring, pixel);
    }
    this.#flat(marks, Mark.selected, disc, palette.dim);
    this.#looking(marks, BOTH, stamps, looks);
    this.#show();
  }

  /** All points of one mark in one colour. */
  #flat(marks: Uint8Array, mark: number, stamp: Int32Array, pixel: Pixel): void {
    for (let at = 0; at < marks.length; at += 1) if (marks[at] === mark) this.#put(stamp, at, pixel);
  }

  /** All points of one mark, each in its own colour and shape. */
  #looking(marks: Uint8Array, mark: number, stamps: readonly Int32Array[], { pixels, shapes }: Looks): void {
    for (let at = 0; at < marks.length; at += 1) {
      const stamp = stamps[shapes[at] ?? 0];
      if (marks[at] === mark && stamp) this.#put(stamp, at, pixels[at] ?? 0);
    }
  }

  #place(points: Points, plane: Plane, ratio: number): void {
    if (this.#at.length !== points.length) this.#at = new Int32Array(points.length);
    const { places } = points;
    const { width, height } = this.element;
    const [scale, left, top] = [plane.scale * ratio, plane.x * ratio, plane.y * ratio];
    const [edge, row, beyond] = [this.#edge, this.#width, 8];
    for (let at = 0; at < points.length; at += 1) {
      const x = Math.round(left + (places[2 * at] ?? 0) * scale);
      const y = Math.round(top - (places[2 * at + 1] ?? 0) * scale);
      const seen = x >= -beyond && y >= -beyond && x < width + beyond && y < height + beyond;
      this.#at[at] = seen ? (y + edge) * row + x + edge : -1;
    }
  }

  #put(stamp: Int32Array, at: number, pixel: Pixel): void {
    const middle = this.#at[at] ?? -1;
    if (middle < 0) return;
    const pixels = this.#pixels;
    for (const step of stamp) pixels[middle + step] = pixel;
  }

  #show(): void {
    const image = this.#image;
    if (!image) return;
    const rows = new Uint32Array(image.data.buffer);
    for (let y = 0; y < image.height; y += 1) {
      const from = (y + this.#edge) * this.#width + this.#edge;
      rows.set(this.#pixels.subarray(from, from + image.width), y * image.width);
    }
    this.#context?.putImageData(image, 0, 0);
  }
}

import { parseColor } from "../../theme.ts";

/** Bytes of a pixel as a canvas keeps them: alpha, blue, green, red. */
export type Pixel = number;

export interface Palette {
  ground: Pixel;
  /** Left out by the search. */
  dim: Pixel;
  /** Without a value. */
  unknown: Pixel;
  plain: Pixel;
  /** Around what is selected. */
  ring: Pixel;
  /** From low to high. */
  ramp: Pixel[];
  kinds: Pixel[];
}

export const STEPS = 64;
/** Tokens of kinds, in the order of their shapes; the legend draws the same. */
export const KINDS = ["--c-character", "--c-artist", "--c-trigger", "--c-series", "--c-rating", "--c-meta"] as const;
export const RAMP = ["--c-artist", "--bar-dim", "--bar"] as const;

type Rgb = readonly [number, number, number];

/** Reads the tokens as they are now; a canvas knows no custom properties. */
export function paletteOf(root: HTMLElement): Palette {
  const probe = document.createElement("span");
  root.append(probe);
  const token = (name: string): Rgb => {
    probe.style.color = `var(${name})`;
    const [red = 128, green = 128, blue = 128] = parseColor(getComputedStyle(probe).color) ?? [];
    return [red, green, blue];
  };
  const ends = RAMP.map(token);
  const palette = {
    ground: pixel(token("--bg")),
    dim: pixel(token("--line")),
    unknown: pixel(token("--line-2")),
    plain: pixel(token("--bar")),
    ring: pixel(token("--tx")),
    ramp: Array.from({ length: STEPS }, (_, step) => pixel(between(ends, step / (STEPS - 1)))),
    kinds: KINDS.map((name) => pixel(token(name))),
  };
  probe.remove();
  return palette;
}

function pixel([red, green, blue]: Rgb): Pixel {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}

function between(ends: readonly Rgb[], part: number): Rgb {
  const at = Math.min(ends.length - 2, Math.floor(part * (ends.length - 1)));
  const [from, to] = [ends[at] ?? [0, 0, 0], ends[at + 1] ?? [0, 0, 0]];
  const share = part * (ends.length - 1) - at;
  return [0, 1, 2].map((n) => (from[n] ?? 0) + ((to[n] ?? 0) - (from[n] ?? 0)) * share) as unknown as Rgb;
}

/** Which colour each image has: nothing asked, numbers, or kinds with a shape of their own. */
export interface Colouring {
  readonly by: string;
  readonly values?: Float32Array;
  readonly low?: number;
  readonly high?: number;
  readonly codes?: Uint8Array;
  readonly labels?: readonly string[];
  readonly counts?: readonly number[];
}

export const NONE = 255;

/** Colours and shapes of all images. */
export interface Looks {
  readonly pixels: Uint32Array;
  readonly shapes: Uint8Array;
}

let last: { colouring: Colouring; palette: Palette; looks: Looks } | null = null;

/** What each image looks like; kept until the colours are others, as a map is drawn at each move of it. */
export function looksOf(colouring: Colouring, palette: Palette, count: number): Looks {
  const known = last?.colouring === colouring && last.palette === palette && last.looks.pixels.length === count;
  if (last && known) return last.looks;
  const looks = { pixels: new Uint32Array(count), shapes: new Uint8Array(count) };
  for (let at = 0; at < count; at += 1) {
    const code = colouring.codes?.[at] ?? NONE;
    if (code !== NONE) looks.shapes[at] = code % palette.kinds.length;
    looks.pixels[at] = pixelOf(colouring, palette, at);
  }
  last = { colouring, palette, looks };
  return looks;
}

function pixelOf({ values, codes, low = 0, high = 1 }: Colouring, palette: Palette, at: number): Pixel {
  if (codes) {
    const code = codes[at] ?? NONE;
    return code === NONE ? palette.unknown : (palette.kinds[code % palette.kinds.length] ?? palette.plain);
  }
  if (!values) return palette.plain;
  const value = values[at] ?? Number.NaN;
  if (!Number.isFinite(value)) return palette.unknown;
  const part = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 1;
  return palette.ramp[Math.round(part * (STEPS - 1))] ?? palette.plain;
}

import type { Histogram, Interval } from "../../protocol/filters.ts";

/** Where values lie on a histogram. Edges are what is drawn; a whole number reaches from itself to the next. */
export interface Axis {
  readonly min: number;
  /** Where the last bin ends. */
  readonly end: number;
  readonly width: number;
  readonly integer: boolean;
}

export function axisOf(of: Pick<Histogram, "min" | "width" | "total" | "integer">): Axis {
  return { min: of.min, end: of.min + of.width * of.total.length, width: of.width, integer: of.integer };
}

/** The power of ten that a bin is worth: numbers a brush writes are multiples of it. */
function grain({ width, integer }: Axis): number {
  const power = 10 ** Math.floor(Math.log10(width));
  return integer ? Math.max(1, power) : power;
}

/** Digits after the point that tell one bin from the next. */
export function digitsOf(axis: Axis): number {
  return Math.min(9, Math.max(0, Math.round(-Math.log10(grain(axis)))));
}

/** A value as a brush writes it: no finer than a bin. */
export function rounded(value: number, axis: Axis): number {
  const step = grain(axis);
  return Number((Math.round(value / step) * step).toFixed(digitsOf(axis)));
}

/** The edges of an interval on the axis. */
export function edgesOf(range: Interval | null, axis: Axis): [number, number] {
  const high = range?.high ?? null;
  const clamp = (value: number): number => Math.min(Math.max(value, axis.min), axis.end);
  return [clamp(range?.low ?? axis.min), clamp(high === null ? axis.end : high + (axis.integer ? 1 : 0))];
}

/** The interval between two edges, unbounded where an edge is the end of the axis; null where both are. */
export function intervalOf(from: number, to: number, axis: Axis): Interval | null {
  const [left, right] = from <= to ? [from, to] : [to, from];
  const low = left <= axis.min ? null : rounded(left, axis);
  let high = right >= axis.end ? null : rounded(right, axis);
  if (axis.integer && high !== null) high = Math.max(high - 1, low ?? axis.min);
  return low === null && high === null ? null : { low, high };
}

/** Part of the axis' length, 0 to 1. */
export function fractionOf(value: number, { min, end }: Axis): number {
  return end > min ? (value - min) / (end - min) : 0;
}

export function sameInterval(one: Interval | null, other: Interval | null): boolean {
  return one?.low === other?.low && one?.high === other?.high;
}

/** Which bins an interval takes in: those whose middle lies inside. */
export function binsInside(range: Interval | null, axis: Axis, bins: number): boolean[] {
  const [from, to] = edgesOf(range, axis);
  return Array.from({ length: bins }, (_, bin) => {
    const middle = axis.min + (bin + 0.5) * axis.width;
    return middle >= from && middle <= to;
  });
}

// Numbers and intervals in words, and back.

import type { Interval } from "../../protocol/filters.ts";
import { type Axis, digitsOf } from "./axis.ts";

const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const MANY = 100_000;

/** A number of an axis: "0.40", "1,024", "1.2M". `short` leaves out zeros at the end. */
export function numberWords(value: number, axis: Axis, short = false): string {
  if (Math.abs(value) >= MANY) return COMPACT.format(value);
  const own = String(Number(value.toPrecision(6))).split(".")[1]?.length ?? 0;
  const digits = digitsOf(axis);
  return value.toLocaleString("en-US", {
    minimumFractionDigits: short ? 0 : digits,
    maximumFractionDigits: short ? digits : Math.min(Math.max(own, digits), digits + 2),
  });
}

/** "> 0.40", "0.40 to 0.72", "4 or more"; "" for no interval. */
export function intervalWords(range: Interval | null, axis: Axis): string {
  if (!range) return "";
  const low = range.low === null ? null : numberWords(range.low, axis);
  const high = range.high === null ? null : numberWords(range.high, axis);
  if (low !== null && high !== null) return low === high ? low : `${low} to ${high}`;
  if (low !== null) return axis.integer ? `${low} or more` : `> ${low}`;
  return axis.integer ? `up to ${high}` : `< ${high}`;
}

const NUMBER = "(-?(?:\\d+\\.?\\d*|\\.\\d+))";
const BETWEEN = new RegExp(`^${NUMBER}\\s*(?:to|\\.\\.|–|\\s-\\s)\\s*${NUMBER}$`);
const ABOVE = new RegExp(`^(?:>=?|≥|from)\\s*${NUMBER}$|^${NUMBER}\\s*or more$`);
const BELOW = new RegExp(`^(?:<=?|≤|up to)\\s*${NUMBER}$`);
const ALONE = new RegExp(`^${NUMBER}$`);

/** What somebody typed as an interval: null for none, undefined where it cannot be read. */
export function readInterval(text: string): Interval | null | undefined {
  const plain = text.trim().toLowerCase().replaceAll(",", "");
  if (plain === "") return null;
  const between = BETWEEN.exec(plain);
  if (between) {
    const [low, high] = [Number(between[1]), Number(between[2])];
    return { low: Math.min(low, high), high: Math.max(low, high) };
  }
  const above = ABOVE.exec(plain);
  if (above) return { low: Number(above[1] ?? above[2]), high: null };
  const below = BELOW.exec(plain);
  if (below) return { low: null, high: Number(below[1]) };
  const alone = ALONE.exec(plain);
  return alone ? { low: Number(alone[1]), high: Number(alone[1]) } : undefined;
}

/** An interval as it is typed: "0.4 to 0.72", "> 0.4". Exact, unlike the words. */
export function typed(range: Interval | null): string {
  if (!range) return "";
  if (range.low !== null && range.high !== null) return `${range.low} to ${range.high}`;
  return range.low !== null ? `> ${range.low}` : `< ${range.high}`;
}

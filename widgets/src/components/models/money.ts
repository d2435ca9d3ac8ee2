// Amounts as the picker writes them: prices, tokens in thousands and millions, where a run stops.

import { dollars } from "../../format.ts";

/** The price of something to do: an amount, "free", or that nobody knows. */
export function priced(cost: number | null): string {
  if (cost === null) return "price unknown";
  return cost === 0 ? "free" : dollars(cost);
}

/** "812", "118.0 k", "1.04 M". */
export function tokens(value: number): string {
  if (value < 1000) return String(value);
  if (value < 99_950) return `${(value / 1000).toFixed(1)} k`;
  return `${(value / 1_000_000).toFixed(value < 10_000_000 ? 2 : 1)} M`;
}

/** A round amount above what a run may cost at most: 0.55 gives 0.6, 1.31 gives 1.5. */
export function stopAbove(atMost: number): number {
  const finest = 0.01;
  if (atMost < finest) return finest;
  const step = Math.max(finest, 10 ** Math.floor(Math.log10(atMost)) / 2);
  const steps = Math.floor(atMost / step + 1e-9) + 1;
  return Number((steps * step).toFixed(2));
}

/** What somebody typed as an amount; null where it is none, such as 0,60: a comma could be either. */
export function amount(text: string): number | null {
  const bare = text.replace(/[$\s]/g, "");
  const value = Number(bare);
  return bare !== "" && Number.isFinite(value) && value > 0 ? value : null;
}

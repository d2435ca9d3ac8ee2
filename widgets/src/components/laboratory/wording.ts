import { counted, dollars, duration, number } from "../../format.ts";
import type { LabQuote, LabRow, LabState } from "../../protocol/laboratory.ts";

/** What is shorter was hardly measured. */
const LEAST = 0.1;

/** "2 prompts by 3 models on 12 images". */
export function madeOf({ prompts, models, images }: LabState): string {
  return `${counted(prompts, "prompt")} by ${counted(models, "model")} on ${counted(images, "image")}`;
}

/** "64%". */
export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

export function costOf({ free, cost }: Pick<LabRow, "free" | "cost">): string {
  if (free) return "free";
  return cost === null ? "unknown" : dollars(cost);
}

/** "1.4 s". */
export function secondsOf(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < LEAST) return "< 0.1 s";
  return `${seconds < 10 ? seconds.toFixed(1) : number(Math.round(seconds))} s`;
}

/** Texts with something wrong with them that the table has no column for. */
export function lintOf({ lint }: Pick<LabRow, "lint">): [rule: string, count: number][] {
  return Object.entries(lint).filter(([rule, count]) => count > 0 && rule !== "over budget");
}

/** The row of a cell for who cannot see the table. */
export function rowWords(row: LabRow): string {
  const preferred =
    row.share === null ? "no votes" : `preferred ${percent(row.share)} of decided, ${number(row.votes)} votes`;
  const parts = [
    `${row.prompt}, ${row.model}`,
    preferred,
    `${number(row.answered)} answered`,
    row.refused > 0 && `${number(row.refused)} refused`,
    row.failed > 0 && `${number(row.failed)} failed`,
    row.tokens !== null && `${number(Math.round(row.tokens))} tokens`,
    row.over !== null && `${percent(row.over)} over ${number(row.limit)}`,
    ...lintOf(row).map(([rule, count]) => `${number(count)} ${rule}`),
    row.free ? "free" : `cost for 1,000 images ${costOf(row)}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** "about $0.42, at most $0.60 · 3 min"; unknown is said. */
export function quoteWords({ send, cost, at_most, seconds }: LabQuote, free: boolean): string {
  if (send === 0) return "nothing to ask: all is answered";
  const most = at_most === null ? "" : `, at most ${dollars(at_most)}`;
  const known = cost === null ? "cost unknown" : `about ${dollars(cost)}${most}`;
  const price = free ? "free" : known;
  return seconds === null || seconds === 0 ? price : `${price} · ${duration(seconds)}`;
}

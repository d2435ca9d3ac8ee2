// What the picker says about models, plans and runs.

import { counted, duration, number } from "../../format.ts";
import type { ModelRow, ModelTarget, PastJob } from "../../protocol/models.ts";
import type { Job } from "../../protocol.ts";
import type { Offer } from "./session.ts";

/** In the order of the list. */
const KINDS: Readonly<Record<string, string>> = {
  tagger: "Taggers",
  captioner: "Captioners",
  annotator: "Annotators",
  scorer: "Scorers",
  embedder: "Embedders",
  upscaler: "Upscalers",
  vlm_api: "Services",
};

/** The kinds of some rows, in the order of the list; those nobody foresaw come last. */
export function kindsOf(rows: readonly ModelRow[]): string[] {
  const there = new Set(rows.map((row) => row.kind));
  const known = Object.keys(KINDS);
  return [...known.filter((kind) => there.has(kind)), ...[...there].filter((kind) => !known.includes(kind))];
}

/** Whether it can be picked: it is here or can be had, and a run takes its kind. */
export function canRun(row: ModelRow): boolean {
  return row.available && row.runnable;
}

export function kindTitle(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** "this machine", the provider it is sent to, or "plug-in". */
export function runsOn({ runs, provider }: ModelRow): string {
  return { here: "this machine", away: provider, plugin: "plug-in" }[runs];
}

export function stateOf(row: ModelRow): string {
  if (!row.available) return row.why_not ?? "Cannot run here";
  if (row.downloads) return row.size === null ? "Downloads first" : `Downloads ${row.size}`;
  return "Ready";
}

export function priceOf(row: ModelRow): string {
  return row.price ?? "price unknown";
}

/** The whole row for screen readers. */
export function rowName(row: ModelRow): string {
  const parts = [row.name, row.makes, `runs on ${runsOn(row)}`, stateOf(row)];
  if (canRun(row)) parts.push(priceOf(row), `${counted(row.todo, "image")} to do`);
  return parts.join(", ");
}

export function inTarget(images: number, target: ModelTarget): string {
  return `${counted(images, "image")} ${target === "selected" ? "selected" : "in view"}`;
}

export function pickedRows(offer: Offer | null, picked: ReadonlySet<string>): ModelRow[] {
  return offer?.rows.filter((row) => picked.has(row.id)) ?? [];
}

/** Answers that a run would bring: one for each image and model. */
export function leftOf(rows: readonly ModelRow[]): number {
  return rows.reduce((sum, row) => sum + row.todo, 0);
}

/** Why nothing can be run; null where it can. */
export function obstacle(offer: Offer | null, rows: readonly ModelRow[], target: ModelTarget): string | null {
  if (offer === null) return "Counting what is left to do";
  if (offer.images === 0) return target === "selected" ? "No image is selected" : "No images in view";
  if (rows.length === 0) return "Pick a model";
  if (leftOf(rows) > 0) return null;
  const all = offer.images === 1 ? "The image is" : `All ${number(offer.images)} images are`;
  return `${all} answered`;
}

/** How long a run takes, from answers of before; what was not measured is not guessed. */
export function lasts(rows: readonly ModelRow[]): string {
  const left = rows.filter((row) => row.todo > 0);
  if (left.some((row) => row.seconds === null)) return "not measured yet";
  return `about ${duration(left.reduce((sum, row) => sum + row.todo * (row.seconds ?? 0), 0))}`;
}

export function runText(rows: readonly ModelRow[]): string {
  const left = leftOf(rows);
  if (rows.length === 1) return `Run on ${counted(left, "image")}`;
  return `Run ${counted(rows.length, "model")}, ${counted(left, "answer")}`;
}

/** What leaves the machine, as far as it is known. */
export function leaves(rows: readonly ModelRow[]): string {
  if (rows.some((row) => row.runs === "plugin")) {
    return "A plug-in runs it: lorairo cannot say what leaves this machine.";
  }
  const away = [...new Set(rows.filter((row) => row.runs === "away").map((row) => row.provider))];
  if (away.length > 0) return `Images leave this machine. They go to ${away.join(", ")}.`;
  return "Nothing leaves this machine.";
}

/** How a run ended, numbers first. */
export function outcome({ state, done, total, failed }: Pick<PastJob, "state" | "done" | "total" | "failed">): string {
  const of = total === null ? number(done) : `${number(done)} of ${number(total)}`;
  if (state === "done") return `${number(done - failed)} answered`;
  return `${STATES[state]} at ${of}`;
}

const STATES: Readonly<Record<Job["state"], string>> = {
  running: "Running",
  stopping: "Stopping",
  stopped: "Stopped",
  done: "Done",
  failed: "Failed",
  interrupted: "Interrupted",
};

const WHEN = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** "3 Nov, 14:31", in the reader's own clock. */
export function when(iso: string): string {
  return WHEN.format(new Date(iso));
}

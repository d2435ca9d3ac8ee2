// What the picker says about models, plans and runs.

import { counted, duration, number } from "../../format.ts";
import type { ModelRow, ModelTarget, PastJob, Quote, QuotedModel, ServicePrice } from "../../protocol/models.ts";
import type { Job } from "../../protocol.ts";
import { priced } from "./money.ts";
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

/** "this machine", the service it is sent to, or "plug-in". */
export function runsOn({ runs, place }: ModelRow): string {
  return { here: "this machine", away: place, plugin: "plug-in" }[runs];
}

export function stateOf(row: ModelRow): string {
  if (!row.available) return row.why_not ?? "Cannot run here";
  if (row.downloads) return row.size === null ? "Downloads first" : `Downloads ${row.size}`;
  return "Ready";
}

/** A service at whose address nothing answers: it stays, grey, until it does. */
export function silenced(row: ModelRow): ModelRow {
  return { ...row, available: false, why_not: SILENT, remedy: `Start the server at ${row.place}.`, command: null };
}

export function isSilent(row: ModelRow): boolean {
  return row.own && row.why_not === SILENT;
}

const SILENT = "Not answering";

/** What a service takes for the images of the target: "$0.42 · 6 min"; empty until the kernel said it. */
export function priceOf(found: ServicePrice | undefined): string {
  if (found === undefined) return "";
  if (found.send === 0) return "nothing to send";
  const price = priced(found.cost);
  return found.seconds === null ? price : `${price} · ${duration(found.seconds)}`;
}

/** The whole row for screen readers. */
export function rowName(row: ModelRow): string {
  const parts = [row.name, row.makes, `runs on ${runsOn(row)}`, stateOf(row)];
  if (canRun(row) && row.service === null) parts.push(row.price ?? "price unknown");
  if (canRun(row)) parts.push(`${counted(row.todo, "image")} to do`);
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

/** What a press would send, and about what it costs: "Send 1,221 images · $0.42". */
export function sendText(send: number, cost: number | null, models: number): string {
  return `Send ${counted(send, models === 1 ? "image" : "picture")} · ${priced(cost)}`;
}

export function runText(rows: readonly ModelRow[]): string {
  const left = leftOf(rows);
  if (rows.length === 1) return `Run on ${counted(left, "image")}`;
  return `Run ${counted(rows.length, "model")}, ${counted(left, "answer")}`;
}

/** What leaves the machine, as far as it is known; what services are sent is told by their quote. */
export function leaves(rows: readonly ModelRow[]): string {
  if (rows.some((row) => row.runs === "plugin")) {
    return "A plug-in runs it: lorairo cannot say what leaves this machine.";
  }
  return "Nothing leaves this machine.";
}

/** "Leaves this machine: 1,221 images at up to 768 px, the prompt, no file names. Goes to OpenAI." */
export function sentAway(quote: Quote, inside: (model: QuotedModel) => boolean): string {
  const sent = quote.models.filter((model) => model.send > 0);
  const away = sent.filter((model) => !inside(model));
  if (sent.length === 0) return "Nothing would be sent.";
  const places = listed((away.length > 0 ? away : sent).map((model) => model.place));
  // What listens here may be a gateway to services elsewhere.
  if (away.length === 0) return `Goes to ${places} on this machine. What is sent on from there, lorairo cannot say.`;
  const says = [...new Set(away.flatMap((model) => model.says))];
  const prompt = says.length === 0 ? "the prompt" : `the prompt with ${listed(says)} of each`;
  const edge = Math.max(...away.map((model) => model.long_edge));
  const count = Math.max(...away.map((model) => model.send));
  const images = `${counted(count, "image")} at up to ${number(edge)} px`;
  const stays = away.some((model) => model.hours !== null) ? ", and stays there until the answers are fetched" : "";
  return `Leaves this machine: ${images}, ${prompt}, no file names. Goes to ${places}${stays}.`;
}

/** "a", "a and b", "a, b and c", each once. */
function listed(words: readonly string[]): string {
  const some = [...new Set(words)];
  const last = some.at(-1) ?? "";
  return some.length < 2 ? last : `${some.slice(0, -1).join(", ")} and ${last}`;
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

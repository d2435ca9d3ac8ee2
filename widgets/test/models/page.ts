// A model picker over a kernel that answers as a test says.

import { afterEach, beforeEach, vi } from "vitest";
import { models } from "../../src/components/models/models.ts";
import { alone } from "../../src/part.ts";
import type { ModelRow, PastJob } from "../../src/protocol/models.ts";
import type { Job } from "../../src/protocol.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null };

export let model: FakeModel;
export let el: HTMLElement;
let dispose: () => void = () => undefined;

export const row = (id: string, more: Partial<ModelRow> = {}): ModelRow => ({
  id,
  name: id,
  kind: "tagger",
  provider: "local",
  place: "local",
  own: false,
  inside: false,
  makes: "tags, rating",
  runs: "here",
  available: true,
  why_not: null,
  remedy: null,
  size: "4 KB",
  downloads: false,
  price: "free",
  licence: "mit",
  todo: 1221,
  runnable: true,
  command: null,
  seconds: null,
  thresholds: null,
  generation: null,
  service: null,
  ...more,
});

export const MISSING = row("gemini", {
  kind: "captioner",
  provider: "google",
  place: "Google",
  makes: "caption",
  runs: "away",
  available: false,
  why_not: "Needs GEMINI_API_KEY",
  remedy: "Set <b>GEMINI_API_KEY</b>",
  price: null,
});

export const job = (more: Partial<Job> = {}): Job => ({
  id: 7,
  label: "wd",
  state: "running",
  done: 0,
  total: 1221,
  failed: 0,
  seconds_left: null,
  ...more,
});

export const past = (more: Partial<PastJob> = {}): PastJob => ({
  id: 7,
  label: "wd",
  state: "done",
  done: 1221,
  total: 1221,
  failed: 0,
  started: "2026-11-03T14:31:00+00:00",
  resumable: false,
  budget: null,
  account: null,
  ...more,
});

export const offer = (rows: ModelRow[], more: object = {}) => ({
  rows,
  images: 1284,
  selected: 0,
  jobs: [],
  cuts: [],
  prompts: [],
  ...more,
});
export const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
export const last = (kind: string) => model.of(kind).at(-1) as Sent;

export const event = (name: string, payload: object) => model.receive({ v: 1, event: name, payload });

/** Answers the newest request of a kind. */
export async function answer(kind: string, ok: object): Promise<void> {
  model.ok(last(kind), ok);
  await tick();
}

export const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
export const one = (selector: string): HTMLElement => {
  const found = el.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
export const box = (id: string): HTMLElement => {
  const found = all('[role="checkbox"]').find((item) => item.getAttribute("aria-label")?.startsWith(`${id},`));
  if (!found) throw new Error(`no row ${id}`);
  return found;
};
export const run = () => one(".mp-foot > .lr-btn-primary");
export const stop = () => one(".mp-foot > .lr-btn:not(.lr-btn-primary)");
export const named = (text: string) => all(".mp-past button").find((item) => item.textContent === text);
export const toast = () => one(".lr-toast").textContent;

export async function open(rows: ModelRow[], more: object = {}, hello: object = {}): Promise<void> {
  dispose = widget(alone(models, "lorairo models")).render({ model, el });
  await answer("hello", { ...HELLO, ...hello });
  await answer("models", offer(rows, more));
}

export async function start(): Promise<void> {
  await open([row("wd")]);
  box("wd").click();
  run().click();
  await answer("models.run", { job: job(), code: 'view.annotate(["wd"])' });
  await answer("models", offer([row("wd")]));
}

/** Takes the page apart with something else than the widget it opened. */
export function disposeWith(other: () => void): void {
  dispose = other;
}

/** A page and a kernel of its own for each test of the file. */
export function freshPages(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    model = new FakeModel();
    el = document.createElement("div");
    document.body.append(el);
  });

  afterEach(() => {
    dispose();
    document.body.replaceChildren();
    vi.useRealTimers();
  });
}

import type { Model } from "../../src/channel.ts";
import type { Details, TagsOk } from "../../src/protocol.ts";

export interface Ask {
  id: string;
  kind: string;
  payload: Record<string, unknown>;
}

type Answer = Record<string, unknown> | { error: string } | undefined;

/** A kernel that answers in the next microtask with what its handlers give; undefined is silence. */
export class Kernel implements Model {
  readonly asked: Ask[] = [];
  readonly handlers = new Map<string, (payload: Record<string, unknown>, ask: Ask) => Answer>();
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();
  version = 1;

  get listeners(): number {
    let count = 0;
    for (const set of this.#listeners.values()) count += set.size;
    return count;
  }

  get(key: string): unknown {
    return { protocol: 1, theme: "light", height: 560 }[key];
  }
  set(): void {
    throw new Error("the tag editor writes no traits");
  }
  save_changes(): void {
    throw new Error("the tag editor writes no traits");
  }
  on(name: string, listener: (...args: never[]) => void): void {
    this.#listeners.set(name, (this.#listeners.get(name) ?? new Set()).add(listener));
  }
  off(name: string, listener: (...args: never[]) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }
  send(content: unknown): void {
    const ask = structuredClone(content) as Ask;
    this.asked.push(ask);
    const answer = this.handlers.get(ask.kind)?.(ask.payload, ask);
    if (answer !== undefined) queueMicrotask(() => this.reply(ask, answer));
  }
  reply(ask: Ask, answer: Record<string, unknown>): void {
    const body =
      "error" in answer
        ? { error: { kind: "error", message: answer.error } }
        : { ok: { version: this.version, ...answer } };
    const buffers = answer.buffers as DataView[] | undefined;
    this.#emit({ v: 1, id: ask.id, ...body }, buffers ?? []);
  }
  refuse(ask: Ask, kind: string, message: string): void {
    this.#emit({ v: 1, id: ask.id, error: { kind, message } }, []);
  }
  event(event: string, payload: Record<string, unknown>): void {
    this.#emit({ v: 1, event, payload: { version: this.version, ...payload } }, []);
  }
  #emit(content: unknown, buffers: DataView[]): void {
    for (const listener of [...(this.#listeners.get("msg:custom") ?? [])]) {
      (listener as (content: unknown, buffers: DataView[]) => void)(content, buffers);
    }
  }
  of(kind: string): Record<string, unknown>[] {
    return this.asked.filter((ask) => ask.kind === kind).map((ask) => ask.payload);
  }
}

export function details(id: number, over: Partial<Details> = {}): Details {
  return {
    id,
    name: `image_${id}.jpg`,
    path: `photos/image_${id}.jpg`,
    width: 640,
    height: 480,
    format: "JPEG",
    bytes: 12_345,
    stars: 0,
    excluded: false,
    reason: null,
    reviewed: false,
    caption: { variant: "default", text: `caption ${id}`, source: "model", variants: [], said: [], sentences: [] },
    tags: [
      { name: "dog", category: 0, source: "model", score: 0.9 },
      { name: "solo", category: 0, source: "hand" },
    ],
    suggested: [{ name: "grass", category: 0, source: "model", model: "a/b", score: 0.3 }],
    rejected: [],
    scores: { sharpness: 0.5 },
    ...over,
  };
}

export function tagsOf(count: number, over: Partial<TagsOk> = {}): TagsOk {
  return {
    count,
    revision: 1,
    on_all: [{ name: "dog", category: 0, source: "model" }],
    on_some: [
      { name: "grass", category: 0, count: 2 },
      { name: "snow", category: 0, count: 1 },
    ],
    judged: true,
    suggested: [{ name: "leash", category: 0, count: 1, score: 0.3 }],
    rejected: [],
    captions: { different: count, empty: 0, text: null, variant: "default" },
    sample: Array.from({ length: Math.min(36, count) }, (_, at) => at + 1),
    limits: { min: 1, median: 2, max: 3 },
    tokens: { limit: 75, over: 0 },
    ...over,
  };
}

const NONE = { can_undo: null, can_redo: null };

/** A kernel with `count` selected images; image at position p has the id p + 1. */
export function kernel(count: number): Kernel {
  const made = new Kernel();
  const selection = { ranges: count > 0 ? [[0, count]] : [], count };
  made.handlers.set("hello", () => ({
    ...NONE,
    project: "my-dog",
    path: "",
    count: 100,
    total: 100,
    query: "",
    order: "",
    cell: 120,
    readonly: false,
    author: "mira",
    selection,
    active: count > 0 ? 1 : null,
    job: null,
    state: "ready",
  }));
  made.handlers.set("index", ({ start, stop }) => {
    const [from, to] = [start as number, stop as number];
    const view = new DataView(new ArrayBuffer(11 * (to - from)));
    for (let at = from; at < to; at++) view.setInt32(4 * (at - from), at + 1, true);
    return { start: from, stop: to, buffers: [view] };
  });
  made.handlers.set("details", ({ id }) => ({ ...details(id as number) }));
  made.handlers.set("tags", () => ({ ...tagsOf(count) }));
  made.handlers.set("thumbs", () => ({ ids: [], lengths: [], type: "image/jpeg", errors: {} }));
  made.handlers.set("select", () => ({ count: 1 }));
  made.handlers.set("edit", () => ({
    ...NONE,
    message: "Edited",
    count: 1,
    operation: 1,
    can_undo: { message: "edited" },
  }));
  made.handlers.set("undo", () => ({ ...NONE, message: "Undone: edited", can_redo: { message: "edited" } }));
  made.handlers.set("complete", () => ({ options: [] }));
  made.handlers.set("captions.tokens", () => ({ tokens: [] }));
  made.handlers.set("having", () => ({ ids: [1] }));
  return made;
}

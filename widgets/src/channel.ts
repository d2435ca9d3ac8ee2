import { type HostBuffer, toBytes } from "./buffers.ts";
import { LEFT_EVENT, leftOnPage } from "./left.ts";
import {
  type Ask,
  EDITS,
  type Events,
  type Incoming,
  type Kind,
  MAX_REQUEST_CHARS,
  type Ok,
  PROTOCOL,
  type WireError,
} from "./protocol.ts";
import { type Dispose, Signal } from "./signal.ts";

/** The part of an anywidget model that the widgets use. */
export interface Model {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  on(name: string, listener: (...args: never[]) => void): void;
  off(name: string, listener: (...args: never[]) => void): void;
}

/** ready: answers come. busy: none for 1.5 s (a cell is running). gone: two repeats stayed unanswered. */
export type Health = "ready" | "busy" | "gone";

export const BUSY_AFTER = 1500;
export const RETRY_AFTER = 4000;
export const MAX_REPEATS = 2;

/** A request the kernel refused. `position` and `length` point into the text of a query. */
export class KernelError extends Error {
  readonly kind: string;
  readonly position: number | undefined;
  readonly length: number | undefined;

  /** By name: the parts of the workbench are bundles of their own, each with its own copy of this class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value !== null && typeof value === "object" && "name" in value && value.name === "KernelError";
  }

  constructor(error: WireError) {
    super(error.message);
    this.name = "KernelError";
    this.kind = error.kind;
    this.position = error.position;
    this.length = error.length;
  }
}

export interface Answer<K extends Kind> {
  ok: Ok<K>;
  /** Binary parts, whatever form the host gave them. */
  buffers: Uint8Array[];
}

/** A change made here that the kernel has not confirmed. */
export interface Unsaved {
  readonly kind: Kind;
  readonly payload: object;
}

/** What the kernel said of the change it answered last. */
export type Outcome = { readonly saved: Date } | { readonly refused: string };

interface Pending {
  kind: Kind;
  content: { payload: object };
  askedAt: number;
  sentAt: number;
  repeats: number;
  resolve(answer: Answer<Kind>): void;
  reject(error: unknown): void;
}

let clients = 0;

/** A name no other view of any page uses; ids of requests start with it. */
function clientName(): string {
  clients += 1;
  return `${Math.random().toString(36).slice(2, 8)}${Date.now().toString(36).slice(-4)}${clients}`;
}

/**
 * Requests and events over an anywidget model.
 *
 * A request is repeated under the same id when nothing answers (replies can be dropped by a server), and stays
 * pending for as long as the kernel is silent: an edit made while a cell runs is saved after it.
 */
export class Channel {
  readonly client = clientName();
  readonly health = new Signal<Health>("ready");
  /** Edits sent and not yet confirmed. */
  readonly waiting = new Signal(0);
  /** Null until a change was answered. */
  readonly outcome = new Signal<Outcome | null>(null);
  /** Changes that an earlier widget of this project never heard a confirmation of. */
  readonly left = new Signal<readonly Unsaved[]>([]);
  /** True once the kernel spoke another protocol: the page must be reloaded. */
  readonly mismatch = new Signal(false);
  readonly #model: Model;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  readonly #receive: (content: Incoming, buffers?: HostBuffer[]) => void;
  /** Of the project, as the kernel told it. */
  #path: string | null = null;
  #next = 0;
  #heardAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(model: Model) {
    this.#model = model;
    this.#receive = (content, buffers) => this.#incoming(content, buffers ?? []);
    model.on("msg:custom", this.#receive);
  }

  /** The model's trait, or `fallback` where the host did not send it. */
  trait<T>(key: string, fallback: T): T {
    return (this.#model.get(key) as T | null | undefined) ?? fallback;
  }

  onTrait(key: string, listener: () => void): Dispose {
    this.#model.on(`change:${key}`, listener);
    return () => this.#model.off(`change:${key}`, listener);
  }

  /**
   * Asks the kernel. Rejects with a KernelError when it refuses, with an AbortError when `signal` aborts
   * (the kernel is told to drop the work).
   */
  request<K extends Kind>(kind: K, payload: Ask<K>, signal?: AbortSignal): Promise<Answer<K>> {
    const id = `${this.client}-${this.#next++}`;
    const content = { v: PROTOCOL, id, kind, payload };
    if (JSON.stringify(content).length > MAX_REQUEST_CHARS) {
      return Promise.reject(new KernelError({ kind: "too_large", message: "Too much for one message: select less." }));
    }
    if (this.#closed || signal?.aborted) return Promise.reject(aborted());
    return new Promise<Answer<K>>((resolve, reject) => {
      const onAbort = (): void => {
        if (!this.#settle(id)) return;
        this.#send({ v: PROTOCOL, id, kind: "cancel", payload: {} });
        reject(aborted());
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const forget = (): void => signal?.removeEventListener("abort", onAbort);
      this.#pending.set(id, {
        kind,
        content,
        askedAt: Date.now(),
        sentAt: Date.now(),
        repeats: 0,
        resolve: (answer) => {
          forget();
          resolve(answer as Answer<K>);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      this.#count();
      this.#send(content);
      this.#schedule();
    });
  }

  on<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): Dispose {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(listener as (payload: never) => void);
    return () => set.delete(listener as (payload: never) => void);
  }

  /** The changes not confirmed, in the order they were made. */
  get unsaved(): readonly Unsaved[] {
    return this.#edits().map(({ kind, content }) => ({ kind, payload: content.payload }));
  }

  /** Up to when everything is saved, given when the last change was confirmed: no later than the first one that waits. */
  savedUntil(confirmed: Date): Date {
    const first = this.#edits()[0];
    return first && first.askedAt < confirmed.getTime() ? new Date(first.askedAt) : confirmed;
  }

  /** Sends everything unanswered again: the "Try again" button. */
  retry(): void {
    this.#again();
    if (this.#pending.size > 0) this.health.value = "busy";
    this.#schedule();
  }

  /** Drops the listener and the timer; pending requests reject with an AbortError. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leave();
    clearTimeout(this.#timer);
    this.#model.off("msg:custom", this.#receive);
    for (const pending of [...this.#pending.values()]) pending.reject(aborted());
    this.#pending.clear();
    this.#listeners.clear();
  }

  /** A silent kernel may still come to what it was sent; one given up on will not. */
  #leave(): void {
    const edits = [...this.left.value, ...(this.health.value === "gone" ? this.unsaved : [])];
    if (this.#path === null || edits.length === 0) return;
    leftOnPage().set(this.#path, edits);
    globalThis.dispatchEvent(new Event(LEFT_EVENT));
  }

  /** The first widget that can show them takes the changes left behind. */
  takeLeft(): void {
    if (this.#path === null || this.#closed) return;
    const left = leftOnPage().get(this.#path);
    if (!left) return;
    leftOnPage().delete(this.#path);
    this.left.value = [...this.left.value, ...left];
  }

  #again(): void {
    for (const pending of this.#pending.values()) {
      pending.repeats = 0;
      pending.sentAt = Date.now();
      this.#send(pending.content);
    }
  }

  #send(content: object): void {
    try {
      this.#model.send(content);
    } catch {
      // A dead comm throws in some hosts. Silence is handled as silence: by the repeats.
    }
  }

  #settle(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending) {
      this.#pending.delete(id);
      this.#count();
      this.#schedule();
    }
    return pending;
  }

  #count(): void {
    this.waiting.value = this.#edits().length;
  }

  #edits(): Pending[] {
    return [...this.#pending.values()].filter(({ kind }) => EDITS.has(kind));
  }

  #incoming(content: Incoming, buffers: HostBuffer[]): void {
    if (this.#closed || typeof content !== "object" || content === null) return;
    if ("v" in content && content.v !== PROTOCOL) {
      this.mismatch.value = true;
      return;
    }
    this.#heardAt = Date.now();
    if ("event" in content) {
      for (const listener of [...(this.#listeners.get(content.event) ?? [])]) listener(content.payload as never);
    } else if ("id" in content) this.#reply(content, buffers);
    // Given up on and heard again: what was dropped meanwhile is asked once more, under its own id.
    if (this.health.value === "gone") this.#again();
    this.health.value = "ready";
    this.#schedule();
  }

  #reply(content: Exclude<Incoming, { event: unknown }>, buffers: HostBuffer[]): void {
    const refusal = "error" in content ? content.error : null;
    const kind = this.#pending.get(content.id)?.kind;
    const onlyAsked = "ok" in content && content.ok.message === null; // the kernel asks back, and changed nothing
    if (kind && EDITS.has(kind) && !onlyAsked) {
      // Before the count of those that wait goes down: who follows it reads what became of the change.
      this.outcome.value = refusal ? { refused: refusal.message.replace(/\.$/, "") } : { saved: new Date() };
    }
    if (kind === "hello" && "ok" in content) this.#path = String(content.ok.path);
    const pending = this.#settle(content.id);
    if (refusal?.kind === "protocol") this.mismatch.value = true;
    if (refusal) pending?.reject(new KernelError(refusal));
    else if ("ok" in content) {
      pending?.resolve({ ok: content.ok as unknown as Ok<Kind>, buffers: buffers.map(toBytes) });
    }
  }

  /** One timer for the earliest thing that silence would bring about. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#pending.size === 0) return;
    const now = Date.now();
    let due = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending.values()) {
      const quietSince = Math.max(pending.sentAt, this.#heardAt);
      if (this.health.value === "ready") due = Math.min(due, quietSince + BUSY_AFTER);
      if (pending.repeats <= MAX_REPEATS) due = Math.min(due, pending.sentAt + RETRY_AFTER);
    }
    if (due !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#tick(), Math.max(due - now, 0));
  }

  #tick(): void {
    const now = Date.now();
    for (const pending of this.#pending.values()) {
      const quietSince = Math.max(pending.sentAt, this.#heardAt);
      if (this.health.value === "ready" && now - quietSince >= BUSY_AFTER) this.health.value = "busy";
      if (now - pending.sentAt < RETRY_AFTER || pending.repeats > MAX_REPEATS) continue;
      // A kernel that speaks is slow with this one or its reply was dropped: ask on, it is not gone.
      if (now - this.#heardAt >= RETRY_AFTER) pending.repeats += 1;
      if (pending.repeats <= MAX_REPEATS) {
        pending.sentAt = now;
        this.#send(pending.content);
      } else this.health.value = "gone";
    }
    this.#schedule();
  }
}

function aborted(): DOMException {
  return new DOMException("The request was cancelled.", "AbortError");
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

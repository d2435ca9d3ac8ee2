import type { HostBuffer } from "../src/buffers.ts";
import type { Model } from "../src/channel.ts";

export interface Sent {
  v: number;
  id: string;
  kind: string;
  payload: Record<string, unknown>;
}

type Listener = (...args: never[]) => void;

/** An anywidget model whose kernel is the test. */
export class FakeModel implements Model {
  readonly sent: Sent[] = [];
  readonly traits: Record<string, unknown>;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(traits: Record<string, unknown> = { protocol: 1 }) {
    this.traits = traits;
  }

  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  get last(): Sent {
    const sent = this.sent.at(-1);
    if (!sent) throw new Error("nothing was sent");
    return sent;
  }

  of(kind: string): Sent[] {
    return this.sent.filter((message) => message.kind === kind);
  }

  get(key: string): unknown {
    return this.traits[key];
  }

  set(key: string, value: unknown): void {
    this.traits[key] = value;
    this.#emit(`change:${key}`);
  }

  save_changes(): void {
    throw new Error("the widgets write no traits");
  }

  send(content: unknown): void {
    this.sent.push(content as Sent);
  }

  on(name: string, listener: Listener): void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener));
  }

  off(name: string, listener: Listener): void {
    this.#listeners.get(name)?.delete(listener);
  }

  receive(content: object, buffers: HostBuffer[] = []): void {
    this.#emit("msg:custom", content, buffers);
  }

  ok(request: Sent, ok: object = {}, buffers: HostBuffer[] = []): void {
    this.receive({ v: 1, id: request.id, ok: { version: 1, ...ok } }, buffers);
  }

  fail(request: Sent, error: object): void {
    this.receive({ v: 1, id: request.id, error });
  }

  #emit(name: string, ...args: unknown[]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(...(args as never[]));
  }
}

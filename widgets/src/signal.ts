export type Dispose = () => void;

/** A value that tells its listeners when it changed. */
export class Signal<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set value(next: T) {
    if (Object.is(next, this.#value)) return;
    this.#value = next;
    for (const listener of [...this.#listeners]) listener(next);
  }

  /** Calls `listener` at each change; with `now` also at once. */
  subscribe(listener: (value: T) => void, now = false): Dispose {
    this.#listeners.add(listener);
    if (now) listener(this.#value);
    return () => this.#listeners.delete(listener);
  }
}

/** What a component owes when it goes: listeners, timers, observers. Disposing twice is harmless. */
export class Cleanup {
  readonly #abort = new AbortController();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #disposers: Dispose[] = [];

  /** Pass it to addEventListener; aborted on dispose. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get done(): boolean {
    return this.#abort.signal.aborted;
  }

  add(dispose: Dispose): void {
    if (this.done) dispose();
    else this.#disposers.push(dispose);
  }

  /** A timeout that never outlives its owner. Returns what cancels it. */
  after(ms: number, run: () => void | Promise<void>): Dispose {
    if (this.done) return () => undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void run();
    }, ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  listen<K extends keyof HTMLElementEventMap>(
    target: EventTarget,
    type: K,
    handler: (event: HTMLElementEventMap[K]) => void,
    options: AddEventListenerOptions = {},
  ): void {
    target.addEventListener(type, handler as EventListener, { ...options, signal: this.signal });
  }

  dispose(): void {
    if (this.done) return;
    this.#abort.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const dispose of this.#disposers.splice(0).reverse()) dispose();
  }
}

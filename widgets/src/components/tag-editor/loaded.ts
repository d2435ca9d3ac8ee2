import { isAbort } from "../../channel.ts";
import type { EditAction } from "../../protocol.ts";
import { Signal } from "../../signal.ts";
import { Pending } from "./optimistic.ts";

/**
 * One thing shown from the kernel: its last answer with the edits on top that the answer does not contain yet.
 *
 * Another subject aborts the request on its way; a reload of the same subject waits for it and asks once more, so a
 * stream of changes is answered and never starves.
 */
export class Loaded<T> {
  readonly shown = new Signal<T | null>(null);
  /** Why the last load failed, in words; null after one that did not. */
  readonly failure = new Signal<string | null>(null);
  readonly #pending = new Pending();
  readonly #after: (state: T, edit: EditAction) => T;
  #load: ((signal: AbortSignal) => Promise<T>) | null = null;
  #abort: AbortController | null = null;
  #again = false;
  #base: T | null = null;
  /** The subject `#base` belongs to: while another one is on its way, edits are not drawn on the old one. */
  #baseOf: ((signal: AbortSignal) => Promise<T>) | null = null;

  constructor(after: (state: T, edit: EditAction) => T) {
    this.#after = after;
  }

  /** Shows another subject. What was shown stays on the screen until the answer comes. */
  open(load: (signal: AbortSignal) => Promise<T>): void {
    this.close(true);
    this.#load = load;
    void this.#run();
  }

  /** Loads the same subject again. */
  reload(): void {
    if (this.#load === null) return;
    if (this.#abort) this.#again = true;
    else void this.#run();
  }

  /** Shows nothing more; also drops the edits, which belong to the former subject. */
  close(keep = false): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#load = null;
    this.#again = false;
    this.#pending.clear();
    this.failure.value = null;
    if (!keep) {
      this.#base = null;
      this.#publish();
    }
  }

  /** Shows an edit at once; what is returned confirms it or takes it back. */
  apply(edit: EditAction): (made: boolean) => void {
    if (this.#baseOf !== this.#load) return () => undefined;
    const settle = this.#pending.add(edit);
    this.#publish();
    return (made) => {
      settle(made);
      this.#publish();
    };
  }

  #publish(): void {
    this.shown.value = this.#base === null ? null : this.#pending.apply(this.#base, this.#after);
  }

  async #run(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    while (this.#load !== null && !abort.signal.aborted) {
      this.#again = false;
      const moment = this.#pending.now();
      try {
        const load = this.#load;
        const base = await load(abort.signal);
        if (abort.signal.aborted) return;
        this.#base = base;
        this.#baseOf = load;
        this.#pending.loaded(moment);
        this.failure.value = null;
        this.#publish();
      } catch (error) {
        if (abort.signal.aborted || isAbort(error)) break;
        this.failure.value = error instanceof Error ? error.message : String(error);
      }
      if (!this.#again) break;
    }
    if (this.#abort === abort) this.#abort = null;
  }
}

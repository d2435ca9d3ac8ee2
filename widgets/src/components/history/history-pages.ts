import type { Operation } from "../../protocol/history.ts";
import type { Ok } from "../../protocol.ts";

/** Rows per request. */
export const PAGE = 100;
const BEFORE = 30;

/** What stands in a row: a change, one that is not loaded yet, or the line between what is undone and what is not. */
export type Item = Operation | "now" | null;

export type AskHistory = (start: number, stop: number, filter: string) => Promise<Ok<"history">>;

/**
 * The history as far as it was looked at. One request is in flight; what was asked for meanwhile comes after it, the
 * latest first.
 */
export class HistoryPages {
  readonly #ask: AskHistory;
  readonly #onChange: () => void;
  #rows: (Operation | null)[] = [];
  #summary: Pick<Ok<"history">, "undone" | "changes" | "since"> | null = null;
  #filter = "";
  #wanted: { at: number; anew: boolean } | null = null;
  #busy = false;

  constructor(ask: AskHistory, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** How many changes there are without the filter, and since when; null until the kernel answered. */
  get summary(): { changes: number; since: string | null } | null {
    return this.#summary;
  }

  get filter(): string {
    return this.#filter;
  }

  get undone(): number {
    return this.#summary?.undone ?? 0;
  }

  get items(): Item[] {
    const { undone } = this;
    return undone === 0 ? this.#rows : [...this.#rows.slice(0, undone), "now", ...this.#rows.slice(undone)];
  }

  find(id: number): Operation | undefined {
    return this.#rows.find((row) => row?.id === id) ?? undefined;
  }

  /** Shows only what a text is in; empty shows all. */
  narrow(filter: string): Promise<void> {
    this.#filter = filter;
    return this.reload(0);
  }

  /** Asks again, around an item: the history is another now. What stands there stays until the answer. */
  reload(item: number): Promise<void> {
    return this.#want(Math.max(0, item - BEFORE), true);
  }

  /** An item that is not loaded came into sight. */
  need(item: number): void {
    if (this.#wanted?.anew) return;
    void this.#want(Math.max(0, item - (item > this.undone ? 1 : 0)), false);
  }

  async #want(at: number, anew: boolean): Promise<void> {
    this.#wanted = { at, anew };
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#wanted) {
        const { at: start, anew: all } = this.#wanted;
        this.#wanted = null;
        if (all || !this.#rows[start]) await this.#load(start);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #load(start: number): Promise<void> {
    const filter = this.#filter;
    const ok = await this.#ask(start, start + PAGE, filter);
    if (filter !== this.#filter) return;
    // Another length: there were changes since, and what was loaded may stand elsewhere.
    const same = this.#rows.length === ok.total && this.undone === ok.undone && this.#wanted === null;
    const known = same && this.#summary?.changes === ok.changes ? this.#rows : [];
    this.#rows = Array.from({ length: ok.total }, (_, at) => ok.rows[at - ok.start] ?? known[at] ?? null);
    this.#summary = ok;
    this.#onChange();
  }
}

import { isAbort } from "../../channel.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import type { Session } from "./session.ts";

const CALM_MS = 80;

/** Asks which of the sample images have a tag; only the latest question is answered. */
export class Having {
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #known = new Map<string, ReadonlySet<number>>();
  #calm: Dispose | null = null;
  #asking: AbortController | null = null;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
    cleanup.add(() => this.forget());
  }

  /** After a change: what was known may be wrong. */
  forget(): void {
    this.cancel();
    this.#known.clear();
  }

  cancel(): void {
    this.#calm?.();
    this.#asking?.abort();
    this.#asking = null;
  }

  ask(name: string, ids: readonly number[], use: (having: ReadonlySet<number>) => void): void {
    this.cancel();
    const known = this.#known.get(name);
    if (known) use(known);
    else if (ids.length > 0) this.#calm = this.#cleanup.after(CALM_MS, () => void this.#request(name, ids, use));
  }

  async #request(name: string, ids: readonly number[], use: (having: ReadonlySet<number>) => void): Promise<void> {
    const abort = new AbortController();
    this.#asking = abort;
    try {
      const { ok } = await this.#session.channel.request("having", { name, ids: [...ids] }, abort.signal);
      if (abort.signal.aborted) return;
      const having = new Set(ok.ids);
      this.#known.set(name, having);
      use(having);
    } catch (error) {
      // An outline is an extra; without it the count on the chip says the same.
      if (isAbort(error)) return;
    }
  }
}

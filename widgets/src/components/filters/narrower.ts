import { type Channel, isAbort } from "../../channel.ts";
import type { Around } from "../../part.ts";
import type { Charts, ChartsAsked, Narrowing } from "../../protocol/filters.ts";

interface Step {
  change: Narrowing;
  live: boolean;
  number: number;
}

/** Sends changes of the search one after the other; of those a drag makes on the way only the latest. */
export class Narrower {
  /** Called after each answer: what is shown may be another now. */
  readonly settled: (() => void)[] = [];
  /** Whose histograms answers bring along, if anybody's. */
  charts: { asked(): ChartsAsked; came(charts: Charts, calm: boolean): void } | null = null;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #waiting: Step[] = [];
  #asked = 0;
  #answered = 0;
  #running = false;

  constructor(channel: Channel, around: Around) {
    this.#channel = channel;
    this.#around = around;
  }

  /**
   * How many changes there were until now, all of them answered; null while one is on its way. What is asked and
   * answered in one calm knows of every change.
   */
  get calm(): number | null {
    return this.#answered === this.#asked ? this.#asked : null;
  }

  /** Why the search cannot be changed now; null where it can. */
  get locked(): string | null {
    return this.#channel.health.value === "gone" ? "The kernel is not answering" : null;
  }

  /** Says in the toast what was refused. */
  failed(error: unknown): void {
    if (!isAbort(error)) this.#around.toast(error instanceof Error ? error.message : String(error), null, true);
  }

  /** @param live a brush is being dragged: the text of the search waits for the release */
  narrow(change: Narrowing, live = false): void {
    const last = this.#waiting.at(-1);
    if (last?.live && sameTerm(last.change, change)) this.#waiting.pop();
    this.#asked += 1;
    this.#waiting.push({ change, live, number: this.#asked });
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let step = this.#waiting.shift(); step; step = this.#waiting.shift()) {
      const { change, live, number } = step;
      let brought: Charts | undefined;
      try {
        const histograms = this.charts?.asked();
        const { ok } = await this.#channel.request("narrow", { change, live, ...(histograms && { histograms }) });
        this.#around.searched(ok);
        brought = ok.histograms;
      } catch (error) {
        if (isAbort(error)) break;
        this.failed(error);
      }
      this.#answered = number;
      if (brought) this.charts?.came(brought, this.calm !== null);
      for (const listener of this.settled) listener();
    }
    this.#running = false;
  }
}

function sameTerm(one: Narrowing, other: Narrowing): boolean {
  return one.kind === "range" && other.kind === "range" && one.column === other.column;
}

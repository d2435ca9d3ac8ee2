import { isAbort } from "../../channel.ts";

/** One question at a time: what comes while it is on its way is asked once afterwards, and only the latest. */
export class Latest {
  readonly #ask: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #running = false;
  #again = false;

  constructor(ask: () => Promise<void>, failed: (error: unknown) => void) {
    this.#ask = ask;
    this.#failed = failed;
  }

  ask(): void {
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    do {
      this.#again = false;
      try {
        await this.#ask();
      } catch (error) {
        if (isAbort(error)) break;
        this.#failed(error);
      }
    } while (this.#again);
    this.#running = false;
  }
}

import { type Channel, isAbort, KernelError } from "../../channel.ts";
import type { Changed, Hello, Selection } from "../../protocol.ts";
import { type Cleanup, Signal } from "../../signal.ts";

/** Asked again while the first answer is missing: a message sent before the kernel listens is lost. */
const ASK_AGAIN_MS = 2000;
const STALE_MS = 100;

/** What is selected and which image is meant by `This image`; both from the kernel, the same for every view of it. */
export interface Subject {
  readonly selection: Selection;
  /** The active image, or the only selected one; null when neither is there. */
  readonly id: number | null;
}

/** Follows the kernel's view: hello, then its events. */
export class Follow {
  readonly hello = new Signal<Hello | null>(null);
  readonly subject = new Signal<Subject | null>(null);
  /** Why hello was refused, in words. */
  readonly failure = new Signal<string | null>(null);
  version = 0;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  #abort: AbortController | null = null;
  #active: number | null = null;
  /** hello is on its way; what is told meanwhile. */
  #greeting = false;
  #told: Changed | null = null;

  constructor(channel: Channel, cleanup: Cleanup) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    cleanup.add(channel.on("changed", (changed) => this.#changed(changed)));
    cleanup.add(() => this.#abort?.abort());
  }

  /** Asks what there is; the answer of the latest call counts. */
  async refresh(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#greet();
    try {
      const { ok } = await this.#channel.request("hello", { client: this.#channel.client }, abort.signal);
      if (abort.signal.aborted) return;
      this.#greeting = false;
      this.failure.value = null;
      // What was told while the answer was on its way is newer than the answer.
      const told = this.#told;
      this.version = told?.version ?? ok.version;
      this.hello.value = told ? { ...ok, can_undo: told.can_undo, can_redo: told.can_redo } : ok;
      await this.#point(told?.selection ?? ok.selection, told?.active ?? ok.active, abort.signal);
    } catch (error) {
      if (this.failed(error) && this.hello.value === null) {
        this.#cleanup.after(ASK_AGAIN_MS, () => void this.refresh());
      }
    }
  }

  #greet(): void {
    this.#told = null;
    this.#greeting = true;
  }

  /** Takes a failed request; true when it is one to be told. An order that changed meanwhile is only asked for again. */
  failed(error: unknown): boolean {
    if (isAbort(error) || this.#cleanup.done) return false;
    this.#greeting = false;
    if (error instanceof KernelError && error.kind === "stale") {
      this.#cleanup.after(STALE_MS, () => void this.refresh());
      return false;
    }
    this.failure.value = error instanceof Error ? error.message : String(error);
    return true;
  }

  #changed(changed: Changed): void {
    if (this.#greeting) {
      this.#told = changed;
      return;
    }
    const reordered = changed.version !== this.version;
    this.version = changed.version;
    const hello = this.hello.value;
    if (hello) {
      const { can_undo, can_redo, count, total } = changed;
      this.hello.value = { ...hello, can_undo, can_redo, count, total };
    }
    const known = this.subject.value?.selection;
    const moved = changed.selection !== null && JSON.stringify(changed.selection) !== JSON.stringify(known);
    if (!reordered && !moved && (changed.active === undefined || changed.active === this.#active)) return;
    if (changed.selection === null || changed.active === undefined) {
      void this.refresh();
      return;
    }
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const { selection, active } = changed;
    this.#point(selection, active, abort.signal).catch((error: unknown) => this.failed(error));
  }

  /** One selected image is the subject even where another one is active. */
  async #point(selection: Selection, active: number | null, signal: AbortSignal): Promise<void> {
    this.#active = active;
    const first = selection.ranges[0];
    if (first === undefined || (selection.count > 1 && active !== null)) {
      this.subject.value = { selection, id: active };
      return;
    }
    if (active !== null) this.subject.value = { selection, id: active };
    const [only] = await this.ids(first[0], first[0] + 1, signal);
    if (signal.aborted || only === undefined) return;
    if (only !== this.subject.value?.id || selection !== this.subject.value.selection) {
      this.subject.value = { selection, id: only };
    }
  }

  /** The ids at some positions of the shown order. */
  async ids(start: number, stop: number, signal?: AbortSignal): Promise<number[]> {
    const { ok, buffers } = await this.#channel.request("index", { version: this.version, start, stop }, signal);
    const bytes = buffers[0];
    const count = Math.max(0, ok.stop - ok.start);
    if (bytes === undefined || bytes.byteLength < 4 * count) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: count }, (_, at) => view.getInt32(4 * at, true));
  }
}

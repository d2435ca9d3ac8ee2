import { dataUrl } from "../../buffers.ts";
import { isAbort } from "../../channel.ts";
import { Lru } from "../shared/lru.ts";

/** Encoded thumbnails held: about 30 MB. */
export const KEPT = 3000;
export const PER_MESSAGE = 48;
export const IN_FLIGHT = 2;
/** Answers without a picture and without a reason, after which an image is no longer asked for. */
const MAX_MISSES = 3;

export interface ThumbReply {
  ids: number[];
  parts: Uint8Array[];
  type: string;
  errors: Record<string, string>;
}

export type AskThumbs = (ids: number[], size: number, signal: AbortSignal) => Promise<ThumbReply>;

export type Thumb = { url: string } | { error: string };

/** The one place that decides how an encoded thumbnail becomes something an <img> takes. */
export function thumbUrl(bytes: Uint8Array, type: string): string {
  return dataUrl(bytes, type);
}

/**
 * Thumbnails by image id. `want` replaces the wish: the first ids are asked for first, two messages at a time, and a
 * message none of whose images is wanted any more is cancelled.
 */
export class Thumbs {
  readonly #ask: AskThumbs;
  readonly #onThumb: (id: number, thumb: Thumb) => void;
  readonly #kept: Lru<number, Thumb>;
  readonly #flying = new Map<AbortController, Set<number>>();
  readonly #misses = new Map<number, number>();
  #wanted: readonly number[] = [];
  #size = 256;

  constructor(ask: AskThumbs, onThumb: (id: number, thumb: Thumb) => void, limit = KEPT) {
    this.#ask = ask;
    this.#onThumb = onThumb;
    this.#kept = new Lru(limit);
  }

  get(id: number): Thumb | undefined {
    return this.#kept.get(id);
  }

  get idle(): boolean {
    return this.#flying.size === 0;
  }

  /** @param size longest side in device pixels */
  want(ids: readonly number[], size: number): void {
    this.#size = size;
    this.#wanted = ids;
    const wish = new Set(ids);
    for (const [controller, flying] of this.#flying) {
      if (![...flying].some((id) => wish.has(id))) this.#drop(controller);
    }
    this.#next();
  }

  /** Asks again for images that could not be read: their files may be back. */
  forgetErrors(): void {
    this.#misses.clear();
  }

  close(): void {
    this.#wanted = [];
    for (const controller of [...this.#flying.keys()]) this.#drop(controller);
    this.#kept.clear();
  }

  #drop(controller: AbortController): void {
    this.#flying.delete(controller);
    controller.abort();
  }

  #next(): void {
    while (this.#flying.size < IN_FLIGHT) {
      const batch = this.#batch();
      if (batch.length === 0) return;
      void this.#fetch(batch);
    }
  }

  #batch(): number[] {
    const flying = new Set<number>();
    for (const ids of this.#flying.values()) for (const id of ids) flying.add(id);
    const batch: number[] = [];
    for (const id of this.#wanted) {
      if (batch.length === PER_MESSAGE) break;
      if (flying.has(id) || this.#kept.has(id) || (this.#misses.get(id) ?? 0) >= MAX_MISSES) continue;
      batch.push(id);
    }
    return batch;
  }

  async #fetch(batch: number[]): Promise<void> {
    const controller = new AbortController();
    this.#flying.set(controller, new Set(batch));
    try {
      const reply = await this.#ask(batch, this.#size, controller.signal);
      if (controller.signal.aborted) return;
      this.#store(batch, reply);
    } catch (error) {
      if (!isAbort(error)) for (const id of batch) this.#miss(id);
    } finally {
      this.#flying.delete(controller);
      this.#next();
    }
  }

  #store(batch: number[], reply: ThumbReply): void {
    const came = new Set(reply.ids);
    for (const [at, id] of reply.ids.entries()) {
      const bytes = reply.parts[at];
      if (bytes) this.#keep(id, { url: thumbUrl(bytes, reply.type) });
    }
    for (const [key, error] of Object.entries(reply.errors)) this.#keep(Number(key), { error });
    // Left out for want of room: asked for again, but only so often, or a kernel that never sends it is asked forever.
    if (came.size === 0) for (const id of batch) if (!(id in reply.errors)) this.#miss(id);
  }

  #keep(id: number, thumb: Thumb): void {
    this.#kept.set(id, thumb);
    this.#onThumb(id, thumb);
  }

  #miss(id: number): void {
    this.#misses.set(id, (this.#misses.get(id) ?? 0) + 1);
  }
}

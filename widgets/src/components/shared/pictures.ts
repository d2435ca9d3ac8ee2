import { type Channel, isAbort, KernelError } from "../../channel.ts";
import type { Cleanup } from "../../signal.ts";
import { Lru } from "./lru.ts";

export interface Picture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** Full-size pictures by image id, as blob: URLs; the one let go is revoked. */
export class Pictures {
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #largest: number;
  readonly #kept: Lru<number, Picture>;
  readonly #flying = new Map<number, Promise<Picture>>();
  /** Trouble with these shows when they are looked at; they are not asked for ahead again. */
  readonly #bad = new Set<number>();
  #wish: readonly number[] = [];
  #fetching = false;

  /**
   * @param largest longest side in pixels
   * @param kept how many are held
   */
  constructor(channel: Channel, cleanup: Cleanup, largest: number, kept: number) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#largest = largest;
    this.#kept = new Lru(kept, ({ url }) => URL.revokeObjectURL(url));
    cleanup.add(() => this.#kept.clear());
  }

  held(id: number): Picture | undefined {
    return this.#kept.get(id);
  }

  /** Rejects with a KernelError where the picture cannot be read. */
  async get(id: number, signal: AbortSignal): Promise<Picture> {
    const held = this.#kept.get(id);
    if (held) return held;
    const flying = this.#flying.get(id);
    if (flying) {
      try {
        return await flying;
      } catch (error) {
        if (!isAbort(error) || signal.aborted) throw error;
      }
    }
    return this.#ask(id, signal);
  }

  /** Loads these one after the other, so that they show at once; replaces the wish before. */
  ahead(ids: readonly number[]): void {
    this.#wish = ids;
    if (!this.#fetching) void this.#fetch();
  }

  async #fetch(): Promise<void> {
    this.#fetching = true;
    for (let id = this.#next(); id !== undefined; id = this.#next()) {
      try {
        await this.#ask(id, this.#cleanup.signal);
      } catch (error) {
        if (!(isAbort(error) || error instanceof KernelError)) throw error;
        this.#bad.add(id);
      }
    }
    this.#fetching = false;
  }

  #next(): number | undefined {
    if (this.#cleanup.done) return undefined;
    return this.#wish.find((id) => !(this.#kept.has(id) || this.#flying.has(id) || this.#bad.has(id)));
  }

  #ask(id: number, signal: AbortSignal): Promise<Picture> {
    const coming = this.#request(id, signal).finally(() => {
      if (this.#flying.get(id) === coming) this.#flying.delete(id);
    });
    this.#flying.set(id, coming);
    return coming;
  }

  async #request(id: number, signal: AbortSignal): Promise<Picture> {
    const { ok, buffers } = await this.#channel.request("image", { id, max: this.#largest }, signal);
    const blob = new Blob([(buffers[0] ?? new Uint8Array()) as Uint8Array<ArrayBuffer>], { type: ok.type });
    const picture = { url: URL.createObjectURL(blob), width: ok.width, height: ok.height };
    if (this.#cleanup.done) URL.revokeObjectURL(picture.url);
    else this.#kept.set(id, picture);
    return picture;
  }
}

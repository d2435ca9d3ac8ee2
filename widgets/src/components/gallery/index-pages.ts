import { isAbort, KernelError } from "../../channel.ts";
import { Flag, MAX_PAGE } from "../../protocol.ts";
import type { RangeSet } from "./ranges.ts";

/** Positions per page: 45 KB, so that the first paint waits for little. */
export const PAGE = 4096;
const IN_FLIGHT = 2;
const BYTES_PER_IMAGE = 4 + 2 + 3 + 1 + 1;

/** What the grid knows of an image before its picture comes. */
export interface Entry {
  id: number;
  /** Width over height. */
  aspect: number;
  /** Mean colour as a CSS colour. */
  color: string;
  flags: number;
  stars: number;
}

interface Page {
  ids: Int32Array;
  aspect: Uint16Array;
  rgb: Uint8Array;
  flags: Uint8Array;
  stars: Uint8Array;
  places: Map<number, number> | null;
  /** Its flags may have changed: to be fetched again, good meanwhile. */
  stale: boolean;
  /** Which order it belongs to. Of a former one it is only something to look at until the new page comes. */
  order: number;
}

/** Asks the kernel for the positions [start, stop) of the present version; resolves with the packed columns. */
export type AskIndex = (start: number, stop: number, signal: AbortSignal) => Promise<Uint8Array>;

/** Undoes an optimistic change, page by page. */
export type Rollback = () => void;

/** The shown order as columns, fetched page by page when looked at. */
export class IndexPages {
  readonly #ask: AskIndex;
  readonly #onPage: () => void;
  readonly #onStale: () => void;
  readonly #pages = new Map<number, Page>();
  readonly #flying = new Map<number, AbortController>();
  #wanted: number[] = [];
  #order = 0;
  count = 0;

  constructor(ask: AskIndex, onPage: () => void, onStale: () => void) {
    this.#ask = ask;
    this.#onPage = onPage;
    this.#onStale = onStale;
  }

  /** Another order: what is held stays up until the new pages come, but is nobody's image any more. */
  reset(count: number): void {
    this.#abort();
    this.count = count;
    this.#order += 1;
    this.invalidate(null);
  }

  /** Marks pages with these images (all, with null) to be fetched again; they are shown meanwhile. */
  invalidate(ids: readonly number[] | null): void {
    for (const page of this.#pages.values()) {
      if (ids === null || ids.some((id) => places(page).has(id))) page.stale = true;
    }
  }

  at(position: number): Entry | null {
    const page = this.#pages.get(Math.floor(position / PAGE));
    const place = position % PAGE;
    if (!page || position < 0 || position >= this.count || place >= page.ids.length) return null;
    const [red, green, blue] = page.rgb.subarray(3 * place, 3 * place + 3) as unknown as [number, number, number];
    return {
      id: page.ids[place] as number,
      aspect: 2 ** (((page.aspect[place] as number) - 8192) / 2048),
      color: `rgb(${red} ${green} ${blue})`,
      flags: page.flags[place] as number,
      stars: page.stars[place] as number,
    };
  }

  idAt(position: number): number | null {
    const page = this.#pages.get(Math.floor(position / PAGE));
    if (page?.order !== this.#order || position < 0 || position >= this.count) return null;
    return page.ids[position % PAGE] ?? null;
  }

  /** Where an image stands, as far as its page was loaded. */
  positionOf(id: number): number | null {
    for (const [number, page] of this.#current()) {
      const place = places(page).get(id);
      if (place !== undefined) return number * PAGE + place;
    }
    return null;
  }

  /** Ids of all these positions, or null when a page is missing or there are more than `limit`. */
  idsOf(set: RangeSet, limit: number): number[] | null {
    if (set.count > limit) return null;
    const ids: number[] = [];
    for (const position of set) {
      const id = this.idAt(position);
      if (id === null) return null;
      ids.push(id);
    }
    return ids;
  }

  /** Fetches what is missing in [start, stop), nearest first, after what is in flight. Replaces the last wish. */
  want(start: number, stop: number): void {
    const first = Math.max(0, Math.floor(start / PAGE));
    const last = Math.min(Math.ceil(this.count / PAGE), Math.ceil(stop / PAGE));
    this.#wanted = [];
    for (let number = first; number < last; number += 1) this.#wanted.push(number);
    for (const [number, controller] of this.#flying) {
      if (number < first - 1 || number > last) controller.abort();
    }
    this.#next();
  }

  /** Changes loaded flags and stars at once; the result takes it back. */
  change(set: RangeSet, change: { stars?: number; flag?: number; on?: boolean }): Rollback {
    const before: [Page, Uint8Array, Uint8Array][] = [];
    for (const [number, page] of this.#current()) {
      const part = set.clip(number * PAGE, number * PAGE + page.ids.length);
      if (part.count === 0) continue;
      before.push([page, page.flags.slice(), page.stars.slice()]);
      for (const position of part) {
        const place = position - number * PAGE;
        if (change.stars !== undefined) page.stars[place] = change.stars;
        if (change.flag !== undefined) setFlag(page.flags, place, change.flag, change.on ?? true);
      }
    }
    return () => {
      for (const [page, flags, stars] of before) {
        page.flags.set(flags);
        page.stars.set(stars);
      }
    };
  }

  /** What the kernel says about single images after an edit. */
  confirm(affected: Record<string, { flags: number; stars: number }>): void {
    for (const [key, { flags, stars }] of Object.entries(affected)) {
      const id = Number(key);
      for (const [, page] of this.#current()) {
        const place = places(page).get(id);
        if (place === undefined) continue;
        page.flags[place] = flags;
        page.stars[place] = stars;
      }
    }
  }

  /** Whether every loaded image of the set is excluded. */
  allExcluded(set: RangeSet): boolean {
    for (const [number, page] of this.#current()) {
      for (const position of set.clip(number * PAGE, number * PAGE + page.ids.length)) {
        if (((page.flags[position - number * PAGE] as number) & Flag.excluded) === 0) return false;
      }
    }
    return set.count > 0;
  }

  close(): void {
    this.#abort();
    this.#pages.clear();
  }

  *#current(): Generator<[number: number, page: Page]> {
    for (const [number, page] of this.#pages) if (page.order === this.#order) yield [number, page];
  }

  #abort(): void {
    this.#wanted = [];
    for (const controller of this.#flying.values()) controller.abort();
    this.#flying.clear();
  }

  #next(): void {
    for (const number of this.#wanted) {
      if (this.#flying.size >= IN_FLIGHT) return;
      const page = this.#pages.get(number);
      if ((page && !page.stale) || this.#flying.has(number)) continue;
      void this.#fetch(number);
    }
  }

  async #fetch(number: number): Promise<void> {
    const controller = new AbortController();
    this.#flying.set(number, controller);
    const start = number * PAGE;
    let failed = false;
    try {
      const bytes = await this.#ask(start, Math.min(start + PAGE, this.count), controller.signal);
      if (this.#flying.get(number) !== controller) return;
      this.#pages.set(number, { ...parsePage(bytes), order: this.#order });
      this.#onPage();
    } catch (error) {
      if (isAbort(error)) return;
      failed = true;
      if (error instanceof KernelError && error.kind === "stale") this.#onStale();
      else throw error;
    } finally {
      if (this.#flying.get(number) === controller) this.#flying.delete(number);
      if (!failed) this.#next();
    }
  }
}

/** Cuts the concatenated columns of one reply: ids, aspect, rgb, flags, stars. */
export function parsePage(bytes: Uint8Array): Omit<Page, "order"> {
  const n = Math.floor(bytes.length / BYTES_PER_IMAGE);
  let at = 0;
  const take = (size: number): Uint8Array => {
    const piece = bytes.slice(at, at + size);
    at += size;
    return piece;
  };
  if (n > MAX_PAGE) throw new RangeError(`An index page of ${n} images is longer than ${MAX_PAGE}.`);
  const ids = new Int32Array(take(4 * n).buffer);
  const aspect = new Uint16Array(take(2 * n).buffer);
  return { ids, aspect, rgb: take(3 * n), flags: take(n), stars: take(n), places: null, stale: false };
}

function places(page: Page): Map<number, number> {
  page.places ??= new Map(Array.from(page.ids, (id, place) => [id, place]));
  return page.places;
}

function setFlag(flags: Uint8Array, place: number, flag: number, on: boolean): void {
  const now = flags[place] as number;
  flags[place] = on ? now | flag : now & ~flag;
}

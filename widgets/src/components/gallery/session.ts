import { split } from "../../buffers.ts";
import { type Channel, isAbort, KernelError } from "../../channel.ts";
import type {
  Changed,
  Details,
  Hello,
  Job,
  Relaxation,
  SearchOk,
  Step,
  Selection as WireSelection,
} from "../../protocol.ts";
import { type Cleanup, type Dispose, Signal } from "../../signal.ts";
import { Lru } from "../shared/lru.ts";
import { IndexPages } from "./index-pages.ts";
import { RangeSet } from "./ranges.ts";
import { Selection, selectPayload } from "./selection.ts";
import { type Thumb, Thumbs } from "./thumbs.ts";

const SELECT_CALM = 120;
const DETAILS_KEPT = 200;
/** Kinds of change that alter what the index columns say. */
const INDEX_KINDS = new Set(["images", "paths", "stars", "excluded", "reviewed", "failures", "duplicates"]);

export interface Counts {
  count: number;
  total: number;
}

/** What one view of the gallery knows: the order shown, its pages and pictures, the selection, what undo would do. */
export class Session {
  readonly channel: Channel;
  readonly pages: IndexPages;
  readonly thumbs: Thumbs;
  readonly selection = new Selection();
  readonly hello = new Signal<Hello | null>(null);
  readonly counts = new Signal<Counts>({ count: 0, total: 0 });
  readonly query = new Signal("");
  readonly searchError = new Signal<KernelError | null>(null);
  readonly relaxations = new Signal<readonly Relaxation[]>([]);
  readonly undo = new Signal<Step>(null);
  readonly redo = new Signal<Step>(null);
  readonly job = new Signal<Job | null>(null);
  /** Images that came elsewhere and are not shown yet. */
  readonly news = new Signal(0);
  /** When the kernel last confirmed a change: "Everything up to 14:31 is saved." */
  savedAt = new Date();
  onPaint: () => void = () => undefined;
  onThumb: (id: number, thumb: Thumb) => void = () => undefined;
  /** Another order came: the grid goes to its top (a search of one's own) or stays (anything else). */
  onOrder: (own: boolean) => void = () => undefined;
  version = -1;
  readonly #cleanup: Cleanup;
  readonly #details = new Lru<number, Details>(DETAILS_KEPT);
  #search: AbortController | null = null;
  #pendingSelect: Dispose | null = null;
  #selecting: AbortController | null = null;
  #selectSent = 0;
  #active: number | null = null;

  constructor(channel: Channel, cleanup: Cleanup) {
    this.channel = channel;
    this.#cleanup = cleanup;
    this.pages = new IndexPages(
      async (start, stop, signal) => {
        const { ok, buffers } = await channel.request("index", { version: this.version, start, stop }, signal);
        if (ok.version !== this.version) throw new KernelError({ kind: "stale", message: "The order has changed." });
        return buffers[0] ?? new Uint8Array();
      },
      () => this.#onPage(),
      () => void this.greet(),
    );
    this.thumbs = new Thumbs(
      async (ids, size, signal) => {
        const { ok, buffers } = await channel.request("thumbs", { version: this.version, ids, size }, signal);
        return {
          ids: ok.ids,
          parts: split(buffers[0] ?? new Uint8Array(), ok.lengths),
          type: ok.type,
          errors: ok.errors,
        };
      },
      (id, thumb) => this.onThumb(id, thumb),
    );
    cleanup.add(() => {
      this.pages.close();
      this.thumbs.close();
    });
    cleanup.add(channel.on("changed", (changed) => this.#changed(changed)));
    cleanup.add(
      channel.on("job", (job) => {
        this.job.value = job;
      }),
    );
    cleanup.add(this.selection.state.subscribe(() => this.#selectLater()));
  }

  /** Asks for everything; also the way back after any confusion. The channel repeats it until it is answered. */
  async greet(): Promise<void> {
    try {
      const { ok } = await this.channel.request("hello", { client: this.channel.client });
      if (!ok.live) this.query.value = ok.query;
      this.relaxations.value = ok.relaxations ?? [];
      const other = this.#adopt(ok.version, ok.count, ok.total);
      if (!other) this.pages.invalidate(null);
      this.hello.value = ok;
      this.undo.value = ok.can_undo;
      this.redo.value = ok.can_redo;
      this.job.value = ok.job;
      this.news.value = 0;
      this.#active = ok.active ?? this.#active;
      this.#applySelection(ok.selection);
      this.onOrder(false);
      this.onPaint();
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  /** Runs a search; a mistake leaves the last valid result up and stands in `searchError`. */
  async search(query: string): Promise<void> {
    this.#search?.abort();
    const controller = new AbortController();
    this.#search = controller;
    try {
      const { ok } = await this.channel.request("search", { query }, controller.signal);
      this.searched(ok);
    } catch (error) {
      if (error instanceof KernelError) this.searchError.value = error;
      else if (!isAbort(error)) throw error;
    } finally {
      if (this.#search === controller) this.#search = null;
    }
  }

  /** Asks for one more thing. */
  async narrow(query: string): Promise<void> {
    try {
      this.searched((await this.channel.request("narrow", { change: { kind: "also", query }, live: false })).ok);
    } catch (error) {
      if (error instanceof KernelError) this.searchError.value = error;
      else if (!isAbort(error)) throw error;
    }
  }

  /** Shows what a search found, whoever made it; while a brush is dragged the text waits for its release. */
  searched(ok: SearchOk & { version: number }): void {
    this.searchError.value = null;
    this.relaxations.value = ok.relaxations ?? [];
    if (!ok.live) this.query.value = ok.query;
    this.news.value = 0;
    const other = this.#adopt(ok.version, ok.count, ok.total);
    this.#applySelection(ok.selection ?? { ranges: [], count: 0 });
    if (other || !ok.live) this.onOrder(true);
    this.onPaint();
  }

  known(id: number): Details | undefined {
    return this.#details.get(id);
  }

  async details(id: number, signal: AbortSignal): Promise<Details | null> {
    const held = this.#details.get(id);
    if (held) return held;
    try {
      const { ok } = await this.channel.request("details", { id }, signal);
      this.#details.set(id, ok);
      return ok;
    } catch (error) {
      if (isAbort(error) || error instanceof KernelError) return null;
      throw error;
    }
  }

  /** Sends the selection now, and resolves when the kernel has it. */
  async flushSelection(signal?: AbortSignal): Promise<void> {
    this.#pendingSelect?.();
    this.#pendingSelect = null;
    const { set, active } = this.selection.state.value;
    const payload = selectPayload(set, this.counts.value.count, this.version, this.pages.idAt(active));
    if (!payload) {
      throw new KernelError({ kind: "too_large", message: "The selection has too many gaps. Select fewer images." });
    }
    this.#selectSent += 1;
    try {
      await this.channel.request("select", payload, signal);
    } finally {
      this.#selectSent -= 1;
    }
  }

  /** Once it is calm; a newer selection makes one still unanswered pointless. */
  #selectLater(): void {
    this.onPaint();
    this.#pendingSelect?.();
    this.#pendingSelect = this.#cleanup.after(SELECT_CALM, async () => {
      this.#selecting?.abort();
      this.#selecting = new AbortController();
      try {
        await this.flushSelection(this.#selecting.signal);
      } catch (error) {
        if (error instanceof KernelError && error.kind === "stale") await this.greet();
        else if (!(isAbort(error) || error instanceof KernelError)) throw error;
      }
    });
  }

  /** Takes the kernel's order; returns whether it is another one. */
  #adopt(version: number, count: number, total: number): boolean {
    const other = version !== this.version;
    if (other) {
      this.#active = this.pages.idAt(this.selection.active) ?? this.#active;
      this.version = version;
      this.pages.reset(count);
      this.selection.replace(this.selection.set, -1);
    }
    this.counts.value = { count, total };
    return other;
  }

  #applySelection(selection: WireSelection): void {
    const found = this.#active === null ? null : this.pages.positionOf(this.#active);
    this.selection.replace(RangeSet.of(selection.ranges), found ?? this.selection.active);
    this.#pendingSelect?.();
    this.#pendingSelect = null;
  }

  #onPage(): void {
    if (this.#active !== null) {
      const position = this.pages.positionOf(this.#active);
      if (position !== null && this.selection.active < 0) this.selection.replace(this.selection.set, position);
      if (position !== null) this.#active = null;
    }
    this.onPaint();
  }

  #changed(changed: Changed): void {
    this.undo.value = changed.can_undo;
    this.redo.value = changed.can_redo;
    this.savedAt = new Date();
    if (changed.new === 0 && changed.query !== undefined && !changed.live && this.#search === null) {
      this.query.value = changed.query;
    }
    this.relaxations.value = changed.relaxations ?? [];
    const moved = this.#adopt(changed.version, changed.count, changed.total);
    if (changed.images === null) this.#details.clear();
    else for (const id of changed.images) this.#details.delete(id);
    if (!moved && changed.kinds.some((kind) => INDEX_KINDS.has(kind))) this.pages.invalidate(changed.images);
    if (changed.selection && !this.#pendingSelect && this.#selectSent === 0) this.#applySelection(changed.selection);
    this.#news(changed);
    if (moved) this.onOrder(false);
    this.onPaint();
  }

  /** Into an empty gallery new images simply come; otherwise they wait for a click. */
  #news(changed: Changed): void {
    if (changed.new > 0 && (this.counts.value.count === 0 || changed.state === "importing")) void this.greet();
    else this.news.value = changed.new;
    const hello = this.hello.value;
    if (hello && changed.state && changed.state !== hello.state) this.hello.value = { ...hello, state: changed.state };
  }
}

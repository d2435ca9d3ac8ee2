import { type Channel, isAbort, KernelError } from "../../channel.ts";
import type { Decision, Group, GroupRow, Picture, Search } from "../../protocol/duplicates.ts";
import { DECISIONS } from "../../protocol/duplicates.ts";
import type { Cleanup } from "../../signal.ts";
import { Latest } from "../shared/latest.ts";
import { Lru } from "../shared/lru.ts";
import { toMove } from "./words.ts";

/** How often a search is asked how far it is. */
export const AGAIN = 400;
export const PAGE = 50;
const KEPT = 16; // groups that are shown again at once, such as after an undo

export type Act = "keep" | "link" | "different";

/** What is known of the duplicates of a view, and which group and pictures are looked at. */
export class Review {
  search: Search | null = null;
  /** What is decided about each group. */
  decisions: readonly Decision[] = [];
  excluded = 0;
  /** By place; null until it came. */
  rows: (GroupRow | null)[] = [];
  /** Place of the group that is looked at; null where none is left. */
  at: number | null = null;
  group: Group | null = null;
  /** Places in the group: the one to keep, and the one beside it. */
  kept = 0;
  beside = 1;
  merge = true;
  /** Grows with what the list shows. */
  revision = 0;
  /** All are decided, and nobody looks at one of them. */
  finished = false;
  busy = false;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #drawn: () => void;
  readonly #failed: (what: string, error: unknown) => void;
  readonly #standing: Latest;
  readonly #asked = new Set<number>();
  readonly #moved = new Map<number, number>();
  readonly #seen = new Lru<number, Group>(KEPT);
  #radius = 6;
  #loading: AbortController | null = null;

  constructor(channel: Channel, cleanup: Cleanup, drawn: () => void, failed: (what: string, error: unknown) => void) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#drawn = drawn;
    this.#failed = failed;
    this.#standing = new Latest(
      () => this.#follow(),
      (error) => this.#trouble("read what is decided", error),
    );
    cleanup.add(() => this.#loading?.abort());
  }

  get radius(): number {
    return this.#radius;
  }

  get decided(): number {
    return this.decisions.filter((decision) => decision !== "").length;
  }

  /** Tags that decisions of this page moved, those not taken back since. */
  get moved(): number {
    let sum = 0;
    for (const [at, count] of this.#moved) if (this.decisions[at] === "kept") sum += count;
    return sum;
  }

  get keeper(): Picture | null {
    return this.group?.pictures[this.kept] ?? null;
  }

  get other(): Picture | null {
    return this.group?.pictures[this.beside] ?? null;
  }

  /** What is shown is the group that was asked for: until then the one before stands there. */
  get loaded(): boolean {
    return this.group !== null && this.group.group - 1 === this.at;
  }

  get decision(): Decision {
    return this.decisions[(this.group?.group ?? 0) - 1] ?? "";
  }

  /** Those beside the one to keep, by place. */
  get others(): number[] {
    return (this.group?.pictures ?? []).flatMap((_, at) => (at === this.kept ? [] : [at]));
  }

  /** Looks, or takes up what was found. */
  async find(radius = this.#radius, again = false): Promise<void> {
    this.#radius = radius;
    try {
      const { ok } = await this.#channel.request("duplicates.find", { radius, again });
      if (this.#radius !== radius) return;
      const known = this.search?.search === ok.search && this.search.state === "found";
      this.search = ok;
      if (ok.state === "looking") this.#cleanup.after(AGAIN, () => this.find(radius));
      else if (ok.state === "found" && !known) await this.#begin(ok);
      this.#drawn();
    } catch (error) {
      this.#trouble("look for duplicates", error);
    }
  }

  async #begin({ groups }: Search): Promise<void> {
    this.rows = Array.from({ length: groups }, () => null);
    this.revision += 1;
    this.#asked.clear();
    this.#moved.clear();
    this.#seen.clear();
    this.group = null;
    this.at = null;
    this.decisions = [];
    await this.#follow();
    if (groups > 0) this.next(-1);
  }

  /** What is decided may be another now. */
  follow(): void {
    if (this.search?.state === "found" && !this.busy) this.#standing.ask();
  }

  async #follow(): Promise<void> {
    const search = this.search?.search ?? 0;
    const { ok, buffers } = await this.#channel.request("duplicates.standing", { search });
    const before = this.decisions;
    this.#take(ok.excluded, buffers[0]);
    const back = this.decisions.findIndex((decision, at) => decision === "" && (before[at] ?? "") !== "");
    if (before.length > 0 && this.decisions.some((decision, at) => decision !== before[at])) this.#renew(before);
    if (back >= 0) this.open(back);
    else this.#drawn();
  }

  #take(excluded: number, codes: Uint8Array = new Uint8Array()): void {
    this.excluded = excluded;
    this.revision += 1;
    this.decisions = [...codes].map((code) => DECISIONS[code] ?? "");
  }

  /** Rows whose decision changed: what is expected stands there until the kernel says what is. */
  #renew(before: readonly Decision[]): void {
    const pages = new Set<number>();
    for (const [at, decision] of this.decisions.entries()) {
      const row = this.rows[at];
      if (decision === before[at] || !row) continue;
      this.rows[at] = { ...row, excluded: decision === "kept" ? row.images - 1 : 0 };
      pages.add(Math.floor(at / PAGE));
    }
    for (const page of pages) void this.#load(page * PAGE);
  }

  /** A row came into sight. */
  need(at: number): void {
    const page = Math.floor(at / PAGE);
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    void this.#load(page * PAGE);
  }

  async #load(start: number): Promise<void> {
    const search = this.search?.search ?? 0;
    try {
      const { ok } = await this.#channel.request("duplicates.groups", { search, start, stop: start + PAGE });
      if (this.search?.search !== search) return;
      for (const [place, row] of ok.rows.entries()) this.rows[ok.start + place] = row;
      this.revision += 1;
      this.#drawn();
    } catch (error) {
      this.#asked.delete(start / PAGE);
      this.#trouble("list the groups", error);
    }
  }

  /** To the next group that is not decided, after a place; round at the end. */
  next(after: number): void {
    const count = this.decisions.length;
    for (let step = 1; step <= count; step += 1) {
      const at = (after + step + count) % count;
      if (this.decisions[at] === "") {
        this.open(at);
        return;
      }
    }
    this.finished = true;
    this.#drawn();
  }

  open(at: number): void {
    if (at < 0 || at >= this.rows.length) return;
    this.at = at;
    this.revision += 1;
    this.finished = false;
    void this.#open(at);
    this.#drawn();
  }

  async #open(at: number): Promise<void> {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    const search = this.search?.search ?? 0;
    const seen = this.#seen.get(at);
    // Which one of a decided group was kept is known from the kernel alone.
    if (seen && this.decisions[at] !== "kept") this.#show(seen);
    try {
      const { ok } = await this.#channel.request("duplicates.group", { search, group: at + 1 }, loading.signal);
      if (loading.signal.aborted) return;
      this.#seen.set(at, ok);
      this.#show(ok);
    } catch (error) {
      this.#trouble("show the group", error);
    }
  }

  #show(group: Group): void {
    const same = this.group?.group === group.group;
    this.group = group;
    if (!same) {
      this.kept = 0;
      this.beside = 1;
      this.keep(Math.max(0, this.decision === "kept" ? group.pictures.findIndex(({ excluded }) => !excluded) : 0));
    }
    this.#drawn();
  }

  /** Another one is to be kept; the first of the others stands beside it. */
  keep(place: number): void {
    if (!this.group?.pictures[place]) return;
    const before = this.kept;
    this.kept = place;
    this.beside = this.beside === place && before !== place ? before : (this.others[0] ?? place);
    this.#drawn();
  }

  /** Another of the others. */
  turn(by: number): void {
    const { others } = this;
    if (others.length === 0) return;
    const now = others.indexOf(this.beside);
    this.beside = others[(now + by + others.length) % others.length] ?? this.beside;
    this.#drawn();
  }

  /** The tags that would move to the one kept. */
  get moving(): string[] {
    return this.keeper && this.group ? toMove(this.keeper, this.group.pictures) : [];
  }

  /** Resolves with what was done, in words; null where it was not. */
  async decide(act: Act): Promise<string | null> {
    const { search, at, keeper } = this;
    if (!search || at === null || !keeper || this.busy || !this.loaded) return null;
    const about = { search: search.search, group: at + 1 };
    const moving = act === "keep" && this.merge ? this.moving.length : 0;
    this.busy = true;
    try {
      const { ok, buffers } = await (act === "keep"
        ? this.#channel.request("duplicates.keep", { ...about, image: keeper.id, merge: this.merge })
        : this.#channel.request("duplicates.mark", { ...about, verdict: act === "link" ? "variant" : "different" }));
      const before = this.decisions;
      this.#take(ok.excluded, buffers[0]);
      this.#renew(before);
      this.#moved.set(at, moving);
      this.next(at);
      return ok.message;
    } catch (error) {
      this.#trouble("save the decision", error);
      return null;
    } finally {
      this.busy = false;
      this.follow();
    }
  }

  #trouble(what: string, error: unknown): void {
    if (isAbort(error)) return;
    if (error instanceof KernelError && error.kind === "stale") void this.find();
    else this.#failed(what, error);
  }
}

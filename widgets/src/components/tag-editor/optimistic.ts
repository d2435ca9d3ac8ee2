/**
 * What an edit will have done, shown before the kernel has answered.
 *
 * `Pending` keeps the edits that the last loaded state does not contain yet; what is on the screen is the loaded state
 * with those applied. A refused edit is taken out again, which is the rollback. The edits are idempotent, so applying
 * one that the loaded state contains already changes nothing.
 */

import type { CaptionInfo, Sentence } from "../../protocol/tagging.ts";
import type { Details, EditAction, Tag, TagsOk } from "../../protocol.ts";
import { canonical } from "./tag-names.ts";

interface Named {
  readonly name: string;
}

const find = <T extends Named>(tags: readonly T[], name: string): T | undefined =>
  tags.find((tag) => tag.name === name);

const without = <T extends Named>(tags: readonly T[], names: readonly string[]): T[] =>
  tags.filter((tag) => !names.includes(tag.name));

/** A tag set by hand, with what is known of it from another list. */
function byHand(name: string, known: readonly Tag[]): Tag {
  return { name, category: find(known, name)?.category ?? 0, source: "hand" };
}

/** Puts `tag` where `old` stands, or nowhere when `old` is not there or `tag` is there already. */
function rename<T extends Named>(tags: readonly T[], old: string, tag: T): T[] {
  if (find(tags, tag.name)) return without(tags, [old]);
  return tags.map((present) => (present.name === old ? tag : present));
}

/** The named ones first, in the order they are named. */
function ordered<T extends Named>(tags: readonly T[], names: readonly string[]): T[] {
  const first = names.map((name) => find(tags, name)).filter((tag) => tag !== undefined);
  return [...first, ...without(tags, names)];
}

function judged(caption: CaptionInfo, text: string, state: Sentence["state"]): CaptionInfo {
  const sentences = caption.sentences.map((one) => (one.text === text ? { ...one, state } : one));
  return { ...caption, sentences };
}

/** The details of an image after an edit of it. */
export function afterEdit(details: Details, edit: EditAction): Details {
  const { tags, suggested, rejected } = details;
  const known = [...tags, ...suggested, ...rejected];
  switch (edit.action) {
    case "tags.add":
    case "tags.accept": {
      const added = edit.names.filter((name) => !find(tags, name)).map((name) => byHand(name, known));
      return {
        ...details,
        tags: [...tags, ...added],
        suggested: without(suggested, edit.names),
        rejected: without(rejected, edit.names),
      };
    }
    case "tags.remove":
      return { ...details, tags: without(tags, edit.names) };
    case "tags.clear":
      return { ...details, rejected: without(rejected, edit.names) };
    case "tags.order":
      return { ...details, tags: ordered(tags, edit.names) };
    case "tags.set":
      return { ...details, tags: edit.names.map((name) => find(tags, name) ?? byHand(name, known)) };
    case "tags.reject": {
      const moved = [...tags, ...suggested].filter((tag) => edit.names.includes(tag.name) && !find(rejected, tag.name));
      return {
        ...details,
        tags: without(tags, edit.names),
        suggested: without(suggested, edit.names),
        rejected: [...rejected, ...moved],
      };
    }
    case "tags.rename":
      return { ...details, tags: rename(tags, edit.old, byHand(edit.new, known)) };
    case "sentences.accept":
      return { ...details, caption: judged(details.caption, edit.sentence, "accepted") };
    case "sentences.strike":
      return { ...details, caption: judged(details.caption, edit.sentence, "struck") };
    case "sentences.clear":
      return { ...details, caption: judged(details.caption, edit.sentence, "") };
    case "stars":
      return { ...details, stars: edit.value };
    case "exclude":
      return { ...details, excluded: true, reason: edit.reason };
    case "include":
      return { ...details, excluded: false, reason: null };
    case "toggle_excluded":
      return { ...details, excluded: !details.excluded };
    case "reviewed":
      return { ...details, reviewed: edit.value };
    case "caption":
      if (edit.variant !== details.caption.variant) return details;
      return { ...details, caption: { ...details.caption, text: edit.text, source: "hand" } };
    default:
      return details;
  }
}

/** All images have these now. */
function onEvery(tags: TagsOk, names: readonly string[]): TagsOk {
  const known = [...tags.on_some, ...tags.suggested];
  const added = names
    .filter((name) => !find(tags.on_all, name))
    .map((name) => ({ name, category: find(known, name)?.category ?? 0, source: "hand" as const }));
  return {
    ...tags,
    on_all: [...tags.on_all, ...added],
    on_some: without(tags.on_some, names),
    suggested: without(tags.suggested, names),
    rejected: without(tags.rejected, names),
  };
}

/** So many more images have it now. They did not have it before, so the counts add up. */
function onMore(tags: TagsOk, name: string, category: number, more: number): TagsOk {
  const count = (find(tags.on_some, name)?.count ?? 0) + more;
  if (count >= tags.count) return onEvery(tags, [name]);
  const partial = { name, category, count };
  return {
    ...tags,
    on_some: find(tags.on_some, name)
      ? tags.on_some.map((tag) => (tag.name === name ? partial : tag))
      : [...tags.on_some, partial],
    suggested: without(tags.suggested, [name]),
    rejected: without(tags.rejected, [name]),
  };
}

/** Those images on which the tag stood so have it now. */
function accepted(tags: TagsOk, name: string, from: readonly { name: string; category: number; count: number }[]) {
  const stood = find(from, name);
  return stood ? onMore(tags, name, stood.category, stood.count) : tags;
}

/** The tags of several images after an edit of all of them. */
export function afterEditOfAll(tags: TagsOk, edit: EditAction): TagsOk {
  switch (edit.action) {
    case "tags.add":
      return edit.where ? accepted(tags, edit.names[0] ?? "", tags[edit.where]) : onEvery(tags, edit.names);
    case "tags.remove":
      return { ...tags, on_all: without(tags.on_all, edit.names), on_some: without(tags.on_some, edit.names) };
    case "tags.accept":
      return edit.names.reduce((all, name) => accepted(all, name, tags.suggested), tags);
    case "tags.reject":
      return { ...tags, suggested: without(tags.suggested, edit.names) };
    case "tags.clear":
      return { ...tags, rejected: without(tags.rejected, edit.names) };
    case "tags.set":
      return onEvery({ ...tags, on_all: [], on_some: [] }, edit.names);
    case "tags.rename": {
      const all = find(tags.on_all, edit.old);
      const some = find(tags.on_some, edit.old);
      return {
        ...tags,
        on_all: all ? rename(tags.on_all, edit.old, { ...all, name: edit.new, source: "hand" }) : tags.on_all,
        on_some: some ? rename(tags.on_some, edit.old, { ...some, name: edit.new }) : tags.on_some,
      };
    }
    default:
      return tags;
  }
}

interface Entry {
  readonly edit: EditAction;
  /** The moment of the answer, in the order of `Pending`'s own clock; null until it has come. */
  settled: number | null;
}

/** The edits that the loaded state does not contain yet, in order. */
export class Pending {
  #entries: Entry[] = [];
  #clock = 0;

  /** Adds an edit and gives what settles it: true when it was made, false when it was refused. */
  add(edit: EditAction): (made: boolean) => void {
    const entry: Entry = { edit, settled: null };
    this.#entries.push(entry);
    return (made) => {
      if (made) entry.settled = this.#clock++;
      else this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** The moment at which a load begins; hand it to `loaded` with the answer. */
  now(): number {
    return this.#clock;
  }

  /** A state asked for at `moment` has come: it contains every edit confirmed before. */
  loaded(moment: number): void {
    this.#entries = this.#entries.filter((entry) => entry.settled === null || entry.settled >= moment);
  }

  clear(): void {
    this.#entries = [];
  }

  apply<T>(loaded: T, one: (state: T, edit: EditAction) => T): T {
    return this.#entries.reduce((state, entry) => one(state, entry.edit), loaded);
  }
}

/** The edit with its names in the form the project keeps, and without repetitions. */
export function normal(edit: EditAction): EditAction {
  if ("names" in edit) return { ...edit, names: [...new Set(edit.names.map(canonical))].filter((name) => name !== "") };
  if (edit.action === "tags.rename") return { ...edit, new: canonical(edit.new) };
  return edit;
}

// Kinds of the review of duplicates. Twin: src/lorairo/widgets/deduplicating.py.

import type { EditOk } from "../protocol.ts";

export type Likeness = "same" | "cropped" | "grey" | "mirrored" | "recoloured" | "detail" | "different";

/** By the byte that `standing` has for each group. */
export const DECISIONS = ["", "different", "variant", "kept"] as const;
export type Decision = (typeof DECISIONS)[number];

/** How far a search is; the same question again tells of the same search. */
export interface Search {
  search: number;
  state: "looking" | "found" | "failed";
  radius: number;
  /** Of the view. */
  images: number;
  done: number;
  steps: number;
  /** Pictures near another, which were looked at. */
  looked: number;
  groups: number;
  /** Why it failed. */
  message: string;
}

/** A group in the list: the first of its pictures, the one to keep at their head. */
export interface GroupRow {
  ids: number[];
  images: number;
  excluded: number;
  /** How the others are to the one to keep: of several, what needs a look. */
  kind: Likeness;
  /** In which the hashes differ, at most. */
  bits: number;
}

export interface Picture {
  id: number;
  name: string;
  path: string;
  kind: Likeness;
  bits: number;
  /** Why it is to be kept, or what becomes of it. */
  reason: string;
  width: number;
  height: number;
  bytes: number;
  stars: number;
  format: string;
  sharpness: number | null;
  excluded: boolean;
  tags: string[];
  rejected: string[];
}

export interface Group {
  group: number;
  images: number;
  kind: Likeness;
  bits: number;
  /** The one to keep first. */
  pictures: Picture[];
}

/** With a buffer: a byte for each group, its place among `DECISIONS`. */
export interface Stands {
  /** Images of all groups. */
  excluded: number;
}

type Decided = Pick<EditOk, "message" | "count" | "operation" | "can_undo" | "can_redo"> & Stands;

export interface DuplicateKinds {
  "duplicates.find": { ask: { radius: number; again?: boolean }; ok: Search };
  "duplicates.standing": { ask: { search: number }; ok: Stands };
  /** Groups [start, stop), 100 at most. */
  "duplicates.groups": {
    ask: { search: number; start: number; stop: number };
    ok: { start: number; rows: GroupRow[] };
  };
  /** Groups are counted from 1. */
  "duplicates.group": { ask: { search: number; group: number }; ok: Group };
  /** Whether two pictures, decoded, are the same pixel by pixel. */
  "duplicates.pixels": { ask: { a: number; b: number }; ok: { identical: boolean } };
  "duplicates.keep": { ask: { search: number; group: number; image: number; merge: boolean }; ok: Decided };
  "duplicates.mark": { ask: { search: number; group: number; verdict: "different" | "variant" }; ok: Decided };
}

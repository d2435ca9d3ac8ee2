// Kinds of the history. Twin: src/lorairo/widgets/chronicle.py.

import type { Step } from "../protocol.ts";

/** What is undone together: one operation, or those of a batch. */
export interface Operation {
  id: number;
  /** ISO 8601, UTC. */
  time: string;
  author: string;
  /** By whom, for the icon: a person, a rule, a file, a model. */
  by: "person" | "rule" | "file" | "model";
  message: string;
  images: number;
  undone: boolean;
  /** It stands for old changes that were compacted, and cannot be undone. */
  folded: boolean;
}

export interface HistoryKinds {
  /** Rows [start, stop) of those the filter leaves: what is undone, newest first, then what is in force, newest first. */
  history: {
    ask: { start: number; stop: number; filter: string };
    ok: {
      rows: Operation[];
      start: number;
      total: number;
      /** How many of `total` are undone: the rows above the line. */
      undone: number;
      /** Without the filter: how many, and when the first was made. */
      changes: number;
      since: string | null;
    };
  };
  /**
   * Undoes a change, or does one again that is undone. `ask`: where later changes hold the same values nothing is done,
   * `message` is null and `later` counts them.
   */
  "history.undo": {
    ask: { operation: number; later: "ask" | "undo" | "keep" };
    ok: { message: string | null; count: number; later: number; can_undo: Step; can_redo: Step };
  };
  /** Selects the images of a change. */
  "history.select": { ask: { operation: number }; ok: { count: number } };
  /** What was done as Python; of a very long one only the beginning, which is not `whole`. */
  "history.recipe": { ask: Record<string, never>; ok: { text: string; whole: boolean; fingerprint: string } };
}

// Kinds of the history. Twin: src/lorairo/widgets/chronicle.py.

import type { Step } from "../protocol.ts";

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
  /** Whether `history.undo` (or redo, where undone) can be asked for it; where not, why. */
  possible: boolean;
  why_not: string | null;
}

export interface HistoryKinds {
  /** Newest first. */
  history: { ask: { start: number; stop: number }; ok: { rows: Operation[]; start: number; total: number } };
  "history.undo": {
    ask: { operation: number };
    ok: { message: string; count: number; can_undo: Step; can_redo: Step };
  };
  /** Selects the images of an operation. */
  "history.select": { ask: { operation: number }; ok: { count: number } };
}

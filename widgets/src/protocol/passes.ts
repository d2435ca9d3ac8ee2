// Kinds of the comparison, the yes / no pass and the guided pass.
// Twins: src/lorairo/widgets/comparing.py, passing.py and guiding.py.

import type { CategoryNumber, Step } from "../protocol.ts";

/** `uncertain`: nearest to the model's threshold first. `random`: a fair sample. */
export type PassOrder = "uncertain" | "score" | "random";

/** What a widget that is a pass by itself goes through; the workbench asks. */
export type Task =
  | { kind: "tag"; tag: string; model: string | null; order: PassOrder; again: boolean }
  | { kind: "guided"; again: boolean };

/** What people said about the tag on the images of the pass. */
export interface PassCounts {
  images: number;
  yes: number;
  no: number;
}

export interface PassOpened extends PassCounts {
  pass: number;
  tag: string;
  category: CategoryNumber;
  /** As the policy calls it. */
  category_name: string;
  /** Whose scores order the questions; null where no model named the tag. */
  model: string | null;
  models: string[];
  questions: number;
}

export interface PassAnswered extends PassCounts {
  message: string;
  count: number;
  operation: number | null;
  can_undo: Step;
  can_redo: Step;
}

/** Shares are 0 to 1. */
export interface PassReport extends PassCounts {
  tag: string;
  model: string | null;
  left: number;
  /** From which score on the tag counts now; null where it never does. */
  threshold: number | null;
  /** Answered images over the threshold, and those of them that have the tag. */
  shown: number;
  right: number;
  precision: number | null;
  /** The 95 % interval of the precision. */
  low: number;
  high: number;
  suggestion: {
    threshold: number;
    precision: number;
    recall: number;
    f1: number;
    answers: number;
    wanted: number | null;
  } | null;
}

/** Where a guided pass is. */
export interface Guided {
  /** Null where nothing is left. */
  id: number | null;
  place: number;
  total: number;
  reviewed: number;
  /** The image shown is reviewed already. */
  marked: boolean;
  /** The images that come next. */
  ahead: number[];
}

export type GuideStep = "resume" | "next" | "back";

export interface PassKinds {
  /** Two to four images that a comparison begins with: the selection, else the first shown. */
  compare: { ask: Record<string, never>; ok: { ids: number[]; selected: number } };
  /** Fixes the questions: what is shown now and nobody answered. */
  "pass.open": { ask: { tag: string; model: string | null; order: PassOrder; again: boolean }; ok: PassOpened };
  /** From `start` on, as many as one message holds: ids (int32), then scores (float32; -1: never looked at). */
  "pass.questions": { ask: { pass: number; start: number }; ok: { start: number; count: number } };
  "pass.answer": { ask: { pass: number; image: number; yes: boolean }; ok: PassAnswered };
  /** Takes an answer back by its operation. */
  "pass.back": { ask: { pass: number; operation: number }; ok: PassAnswered };
  /** `precision`: suggest the lowest threshold that meets it; null: the one with the best F1. */
  "pass.report": { ask: { pass: number; precision: number | null }; ok: PassReport };
  /** Sets the model's threshold, for all tags of the category. */
  "pass.adopt": { ask: { pass: number; threshold: number }; ok: PassAnswered };
  /** `from`: the image shown. With `again` those reviewed are gone through too. */
  guide: { ask: { step: GuideStep; from: number | null; again: boolean }; ok: Guided };
}

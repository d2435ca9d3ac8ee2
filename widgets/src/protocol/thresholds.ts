// Kinds of the thresholds. Twins: src/lorairo/widgets/thresholds.py; whose tags can be cut: offering.py beside it.

import type { Step } from "../protocol.ts";

export type ThresholdMethod = "fixed" | "mcut" | "pr";

/** From which score on the tags of a model count. */
export interface Cut {
  /** The key of the model: `provider/name`. */
  model: string;
  general: number;
  character: number;
  method: ThresholdMethod;
  /** Tags with a threshold of their own, before everything else. */
  per_tag: Record<string, number>;
}

/**
 * What is to be otherwise: what is left out stays as it is, but a category alone means fixed thresholds. Null takes
 * the threshold of a tag back.
 */
export type CutChange = Pick<Cut, "model"> &
  Partial<Pick<Cut, "general" | "character" | "method">> & { per_tag?: Record<string, number | null> };

export interface ThresholdKinds {
  /** Somebody may move one soon: what the first preview needs is read, without anybody waiting. */
  "threshold.ahead": { ask: Record<string, never>; ok: Record<string, never> };
  /**
   * What a change would do, without writing it: images whose tags change, tags there would be, and by tag how many of
   * the images shown have it and would have it, the greatest change first.
   */
  "threshold.preview": {
    ask: CutChange;
    ok: { images: number; tags: number; rows: { name: string; category: number; was: number; count: number }[] };
  };
  /** One operation. */
  "threshold.set": {
    ask: CutChange;
    ok: { message: string; count: number; operation: number | null; can_undo: Step; can_redo: Step };
  };
}

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
}

/** What is to be otherwise: what is left out stays as it is, but a category alone means fixed thresholds. */
export type CutChange = Pick<Cut, "model"> & Partial<Cut>;

export interface ThresholdKinds {
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

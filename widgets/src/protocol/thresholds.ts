// Kinds of the thresholds. Twins: src/lorairo/widgets/thresholds.py; who may be cut: src/lorairo/widgets/offering.py.

export type ThresholdMethod = "fixed" | "mcut" | "pr";

/** From which score on the tags of a model count. */
export interface Cut {
  /** The key of the model: `provider/name`. */
  model: string;
  general: number;
  character: number;
  method: ThresholdMethod;
}

export interface ThresholdKinds {
  /** What a cut would make of the project, without writing it: images whose tags would change, tags it would leave. */
  "threshold.preview": { ask: Cut; ok: { images: number; tags: number } };
  /** One operation. */
  "threshold.set": { ask: Cut; ok: { message: string; count: number } };
}

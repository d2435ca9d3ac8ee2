// Kinds of the model picker. Twins: src/lorairo/widgets/offering.py and modelling.py.

import type { Job } from "../protocol.ts";
import type { Cut } from "./thresholds.ts";

/** How a model that answers in words is asked. */
export interface Generation {
  prompt: string;
  max_new_tokens: number;
}

export interface ModelRow {
  /** What `view.annotate` takes: a name, or the path of a folder. */
  id: string;
  name: string;
  kind: string;
  provider: string;
  /** What it makes, in words: "tags, rating". */
  makes: string;
  /** On this machine, sent away, or by a plug-in that alone knows. */
  runs: "here" | "away" | "plugin";
  /** Whether a run takes its kind: models that make pictures are for processing. */
  runnable: boolean;
  available: boolean;
  why_not: string | null;
  /** What mends it, for copying. */
  remedy: string | null;
  /** The part of it that can be run as it stands. */
  command: string | null;
  size: string | null;
  /** Its files are fetched at the first run. */
  downloads: boolean;
  /** Null where nobody knows. */
  price: string | null;
  licence: string | null;
  /** Images of the target that it has not answered. */
  todo: number;
  /** An image took so long in answers of before; null where none was measured. */
  seconds: number | null;
  /** Of a tagger: from which score on its tags count until somebody says otherwise. */
  thresholds: Record<string, number> | null;
  generation: Generation | null;
}

/** How a run is made; what is null or left out is as `view.annotate` has it. */
export interface RunOptions {
  batch: number | null;
  floor: number | null;
  /** By the id of a model. */
  parameters: Record<string, Partial<Generation>>;
}

export interface PastJob {
  id: number;
  label: string;
  state: Job["state"];
  done: number;
  total: number | null;
  failed: number;
  /** ISO 8601, UTC. */
  started: string;
  resumable: boolean;
}

/** What a run is about. */
export type ModelTarget = "shown" | "selected";

export interface ModelRun {
  models: string[];
  target: ModelTarget;
  options: RunOptions;
}

/** From which score on the tags of a model that has answered count. */
export interface NamedCut extends Cut {
  name: string;
}

export interface ModelKinds {
  /** `images` of the target; how many are selected in any case. */
  models: {
    ask: { target: ModelTarget };
    ok: { rows: ModelRow[]; images: number; selected: number; jobs: PastJob[]; cuts: NamedCut[] };
  };
  /** What a run would be: the lines that do the same in a cell, and what each model has left to do, in order. */
  "models.plan": { ask: ModelRun; ok: { code: string; todo: number[] } };
  "models.run": { ask: ModelRun; ok: { job: Job; code: string } };
  /** What a job could not do and nobody answered since: how many, and the first of them. */
  "job.errors": {
    ask: { id: number | string };
    ok: { total: number; errors: { image: number | null; name: string; message: string }[] };
  };
  "job.resume": { ask: { id: number }; ok: { job: Job } };
}

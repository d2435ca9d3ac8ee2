// Kinds of the model picker. Twin: src/lorairo/widgets/modelling.py.

import type { Job } from "../protocol.ts";

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
  available: boolean;
  why_not: string | null;
  /** What mends it, for copying. */
  remedy: string | null;
  size: string | null;
  /** Its files are fetched at the first run. */
  downloads: boolean;
  /** Null where nobody knows. */
  price: string | null;
  licence: string | null;
  /** Images of the target that it has not answered. */
  todo: number;
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

export interface ModelKinds {
  /** `images` of the target; how many are selected in any case. */
  models: {
    ask: { target: ModelTarget };
    ok: { rows: ModelRow[]; images: number; selected: number; jobs: PastJob[] };
  };
  /** `code` is the line that does the same in a cell. */
  "models.run": { ask: { models: string[]; target: ModelTarget }; ok: { job: Job; code: string } };
  /** What a job could not do and nobody answered since: how many, and the first of them. */
  "job.errors": {
    ask: { id: number | string };
    ok: { total: number; errors: { image: number | null; name: string; message: string }[] };
  };
  "job.resume": { ask: { id: number }; ok: { job: Job } };
}

// Kinds of the model picker. Twin: src/lorairo/widgets/modelling.py.

import type { Job } from "../protocol.ts";

export interface ModelRow {
  id: string;
  kind: string;
  provider: string;
  /** What it makes, in words: "tags, rating". */
  makes: string;
  /** On this machine, or sent away. */
  runs: "here" | "away";
  available: boolean;
  why_not: string | null;
  /** The line that mends it, for copying. */
  remedy: string | null;
  size: string | null;
  price: string | null;
  licence: string | null;
  /** Images of what is shown that it has not answered. */
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

export interface ModelKinds {
  models: { ask: { target: "shown" | "selected" }; ok: { rows: ModelRow[]; images: number; jobs: PastJob[] } };
  "models.run": { ask: { models: string[]; target: "shown" | "selected" }; ok: { job: Job; code: string } };
  "job.errors": {
    ask: { id: number | string };
    ok: { total: number; errors: { image: number | null; name: string; message: string }[] };
  };
  "job.resume": { ask: { id: number }; ok: { job: Job } };
}

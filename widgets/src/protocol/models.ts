// Kinds of the model picker. Twins: src/lorairo/widgets/offering.py, quoting.py and modelling.py.

import type { Job } from "../protocol.ts";
import type { Cut } from "./thresholds.ts";

/** How a model that answers in words is asked. */
export interface Generation {
  prompt: string;
  max_new_tokens: number;
}

/** A text that a service is asked with. */
export interface Prompt {
  name: string;
  version: string;
  /** The base models whose captions it is tuned for; empty for any. */
  targets: string[];
  system: string;
  text: string;
  captions: string[];
  tags: boolean;
  rating: boolean;
  score: string;
  /** Whether its caption is a JSON object. */
  document: boolean;
  /** What its answers hold, in words. */
  makes: string;
}

/** How a model of a service is asked: the name of a prompt, the longest answer, whether answers may take a day. */
export interface ServiceRow {
  prompt: string;
  max_tokens: number;
  batch: boolean;
}

export interface ModelRow {
  /** What `view.annotate` takes: a name, or the path of a folder. */
  id: string;
  name: string;
  kind: string;
  provider: string;
  /** Where a service is: its name, or host and port of an address of one's own. */
  place: string;
  /** At an address of one's own, so that it may not answer. */
  own: boolean;
  /** At an address on this machine. */
  inside: boolean;
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
  /** Null for what runs here. */
  service: ServiceRow | null;
}

/** What a run of services may do. */
export interface Wishes {
  /** USD that it stops before. */
  budget: number | null;
  refused: "skip" | "send";
  unknown: "skip" | "send";
  /** Ratings whose pictures stay here. */
  withhold: string[];
  /** Handed over together, answered within a day. */
  batch: boolean;
}

/** How a run is made; what is null or left out is as `view.annotate` has it. */
export interface RunOptions {
  batch: number | null;
  floor: number | null;
  /** By the id of a model. */
  parameters: Record<string, Record<string, unknown>>;
  /** Left out where no service is asked. */
  wishes?: Wishes;
}

/** What services would be sent, and what that takes; null where nobody knows. */
export interface Figures {
  answered: number;
  /** Refused, and under way when a kernel died, before: sent again or not. */
  refused: number;
  unknown: number;
  withheld: number;
  /** Never sent to their providers again. */
  prohibited: number;
  /** Asked by another run at this moment. */
  claimed: number;
  send: number;
  tokens_in: number | null;
  tokens_out: number | null;
  /** USD. */
  cost: number | null;
  at_most: number | null;
  seconds: number | null;
  /** As many of the pictures will be refused, by those of before; null where there were few. */
  refusals: number | null;
}

export interface QuotedModel extends Figures {
  id: string;
  provider: string;
  place: string;
  /** Longer side of the pictures that are sent, at most, pixels. */
  long_edge: number;
  /** What the prompt tells of each image, in words. */
  says: string[];
  /** Images that are sent though they have no rating, where a rating is withheld. */
  unrated: number;
  /** Questions of before that the figures come from. */
  measured: number;
  /** Within which answers come that are asked for together. */
  hours: number | null;
}

export interface Quote extends Figures {
  images: number;
  models: QuotedModel[];
}

/** What a service takes for what it has left to do. */
export interface ServicePrice {
  cost: number | null;
  seconds: number | null;
  send: number;
}

/** What a run came to at services. */
export interface Account {
  answered: number;
  /** Images by the provider that refused them, most first. */
  refused: [provider: string, images: number][];
  /** Under way when a kernel died: nobody knows whether they were answered. */
  unknown: number;
  /** Images that came to nothing for other reasons; those left out of the run are none of them. */
  failed: number;
  /** USD so far; null where the price is unknown. */
  cost: number | null;
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
  /** USD that it stopped before; null for none. */
  budget: number | null;
  account: Account | null;
}

/** What a run is about. */
export type ModelTarget = "shown" | "selected";

export interface ModelRun {
  models: string[];
  target: ModelTarget;
  options: RunOptions;
  /** Images that the quote on the button said would be sent; a run that would send more is refused as stale. */
  quoted?: number;
}

/** From which score on the tags of a model that has answered count. */
export interface NamedCut extends Cut {
  name: string;
}

export interface ModelKinds {
  /** `images` of the target; how many are selected in any case. */
  models: {
    ask: { target: ModelTarget };
    ok: { rows: ModelRow[]; images: number; selected: number; jobs: PastJob[]; cuts: NamedCut[]; prompts: Prompt[] };
  };
  /** What each service that can be asked would take for the target, as it is asked by default; where prices come from. */
  "models.prices": {
    ask: { target: ModelTarget };
    ok: { prices: Record<string, ServicePrice>; from: string | null };
  };
  /** At which addresses of one's own nothing answers: ids of their models. */
  "models.silent": { ask: Record<string, never>; ok: { silent: string[] } };
  /** What services would be sent, and what it costs. */
  "models.quote": { ask: ModelRun; ok: Quote };
  /** What a run would be: the lines that do the same in a cell, and what each model has left to do, in order. */
  "models.plan": { ask: ModelRun; ok: { code: string; todo: number[] } };
  "models.run": { ask: ModelRun; ok: { job: Job; code: string } };
  /** What a job could not do and nobody answered since: how many, and the first of them. */
  "job.errors": {
    ask: { id: number | string };
    ok: { total: number; errors: { image: number | null; name: string; message: string }[]; account: Account | null };
  };
  "job.resume": { ask: { id: number; budget?: number; unknown?: "send" }; ok: { job: Job } };
  /** Every run under way in this kernel, oldest first. */
  jobs: { ask: Record<string, never>; ok: { jobs: Job[] } };
}

// Kinds of the prompt laboratory. Twin: src/lorairo/widgets/trying.py.

import type { Job } from "../protocol.ts";

/** Which of two answers is better; `a` is the one on the left. */
export type Choice = "a" | "b" | "tie" | "neither";

export interface LabState {
  /** Of the sample, and of the view it stands for. */
  images: number;
  over: number;
  prompts: number;
  models: number;
  /** Of `questions`, which is images by prompts by models. */
  asked: number;
  questions: number;
  /** A run that was started here is under way. */
  running: boolean;
  /** What kept a cell from being asked, by its name. */
  problems: Record<string, string>;
  /** Somebody is paid for answers. */
  paid: boolean;
  /** In the order they are asked; `choice` is the author's. */
  ballots: { id: string; image: number; choice: Choice | null }[];
}

export interface LabBallot {
  id: string;
  image: number;
  name: string;
  width: number;
  height: number;
  a: string;
  b: string;
}

/** What there is to say of a prompt by a model; null stands for what nobody knows. */
export interface LabRow {
  key: string;
  prompt: string;
  /** Of the prompt. */
  text: string;
  model: string;
  free: boolean;
  /** Why its model cannot be asked here. */
  obstacle: string | null;
  answered: number;
  refused: number;
  failed: number;
  /** Median. */
  tokens: number | null;
  limit: number;
  words: number | null;
  /** Share of texts over the limit. */
  over: number | null;
  /** Texts by what is wrong with them. */
  lint: Record<string, number>;
  /** USD for 1,000 images. */
  cost: number | null;
  seconds: number | null;
  votes: number;
  /** How often it was preferred, of the pairs in which one was, with the ends of the 95 % interval. */
  share: number | null;
  low: number;
  high: number;
}

export interface LabText {
  variant: string;
  text: string;
  tokens: number;
  limit: number;
  words: number;
  lint: string[];
}

export interface LabAnswer {
  image: number;
  name: string;
  ending: "answered" | "refused" | "failed" | "left out" | "not asked";
  why: string;
  cost: number | null;
  seconds: number | null;
  texts: LabText[];
}

/** What a run would send and take; null stands for what nobody knows. */
export interface LabQuote {
  send: number;
  cost: number | null;
  at_most: number | null;
  seconds: number | null;
  leaves: string;
}

/** A run of one cell over the whole view. */
export interface LabPlan {
  /** The line that does the same in a cell. */
  code: string;
  images: number;
  obstacle: string | null;
  free: boolean;
  quote: LabQuote;
}

export interface LaboratoryKinds {
  "lab.open": { ask: Record<string, never>; ok: LabState };
  /** At most 16. */
  "lab.ballots": { ask: { ids: string[] }; ok: { ballots: LabBallot[] } };
  /** Null takes the vote back. */
  "lab.vote": { ask: { id: string; choice: Choice | null }; ok: object };
  "lab.figures": { ask: Record<string, never>; ok: { rows: LabRow[]; best: string | null } };
  "lab.answers": { ask: { cell: string }; ok: { answers: LabAnswer[] } };
  /** What asking all cells about the sample would take. */
  "lab.quote": { ask: Record<string, never>; ok: { code: string; quote: LabQuote } };
  /** `budget` in USD; `quoted`: questions that the button said. More than that are refused. */
  "lab.run": { ask: { budget: number | null; quoted: number }; ok: object };
  "lab.stop": { ask: Record<string, never>; ok: object };
  "lab.plan": { ask: { cell: string }; ok: LabPlan };
  "lab.use": { ask: { cell: string; budget: number | null; quoted: number }; ok: { job: Job } };
}

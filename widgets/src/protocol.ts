// The wire between the widgets and the kernel. Its twin is src/lorairo/widgets/wire.py: change both or neither.

import type { DuplicateKinds } from "./protocol/duplicates.ts";
import type { FilterKinds } from "./protocol/filters.ts";
import type { HistoryKinds } from "./protocol/history.ts";
import type { LaboratoryKinds } from "./protocol/laboratory.ts";
import type { MapKinds } from "./protocol/map.ts";
import type { Account, ModelKinds } from "./protocol/models.ts";
import type { PassKinds } from "./protocol/passes.ts";
import type { CaptionInfo, TaggingKinds } from "./protocol/tagging.ts";
import type { ThresholdKinds } from "./protocol/thresholds.ts";

export const PROTOCOL = 1;
/** A request may be at most this long as JSON. */
export const MAX_REQUEST_CHARS = 64 * 1024;
/** Positions per `index` request. */
export const MAX_PAGE = 16_384;
/** Ids per `thumbs` request. */
export const MAX_THUMBS = 64;

/** Half-open interval of positions in the shown order. */
export type Range = readonly [start: number, stop: number];

export const Flag = { excluded: 1, duplicate: 2, refused: 4, missing: 8, reviewed: 16, selected: 32 } as const;

/** Danbooru's numbers, as the store keeps them. */
export const Category = { general: 0, artist: 1, copyright: 3, character: 4, meta: 5, rating: 9 } as const;
export type CategoryNumber = number;

export type TagSource = "model" | "hand" | "rule" | "file";

export interface Tag {
  name: string;
  category: CategoryNumber;
  source: TagSource;
  model?: string;
  score?: number;
  why?: string;
}

export interface Selection {
  ranges: Range[];
  count: number;
}

/** What undo or redo would take back, in words; null when there is nothing. */
export type Step = { message: string } | null;

export interface Job {
  id: string | number;
  label: string;
  state: "running" | "done" | "stopping" | "stopped" | "failed" | "interrupted";
  done: number;
  total: number | null;
  failed: number;
  seconds_left: number | null;
  /** Images per second, once that is known. */
  rate?: number | null;
  /** Other runs under way. */
  others?: number;
  /** What it came to at services. */
  account?: Account | null;
}

export interface Hello {
  project: string;
  path: string;
  count: number;
  total: number;
  query: string;
  /** A brush is being dragged: the text of the search waits. */
  live?: boolean;
  order: string;
  cell: number;
  readonly: boolean;
  author: string;
  selection: Selection;
  active: number | null;
  can_undo: Step;
  can_redo: Step;
  job: Job | null;
  state: "ready" | "empty" | "importing";
  /** Folded panels and the like, kept per project outside the log. */
  settings?: Record<string, unknown>;
  /** Digests of the parts' bundles: a page that has one does not ask for it again. */
  parts?: Record<string, string>;
  /** Where the search finds nothing. */
  relaxations?: Relaxation[];
}

export interface Details {
  id: number;
  name: string;
  path: string;
  width: number;
  height: number;
  format: string;
  bytes: number;
  stars: number;
  excluded: boolean;
  reason: string | null;
  reviewed: boolean;
  caption: CaptionInfo;
  tags: Tag[];
  suggested: Tag[];
  rejected: Tag[];
  scores: Record<string, number>;
}

/** A part of a query that found nothing, and what leaving it out would find. */
export interface Relaxation {
  term: string;
  query: string;
  count: number;
}

export interface SearchOk {
  /** A brush is being dragged: the text of the search waits. */
  live?: boolean;
  count: number;
  total: number;
  query: string;
  order: string;
  selection?: Selection;
  relaxations?: Relaxation[];
}

export type Target = "selected" | { id: number } | { ids: number[] };

export interface TagsOk {
  count: number;
  /** Which selection this is; an edit of it names it, and is refused when there is another by then. */
  revision: number;
  on_all: { name: string; category: CategoryNumber; source: TagSource }[];
  on_some: { name: string; category: CategoryNumber; count: number }[];
  /** Whether the images are few enough to look at what models say of them; nothing is suggested or rejected else. */
  judged: boolean;
  suggested: { name: string; category: CategoryNumber; count: number; score: number }[];
  rejected: { name: string; category: CategoryNumber; count: number }[];
  captions: { different: number; empty: number; text: string | null; variant: string };
  sample: number[];
  limits: { min: number; median: number; max: number };
  /** Captions with more tokens than an encoder reads; null where they are too many to count. */
  tokens: { limit: number; over: number } | null;
}

export interface TagOption {
  name: string;
  category: CategoryNumber;
  count: number;
  in_target: number;
  alias: string | null;
  new: boolean;
  /** Kept at hand; told where nothing was typed. */
  pinned?: boolean;
  /** What follows from it, by the project's vocabulary. */
  implies?: { name: string; in_target: number }[];
}

export interface SearchOption {
  text: string;
  kind: "field" | "tag" | "operator";
  label: string;
  count: number | null;
  from: number;
  to: number;
}

export type EditAction =
  | {
      action: "tags.add" | "tags.remove" | "tags.accept" | "tags.reject" | "tags.clear";
      names: string[];
      /** Only on those images of the target where the tag stands so. */
      where?: "suggested" | "rejected";
    }
  /** `tags.order`: these first, in this order. `tags.set`: these and no others. */
  | { action: "tags.order" | "tags.set"; names: string[] }
  /** By category: characters first, what is general last. */
  | { action: "tags.arrange" }
  | { action: "tags.rename"; old: string; new: string }
  | { action: "stars"; value: number }
  | { action: "exclude"; reason: string | null }
  | { action: "include" | "toggle_excluded" }
  | { action: "reviewed"; value: boolean }
  | { action: "caption"; text: string | null; variant: string }
  /** What a model said: the caption in force of the variant has it, or no caption of a model has it any more. */
  | { action: "sentences.accept"; sentence: string; variant: string }
  | { action: "sentences.strike" | "sentences.clear"; sentence: string }
  /** Replaces in the captions of all images of the target: plain text, or a pattern of Python's `re`. */
  | { action: "captions.replace"; pattern: string; replacement: string; regex: boolean; variant: string }
  /** Writes a variant of all images of the target from a template. */
  | { action: "captions.compose"; template: string; variant: string }
  | { action: "dataset.add" | "dataset.remove"; name: string };

export interface EditOk {
  message: string;
  count: number;
  operation: number | null;
  can_undo: Step;
  can_redo: Step;
  /** Flags and stars of the images changed, keyed by id; absent when there are too many. */
  affected?: Record<string, { flags: number; stars: number }>;
}

export type SelectPayload = { version: number; active: number | null } & (
  | { ranges: Range[] }
  | { all: true; except: Range[] }
);

/** kind -> what is asked and what `ok` holds (besides `version`, which every reply carries). */
export interface Kinds
  extends FilterKinds,
    DuplicateKinds,
    LaboratoryKinds,
    MapKinds,
    ModelKinds,
    HistoryKinds,
    TaggingKinds,
    PassKinds,
    ThresholdKinds {
  hello: { ask: { client: string }; ok: Hello };
  index: { ask: { version: number; start: number; stop: number }; ok: { start: number; stop: number } };
  thumbs: {
    ask: { version: number; ids: number[]; size: number };
    ok: { ids: number[]; lengths: number[]; type: string; errors: Record<string, string> };
  };
  image: { ask: { id: number; max: number }; ok: { id: number; width: number; height: number; type: string } };
  details: { ask: { id: number; variant?: string }; ok: Details };
  search: { ask: { query: string }; ok: SearchOk };
  select: { ask: SelectPayload; ok: { count: number } };
  tags: { ask: { target: Target; variant?: string }; ok: TagsOk };
  /** What the edit `captions.replace` would do: how many captions change, and the first of them in full. */
  "captions.preview": {
    ask: { target: Target; pattern: string; replacement: string; regex: boolean; variant: string };
    ok: { changed: number; samples: { id: number; before: string; after: string }[] };
  };
  /** Which of some images (<= 64) have a tag. */
  having: { ask: { name: string; ids: number[] }; ok: { ids: number[] } };
  /** Without a target: for the whole view. */
  complete: { ask: { text: string; target: Target | null; limit: number }; ok: { options: TagOption[] } };
  search_complete: { ask: { text: string; cursor: number }; ok: { options: SearchOption[] } };
  edit: { ask: EditAction & { target: Target; revision?: number }; ok: EditOk };
  undo: { ask: Record<string, never>; ok: { message: string; can_undo: Step; can_redo: Step } };
  redo: { ask: Record<string, never>; ok: { message: string; can_undo: Step; can_redo: Step } };
  setting: { ask: { key: string; value: unknown }; ok: object };
  /** Script and style of a part of the workbench, one after the other in one buffer. */
  part: { ask: { name: string }; ok: { lengths: number[] } };
  "job.cancel": { ask: { id: string | number }; ok: object };
}

export type Kind = keyof Kinds;
export type Ask<K extends Kind> = Kinds[K]["ask"];
export type Ok<K extends Kind> = Kinds[K]["ok"] & { version: number };

export interface Changed {
  version: number;
  count: number;
  total: number;
  query?: string;
  live?: boolean;
  relaxations?: Relaxation[];
  active?: number | null;
  state?: Hello["state"];
  kinds: string[];
  images: number[] | null;
  can_undo: Step;
  can_redo: Step;
  selection: Selection | null;
  new: number;
}

export interface Events {
  changed: Changed;
  job: Job;
  notice: { text: string; undo: boolean };
}

export interface WireError {
  kind: string;
  message: string;
  position?: number;
  length?: number;
}

/** What arrives: a reply to a request or an event nobody asked for. */
export type Incoming =
  | { v: number; id: string; ok: { version: number } & Record<string, unknown> }
  | { v: number; id: string; error: WireError }
  | { v: number; event: keyof Events; payload: Events[keyof Events] };

/** The edits among the kinds: what counts as a "change waiting". */
export const EDITS: ReadonlySet<Kind> = new Set<Kind>([
  "edit",
  "undo",
  "redo",
  "history.undo",
  "pass.answer",
  "pass.back",
  "pass.adopt",
  "threshold.set",
  "duplicates.keep",
  "duplicates.mark",
  "lab.vote",
]);

// Kinds of the filters: histograms, facets, and changes of the search they make. Twin: src/lorairo/widgets/filtering.py.

import type { SearchOk } from "../protocol.ts";

/** Both ends included; null is unbounded. */
export interface Interval {
  low: number | null;
  high: number | null;
}

/** One bar chart: counts per bin of equal width, the first from `min` on; no bins where no image has a value. */
export interface Histogram {
  column: string;
  /** Whole numbers only. */
  integer: boolean;
  min: number;
  max: number;
  /** Of one bin. */
  width: number;
  median: number;
  /** Images of the view that have a value, and that have none. */
  known: number;
  missing: number;
  /** Per bin: all of the view; those that pass the rest of the search; those that pass all of it. */
  total: number[];
  others: number[];
  passed: number[];
  /** What the search asks of this column; null when nothing, or nothing that a brush could say. */
  range: Interval | null;
  /** A mark to show, e.g. 75 tokens. */
  limit: number | null;
}

export type FacetOrder = "count" | "name" | "category" | "split";

export interface Facet {
  name: string;
  category: number;
  /** Images in what is shown, and in the whole view. */
  count: number;
  total: number;
  state: "include" | "exclude" | null;
}

/** A change of the search, said by what was done and not by text. */
export type Narrowing =
  | ({ kind: "range"; column: string } & Interval)
  | { kind: "above"; column: string; limit: number }
  | { kind: "tag"; name: string; state: "include" | "exclude" | "only" | null }
  /** One more term, as it is typed. */
  | { kind: "also"; query: string }
  | { kind: "clear" };

/** Which histograms; `columns` empty: the remembered ones. */
export interface ChartsAsked {
  columns: string[];
  bins: number;
}

export interface Charts {
  histograms: Histogram[];
  available: string[];
  /** How high bars are, as the project remembers it. */
  scale?: string | null;
}

export interface FilterKinds {
  histograms: { ask: ChartsAsked; ok: Charts };
  /**
   * Changes the search; `live` while a brush is dragged: what is shown follows, the text waits for the release. The
   * answer brings the histograms of after the change where they are asked for: bars follow a brush in one exchange.
   */
  narrow: {
    ask: { change: Narrowing; live: boolean; histograms?: ChartsAsked };
    ok: SearchOk & { histograms?: Charts };
  };
  /** Rows [start, stop) of the list; `keep` holds the order of the last answer (the pointer is over the list). */
  facets: {
    ask: { filter: string; order: FacetOrder; start: number; stop: number; keep: boolean };
    ok: {
      rows: Facet[];
      start: number;
      /** Rows of the list; tags in the whole view; images shown; terms of the search. */
      count: number;
      tags: number;
      images: number;
      terms: number;
    };
  };
}

// Kinds of the map. Twin: src/lorairo/widgets/charting.py.

export const Mark = { shown: 1, selected: 2 } as const;

export type SelectMode = "set" | "add" | "remove";

export interface MapKinds {
  /** Ids (int32) and places (pairs of float32 within -1 to 1) in one buffer, where it is ready. */
  map: {
    ask: { model: string; again: boolean };
    ok: {
      /** `making`: ask again; `none`: no embedder has placed an image. */
      state: "ready" | "making" | "none";
      model: string;
      models: { name: string; images: number }[];
      /** What images can be coloured by. */
      columns: string[];
      /** Which map this is; everything else names it. */
      made?: number;
      method?: string;
      images?: number;
      /** Images of the view that the embedder has not placed. */
      lacking?: number;
    };
  };
  /** Numbers: one float32 each. Kinds, where there are labels: one byte each, 255 for none. */
  "map.colours": {
    ask: { made: number; by: string };
    ok: { by: string; low?: number; high?: number; labels?: string[]; counts?: number[] };
  };
  /** One byte of `Mark` each. */
  "map.marks": { ask: { made: number }; ok: { shown: number; selected: number; new: number } };
  /** What lies in a polygon, in the map's own numbers, or named images. */
  "map.select": {
    ask: { made: number; mode: SelectMode; active?: number | null } & ({ corners: number[][] } | { ids: number[] });
    ok: { count: number };
  };
}

/** One variant of an image's caption, and what others there are. */
export interface CaptionInfo {
  variant: string;
  text: string | null;
  /** `hand`, `file` or the name of a model; null where there is no text. */
  source: string | null;
  /** The variants that have a text. */
  variants: { name: string; source: string }[];
  /** What models and files said of the image, whatever stands now. */
  said: { by: string; text: string }[];
  /** What models said of this variant, sentence by sentence. */
  sentences: Sentence[];
}

/** A sentence of a model, and what a person decided about it. */
export interface Sentence {
  by: string;
  text: string;
  state: "" | "accepted" | "struck";
}

/** How a text encoder reads a caption. */
export interface TokenCount {
  count: number;
  limit: number;
  /** False: an estimate, as the encoder's own tokenizer is not here. */
  exact: boolean;
  encoder: string;
  /** Where reading ends, in characters; null where all is read. */
  cut: number | null;
}

/** One image's caption as a template would write it. */
export interface Composed {
  id: number;
  before: string | null;
  after: string;
  tokens: TokenCount | null;
}

/** Kinds of the tag editor beside those every widget has. */
export interface TaggingKinds {
  /** The tags given last, the newest first, and those kept at hand. */
  "tags.recent": { ask: { limit: number }; ok: { recent: string[]; pinned: string[] } };
  "tags.pin": { ask: { tag: string; pinned: boolean }; ok: { pinned: string[] } };
  "captions.tokens": { ask: { text: string }; ok: { tokens: TokenCount[] } };
  /** What the edit `captions.compose` would write, for up to five images; a mistake of the template is refused. */
  "captions.compose": { ask: { template: string; variant: string; ids: number[] }; ok: { samples: Composed[] } };
}

/** The most images `captions.compose` shows at once. */
export const MAX_COMPOSED = 5;

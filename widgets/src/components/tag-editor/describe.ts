import { counted, middleCut, number } from "../../format.ts";
import type { Tag, TagSource, TagsOk } from "../../protocol.ts";
import { type Chip, categoryWords } from "./chips.ts";

const NAME_LIMIT = 48;

const SOURCE_WORDS: Readonly<Record<TagSource, string>> = {
  model: "by a model",
  hand: "by hand",
  rule: "by a rule",
  file: "from a file",
};

/** `by hand`, `from a file`, `by blip`: who wrote a caption. */
export function authorWords(source: string): string {
  return SOURCE_WORDS[source as TagSource] ?? `by ${source}`;
}

export type Written = (name: string) => string;

/** `long_hair` as it is kept, or `long hair`; the kaomoji and other names without letters stay as they are. */
export function writtenAs(spaces: boolean): Written {
  return (name) => (spaces && /[a-z0-9]{2}/i.test(name) ? name.replaceAll("_", " ") : name);
}

/** `SmilingWolf/wd-vit-tagger-v3` -> `wd-vit-tagger-v3`. */
export function shortModel(model: string): string {
  return model.slice(model.lastIndexOf("/") + 1) || model;
}

const score = (value: number): string => value.toFixed(2);
const scoreWords = (tag: Tag): string => (tag.score === undefined ? "" : `, score ${score(tag.score)}`);

/** Where a tag comes from: `wd-vit-tagger-v3, score 0.96, accepted by threshold 0.35`. */
export function provenance(tag: Tag): string {
  if (tag.why) return tag.why;
  const parts = [tag.model, tag.score === undefined ? undefined : `score ${score(tag.score)}`];
  return parts.filter((part) => part !== undefined).join(", ") || SOURCE_WORDS[tag.source];
}

/** The same for a narrow place, the score first: `score 0.96, wd-vit-tagger-v3`. */
function origin(tag: Tag): string {
  const parts = [tag.score === undefined ? undefined : `score ${score(tag.score)}`, tag.model && shortModel(tag.model)];
  return parts.filter((part) => part !== undefined).join(", ") || SOURCE_WORDS[tag.source];
}

/** The source that all tags have, in words; null when they differ or there are fewer than two. */
export function commonSource(tags: readonly { readonly source: TagSource }[]): string | null {
  const [first] = tags;
  return tags.length > 1 && first && tags.every((tag) => tag.source === first.source)
    ? SOURCE_WORDS[first.source]
    : null;
}

function base(name: string, category: number, written: Written): Pick<Chip, "name" | "label" | "category"> {
  return { name, label: middleCut(written(name), NAME_LIMIT), category };
}

/** Chips of the tags an image has. */
export function setChips(tags: readonly Tag[], written: Written): Chip[] {
  const same = commonSource(tags) !== null;
  return tags.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "set",
    source: same ? null : tag.source,
    title: `${tag.name}: ${provenance(tag)}`,
    note: origin(tag),
    says: `${written(tag.name)}${categoryWords(tag.category)}, ${SOURCE_WORDS[tag.source]}${scoreWords(tag)}`,
  }));
}

/** Chips of the tags a model suggests for an image. */
export function suggestedChips(tags: readonly Tag[], written: Written): Chip[] {
  return tags.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "suggested",
    ...(tag.score === undefined ? {} : { detail: score(tag.score) }),
    title: `${tag.name}: ${provenance(tag)}`,
    note: origin(tag),
    says: `${written(tag.name)}${categoryWords(tag.category)}, suggested${scoreWords(tag)}`,
  }));
}

/** Chips of the tags that were rejected for an image. */
export function rejectedChips(tags: readonly Tag[], written: Written): Chip[] {
  return tags.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "rejected",
    title: `${tag.name}: rejected; ${provenance(tag)}`,
    note: origin(tag),
    says: `${written(tag.name)}${categoryWords(tag.category)}, rejected`,
  }));
}

/** Chips of the tags all images have. */
export function onAllChips(tags: TagsOk, written: Written): Chip[] {
  const same = commonSource(tags.on_all) !== null;
  return tags.on_all.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "set",
    source: same ? null : tag.source,
    title: `${tag.name}: on all ${number(tags.count)}, ${SOURCE_WORDS[tag.source]}`,
    says: `${written(tag.name)}${categoryWords(tag.category)}, on all ${number(tags.count)}`,
  }));
}

/** Chips of the tags some images have, by count. */
export function onSomeChips(tags: TagsOk, written: Written): Chip[] {
  const sorted = tags.on_some.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  return sorted.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "partial",
    detail: number(tag.count),
    fraction: tags.count > 0 ? tag.count / tags.count : 0,
    title: `${tag.name}: on ${number(tag.count)} of ${number(tags.count)}. Click adds it to ${number(tags.count - tag.count)} more.`,
    says: `${written(tag.name)}${categoryWords(tag.category)}, on ${number(tag.count)} of ${number(tags.count)}`,
  }));
}

/** Chips of the tags a model suggests for some of several images. */
export function suggestedForSome(tags: TagsOk, written: Written): Chip[] {
  return tags.suggested.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "suggested",
    detail: `${number(tag.count)} · ${score(tag.score)}`,
    title: `${tag.name}: suggested for ${counted(tag.count, "image")}, mean score ${score(tag.score)}`,
    says: `${written(tag.name)}${categoryWords(tag.category)}, suggested for ${counted(tag.count, "image")}, mean score ${score(tag.score)}`,
  }));
}

/** Chips of the tags that were rejected on some of several images. */
export function rejectedOnSome(tags: TagsOk, written: Written): Chip[] {
  return tags.rejected.map((tag) => ({
    ...base(tag.name, tag.category, written),
    kind: "rejected",
    detail: number(tag.count),
    title: `${tag.name}: rejected on ${counted(tag.count, "image")}`,
    says: `${written(tag.name)}${categoryWords(tag.category)}, rejected on ${counted(tag.count, "image")}`,
  }));
}

/** `38 different, 2 empty`; `all the same`. */
export function captionWords({ different, empty, text }: TagsOk["captions"], count: number): string {
  if (empty >= count) return "all empty";
  if (text !== null) return "all the same";
  return [`${number(different)} different`, empty > 0 && `${number(empty)} empty`].filter(Boolean).join(", ");
}

const UNITS = ["bytes", "KB", "MB", "GB"];

/** 412345 -> "412 KB": decimal units, as file managers show. */
export function fileSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

import { counted, number } from "../../format.ts";
import type { CategoryNumber, Details } from "../../protocol.ts";
import { fileSize } from "../tag-editor/describe.ts";

export interface TagRow {
  readonly name: string;
  readonly category: CategoryNumber;
  /** By image. */
  readonly on: readonly boolean[];
}

/** The tags of some images: those that differ, those on more images first, and those that all have. */
export function compareTags(images: readonly Details[]): { differ: TagRow[]; common: TagRow[] } {
  const rows = new Map<string, { category: CategoryNumber; on: boolean[] }>();
  for (const [at, { tags }] of images.entries()) {
    for (const { name, category } of tags) {
      const row = rows.get(name) ?? { category, on: images.map(() => false) };
      row.on[at] = true;
      rows.set(name, row);
    }
  }
  const all = [...rows].map(([name, row]) => ({ name, ...row }));
  const having = (row: TagRow): number => row.on.filter(Boolean).length;
  return {
    differ: all.filter((row) => having(row) < images.length).sort((a, b) => having(b) - having(a)),
    common: all.filter((row) => having(row) === images.length),
  };
}

/** The tags of one image that some other one lacks. */
export function toCopy(images: readonly Details[], from: number): string[] {
  const others = images.filter((_, at) => at !== from).map(({ tags }) => new Set(tags.map(({ name }) => name)));
  return (images[from]?.tags ?? []).map(({ name }) => name).filter((name) => others.some((tags) => !tags.has(name)));
}

export interface FactRow {
  readonly label: string;
  readonly values: readonly string[];
  /** Images whose value is the better one; none where that cannot be said. */
  readonly best: ReadonlySet<number>;
}

/** Scores of which more is better, whoever made them. */
const HIGHER_IS_BETTER = /^(sharpness|aesthetic)/;

/** What the files are. */
export function compareFiles(images: readonly Details[]): FactRow[] {
  return [
    {
      label: "size",
      values: images.map(({ width, height }) => `${number(width)} × ${number(height)}`),
      best: largest(images.map(({ width, height }) => width * height)),
    },
    { label: "file", values: images.map(({ format, bytes }) => `${format}, ${fileSize(bytes)}`), best: NONE },
    { label: "tags", values: images.map(({ tags }) => number(tags.length)), best: NONE },
  ];
}

/** Every score that one of them has. */
export function compareScores(images: readonly Details[]): FactRow[] {
  const names = [...new Set(images.flatMap(({ scores }) => Object.keys(scores)))].sort();
  return names.map((name) => {
    const values = images.map(({ scores }) => scores[name]);
    return {
      label: name,
      values: values.map((value) => (value === undefined ? "not scored" : value.toFixed(2))),
      best: HIGHER_IS_BETTER.test(name) ? largest(values) : NONE,
    };
  });
}

const NONE: ReadonlySet<number> = new Set();

/** Who has the largest value; nobody where all have it, or where one is not known. */
function largest(values: readonly (number | undefined)[]): ReadonlySet<number> {
  const known = values.filter((value) => value !== undefined);
  const most = Math.max(...known);
  if (known.length < values.length || known.every((value) => value === most)) return NONE;
  return new Set(values.flatMap((value, at) => (value === most ? [at] : [])));
}

/** What copying does, in words: `Copy 3 tags of A to the others`. */
export function copyLabel(names: readonly string[], letter: string, others: number): string {
  const to = others === 1 ? "the other" : "the others";
  return names.length > 0
    ? `Copy ${counted(names.length, "tag")} of ${letter} to ${to}`
    : `${letter} has no tag to copy`;
}

import { counted, number } from "../../format.ts";
import type { Decision, Group, GroupRow, Likeness, Picture } from "../../protocol/duplicates.ts";
import { fileSize } from "../tag-editor/describe.ts";

const KINDS: Readonly<Record<Likeness, string>> = {
  same: "Near",
  cropped: "Cropped",
  grey: "Without colour",
  mirrored: "Mirrored",
  recoloured: "Recoloured",
  detail: "A detail differs",
  different: "Linked by others",
};

/** `Near, 2`: how the pictures of a group are to the one kept, and by how many bits. */
export function kindWords({ kind, bits }: Pick<GroupRow, "kind" | "bits">): string {
  if (kind === "same" && bits === 0) return "Same hash";
  return kind === "same" || kind === "cropped" ? `${KINDS[kind]}, ${bits}` : KINDS[kind];
}

/** `near, 2 of 64 bits differ`. */
export function likenessWords({ kind, bits }: Pick<GroupRow, "kind" | "bits">): string {
  if (kind === "same" && bits === 0) return "the same hash";
  const differ = bits === 0 ? "the same hash" : `${bits} of 64 bits ${bits === 1 ? "differs" : "differ"}`;
  return `${KINDS[kind].toLowerCase()}, ${differ}`;
}

/** What is decided about a group, else how alike it is. */
export function rowWords(row: GroupRow, decision: Decision): string {
  if (decision === "variant") return row.images === 2 ? "Both kept" : `All ${number(row.images)} kept`;
  if (decision === "different") return "Not duplicates";
  if (decision === "kept") return `${number(row.excluded)} excluded`;
  return kindWords(row);
}

/** The tags that only the others have, but for those somebody rejected on the one kept. */
export function toMove(kept: Picture, pictures: readonly Picture[]): string[] {
  const known = new Set([...kept.tags, ...kept.rejected]);
  const others = pictures.filter(({ id }) => id !== kept.id);
  return [...new Set(others.flatMap(({ tags }) => tags))].filter((tag) => !known.has(tag));
}

export interface Fact {
  readonly label: string;
  readonly values: readonly [string, string];
  /** Whose value is the better one; null where that cannot be said. */
  readonly better: 0 | 1 | null;
}

const LOSSLESS = /^(PNG|BMP|TIFF|QOI|PPM|PSD)$/;

/** What speaks for the one or the other. */
export function facts(a: Picture, b: Picture): Fact[] {
  const [first, second] = tails(a.path, b.path);
  const rows: Fact[] = [
    fact(
      "size",
      a,
      b,
      ({ width, height }) => `${number(width)} × ${number(height)}`,
      (one) => one.width * one.height,
    ),
    fact("file", a, b, ({ format, bytes }) => `${format}, ${fileSize(bytes)}`, quality(a, b)),
    fact(
      "sharpness",
      a,
      b,
      ({ sharpness }) => sharpness?.toFixed(2) ?? "not scored",
      ({ sharpness }) => sharpness,
    ),
    { label: "tags", values: [tagWords(a, b, "B"), tagWords(b, a, "A")], better: more(a.tags.length, b.tags.length) },
    { label: "path", values: [first, second], better: null },
  ];
  if (a.stars > 0 || b.stars > 0)
    rows.splice(
      3,
      0,
      fact(
        "stars",
        a,
        b,
        ({ stars }) => String(stars),
        (one) => one.stars,
      ),
    );
  return rows;
}

function fact(
  label: string,
  a: Picture,
  b: Picture,
  said: (one: Picture) => string,
  worth: (one: Picture) => number | null,
): Fact {
  const values = [said(a), said(b)] as const;
  return { label, values, better: values[0] === values[1] ? null : more(worth(a), worth(b)) };
}

function more(a: number | null, b: number | null): 0 | 1 | null {
  if (a === null || b === null || a === b) return null;
  return a > b ? 0 : 1;
}

/** What loses nothing counts more than what does; of two that both do, the larger file. */
function quality(a: Picture, b: Picture): (one: Picture) => number | null {
  const lossless = [a, b].filter(({ format }) => LOSSLESS.test(format)).length;
  if (lossless === 2) return () => null;
  return lossless === 1 ? ({ format }) => Number(LOSSLESS.test(format)) : ({ bytes }) => bytes;
}

/** `12, 3 not on A`. */
function tagWords(one: Picture, other: Picture, letter: string): string {
  const had = new Set(other.tags);
  const own = one.tags.filter((tag) => !had.has(tag)).length;
  return own > 0 ? `${number(one.tags.length)}, ${number(own)} not on ${letter}` : number(one.tags.length);
}

/** Two paths without the folders they share. */
export function tails(a: string, b: string): [string, string] {
  let start = 0;
  for (let at = 0; at < Math.min(a.length, b.length) && a[at] === b[at]; at += 1) {
    if (a[at] === "/" || a[at] === "\\") start = at + 1;
  }
  return [a.slice(start), b.slice(start)];
}

/** `All 37 groups decided. 51 images excluded, 64 tags moved.` */
export function doneWords(groups: number, excluded: number, moved: number): string {
  const which = groups === 1 ? "The group is decided." : `All ${number(groups)} groups decided.`;
  const tags = moved > 0 ? `, ${counted(moved, "tag")} moved` : "";
  return `${which} ${counted(excluded, "image")} excluded${tags}.`;
}

/** `Keep A, exclude 3`. */
export function keepWords({ images }: Pick<Group, "images">): string {
  return `Keep A, exclude ${number(images - 1)}`;
}

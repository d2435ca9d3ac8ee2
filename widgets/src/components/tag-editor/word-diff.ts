/** A word diff of two captions, for the preview of find and replace. */

export interface Segment {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** Beyond this many table cells the middle is shown as one replaced piece: a caption is a sentence, not a book. */
const MAX_CELLS = 250_000;

/** Splits into words, runs of white space and single marks; joined they give the text back. */
function words(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

/** Adds a piece, joining it with the last one when both are of one kind. */
function push(segments: Segment[], kind: Segment["kind"], text: string): void {
  if (text === "") return;
  const last = segments.at(-1);
  if (last?.kind === kind) segments[segments.length - 1] = { kind, text: last.text + text };
  else segments.push({ kind, text });
}

/** Longest common subsequence by dynamic programming: `table[i * width + j]` is its length for `a[i..]`, `b[j..]`. */
function lengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const here = i * width + j;
      table[here] =
        a[i] === b[j] ? (table[here + width + 1] ?? 0) + 1 : Math.max(table[here + width] ?? 0, table[here + 1] ?? 0);
    }
  }
  return table;
}

function middle(segments: Segment[], a: readonly string[], b: readonly string[]): void {
  if ((a.length + 1) * (b.length + 1) > MAX_CELLS) {
    push(segments, "removed", a.join(""));
    push(segments, "added", b.join(""));
    return;
  }
  const table = lengths(a, b);
  const width = b.length + 1;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const here = i * width + j;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push(segments, "same", a[i] ?? "");
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && (table[here + width] ?? 0) >= (table[here + 1] ?? 0))) {
      push(segments, "removed", a[i] ?? "");
      i++;
    } else {
      push(segments, "added", b[j] ?? "");
      j++;
    }
  }
}

/**
 * The pieces that turn `before` into `after`: same and removed ones give `before`, same and added ones give `after`.
 */
export function wordDiff(before: string, after: string): Segment[] {
  const a = words(before);
  const b = words(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const segments: Segment[] = [];
  push(segments, "same", a.slice(0, head).join(""));
  middle(segments, a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  push(segments, "same", a.slice(a.length - tail).join(""));
  return segments;
}

/** Shortens the unchanged pieces to `keep` characters beside a change, so that the change itself is in sight. */
export function clip(segments: readonly Segment[], keep: number): Segment[] {
  return segments.map((segment, index) => {
    if (segment.kind !== "same" || segment.text.length <= 2 * keep + 1) return segment;
    const head = index === 0 ? "" : segment.text.slice(0, keep);
    const tail = index === segments.length - 1 ? "" : segment.text.slice(-keep);
    return { kind: "same", text: `${head}…${tail}` };
  });
}

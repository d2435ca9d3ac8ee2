/** As many as there are number keys. */
export const SLOTS = 9;

/**
 * Tags on the number keys: a tag keeps its key for as long as it has one. Pinned ones come first; a new one takes a free
 * key, and where none is free the last one whose tag was not used lately.
 */
export function slots(held: readonly string[], pinned: readonly string[], recent: readonly string[]): string[] {
  const wanted = [...new Set([...pinned, ...recent])].slice(0, SLOTS);
  const kept = held.slice(0, SLOTS);
  for (const tag of wanted) {
    if (kept.includes(tag)) continue;
    if (kept.length < SLOTS) kept.push(tag);
    else {
      const oldest = kept.findLastIndex((other) => !wanted.includes(other));
      kept[oldest] = tag;
    }
  }
  return kept;
}

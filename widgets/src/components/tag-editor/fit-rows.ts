/** How many chips fit into a number of rows, so that the rest can stand behind `31 more`. */

/** Places boxes of `widths` px one after the other; true when all of them fit into `rows` rows. */
function fits(widths: readonly number[], container: number, gap: number, rows: number): boolean {
  let row = 1;
  let x = 0;
  for (const width of widths) {
    const start = x === 0 ? 0 : x + gap;
    if (start > 0 && start + width > container) {
      row++;
      x = Math.min(width, container);
    } else {
      x = Math.min(start + width, container);
    }
    if (row > rows) return false;
  }
  return true;
}

/**
 * The number of leading chips that fit into `rows` rows, the button for the rest included when one is needed.
 *
 * All lengths in px. Always at least 1 for a container that has a width, so that a very long name is still seen.
 */
export function fitRows(widths: readonly number[], container: number, gap: number, rows: number, more: number): number {
  if (container <= 0 || fits(widths, container, gap, rows)) return widths.length;
  let low = 1;
  let high = widths.length - 1;
  while (low < high) {
    const half = Math.ceil((low + high) / 2);
    if (fits([...widths.slice(0, half), more], container, gap, rows)) low = half;
    else high = half - 1;
  }
  return Math.max(1, low);
}

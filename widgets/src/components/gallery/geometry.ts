/** Where the cells of the grid lie. All lengths in CSS pixels. */
export interface Geometry {
  columns: number;
  /** Width of a cell, stretched so that a row fills the stage; may be a fraction. */
  cellWidth: number;
  /** Height of a cell: a whole number, so that rows lie on whole pixels. */
  cellHeight: number;
  gap: number;
  left: number;
  top: number;
  rowHeight: number;
  rows: number;
  /** Height of everything, paddings included. */
  content: number;
}

/** A widget less wide than this is laid out for a phone. */
export const NARROW = 700;
export const SMALLEST_CELL = 80;
export const LARGEST_CELL = 320;
/** Room below the last row, so that the dock hides none. */
export const DOCK_ROOM = 64;

/**
 * @param width of the stage without the scroll bar
 * @param bar width of the scroll bar, which lies inside the right padding
 * @param wish the cell size asked for
 * @param narrow whether the whole widget is: a stage between panels may be small in a wide one
 */
export function layout(width: number, bar: number, wish: number, count: number, narrow = false): Geometry {
  const padding = narrow ? 8 : 12;
  const gap = narrow ? 6 : 8;
  const inner = Math.max(1, width - padding - Math.max(2, padding - bar));
  const fitting = (inner + gap) / (wish + gap);
  // On a phone the wish is met to the nearest column: rounding down would leave 2 columns of 170 pixels at 360.
  const columns = Math.max(2, narrow ? Math.round(fitting) : Math.floor(fitting));
  const cellWidth = (inner - (columns - 1) * gap) / columns;
  const cellHeight = Math.max(1, Math.round(cellWidth));
  const rows = Math.ceil(count / columns);
  const rowHeight = cellHeight + gap;
  const content = rows === 0 ? 0 : padding + rows * rowHeight - gap + DOCK_ROOM;
  return { columns, cellWidth, cellHeight, gap, left: padding, top: padding, rowHeight, rows, content };
}

export function rowOf(geometry: Geometry, position: number): number {
  return Math.floor(position / geometry.columns);
}

/** Top of a row in the content. */
export function rowTop(geometry: Geometry, row: number): number {
  return geometry.top + row * geometry.rowHeight;
}

/** The rows that touch [top, top + height), widened by `overscan`. */
export function rowsIn(
  geometry: Geometry,
  top: number,
  height: number,
  overscan: number,
): [first: number, last: number] {
  const first = Math.floor((top - geometry.top) / geometry.rowHeight) - overscan;
  const last = Math.ceil((top + height - geometry.top) / geometry.rowHeight) + overscan;
  return [Math.max(0, first), Math.min(geometry.rows, Math.max(0, last))];
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The positions whose cells a box in the content touches, as one range per row. */
export function cellsTouched(geometry: Geometry, box: Box, count: number): [start: number, stop: number][] {
  const pitch = geometry.cellWidth + geometry.gap;
  const firstColumn = Math.max(0, Math.ceil((box.left - geometry.left - geometry.cellWidth) / pitch));
  const lastColumn = Math.min(geometry.columns - 1, Math.floor((box.right - geometry.left) / pitch));
  const firstRow = Math.max(0, Math.ceil((box.top - geometry.top - geometry.cellHeight) / geometry.rowHeight));
  const lastRow = Math.min(geometry.rows - 1, Math.floor((box.bottom - geometry.top) / geometry.rowHeight));
  const touched: [number, number][] = [];
  if (lastColumn < firstColumn) return touched;
  for (let row = firstRow; row <= lastRow; row += 1) {
    const start = row * geometry.columns + firstColumn;
    const stop = Math.min(count, row * geometry.columns + lastColumn + 1);
    if (start < stop) touched.push([start, stop]);
  }
  return touched;
}

/** The picture's own proportions fitted into the cell, as fractions of it. */
export function fitted(aspect: number): { width: number; height: number } {
  return aspect >= 1 ? { width: 1, height: 1 / aspect } : { width: aspect, height: 1 };
}

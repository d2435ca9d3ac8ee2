import { describe, expect, it } from "vitest";
import { cellsTouched, fitted, layout, rowsIn } from "../../src/components/gallery/geometry.ts";
import { edgeSpeed } from "../../src/components/gallery/pointer.ts";

describe("layout", () => {
  it.each([
    [798, 6, false],
    [598, 4, false],
    [358, 3, true],
    [478, 4, true],
    [1078, 8, false],
    [100, 2, true],
  ])("fits a stage of %i pixels with %i columns of 120", (width, columns, narrow) => {
    expect(layout(width, 0, 120, 100, narrow).columns).toBe(columns);
  });

  it("fills the row exactly, scroll bar or not", () => {
    for (const bar of [0, 8, 15]) {
      const { columns, cellWidth, gap, left } = layout(798 - bar, bar, 120, 100);
      const right = Math.max(2, left - bar);
      expect(left + columns * cellWidth + (columns - 1) * gap + right).toBeCloseTo(798 - bar, 9);
    }
  });

  it("has no rows and no height without images", () => {
    expect(layout(798, 0, 120, 0)).toMatchObject({ rows: 0, content: 0 });
    expect(rowsIn(layout(798, 0, 120, 0), 0, 600, 2)).toEqual([0, 0]);
  });
});

describe("cellsTouched", () => {
  const geometry = layout(798, 0, 120, 20);
  const { left, top, cellWidth, rowHeight } = geometry;

  it("takes a cell that the box only touches", () => {
    const box = { left: left + cellWidth, top, right: left + cellWidth + 1, bottom: top + 1 };
    expect(cellsTouched(geometry, box, 20)).toEqual([[0, 1]]);
  });

  it("takes none in the gaps", () => {
    const gap = { left: left + cellWidth + 2, top, right: left + cellWidth + 5, bottom: top + 500 };
    expect(cellsTouched(geometry, gap, 20)).toEqual([]);
  });

  it("takes a block of rows and stops at the last image", () => {
    const box = { left: 0, top: 0, right: left + 2 * cellWidth, bottom: top + 4 * rowHeight };
    expect(cellsTouched(geometry, box, 20)).toEqual([
      [0, 2],
      [6, 8],
      [12, 14],
      [18, 20],
    ]);
  });
});

describe("the edges", () => {
  it("scroll at most 24 pixels a frame, and not in the middle", () => {
    expect(edgeSpeed(300, 600)).toBe(0);
    expect(edgeSpeed(-500, 600)).toBe(-24);
    expect(edgeSpeed(900, 600)).toBe(24);
    expect(edgeSpeed(599, 600)).toBeGreaterThan(0);
  });
});

describe("fitted", () => {
  it("keeps the proportions of the picture", () => {
    expect(fitted(2)).toEqual({ width: 1, height: 0.5 });
    expect(fitted(0.5)).toEqual({ width: 0.5, height: 1 });
  });
});

import { expect, it } from "vitest";
import { compared } from "../../src/components/gallery/comparing.ts";
import { RangeSet } from "../../src/components/gallery/ranges.ts";

const chosen = (positions: number[], active: number, count = 20): number[] => {
  const set = positions.reduce((all, at) => all.union(RangeSet.span(at, at + 1)), RangeSet.empty);
  return [...compared({ set, active }, count)];
};

it("compares two to four that are selected", () => {
  expect(chosen([3, 7], 12)).toEqual([3, 7]);
  expect(chosen([1, 3, 5, 7], 7)).toEqual([1, 3, 5, 7]);
  expect(chosen([1, 2, 3, 4, 5], 1)).toEqual([]);
});

it("compares one with the image the keyboard is on, or with the next", () => {
  expect(chosen([3], 9)).toEqual([3, 9]);
  expect(chosen([3], 3)).toEqual([3, 4]);
  expect(chosen([], 5)).toEqual([5, 6]);
  expect(chosen([], 19)).toEqual([18, 19]);
  expect(chosen([], -1)).toEqual([0, 1]);
  expect(chosen([], 0, 1)).toEqual([]);
});

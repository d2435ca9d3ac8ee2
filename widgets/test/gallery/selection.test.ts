import { beforeEach, describe, expect, it } from "vitest";
import { RangeSet } from "../../src/components/gallery/ranges.ts";
import { Selection, selectPayload } from "../../src/components/gallery/selection.ts";

const PLAIN = { toggle: false, extend: false };
const CTRL = { toggle: true, extend: false };
const SHIFT = { toggle: false, extend: true };
let selection: Selection;
const chosen = (): number[] => [...selection.set];

beforeEach(() => {
  selection = new Selection();
});

describe("the mouse", () => {
  it("selects one by a click, more by Ctrl, a range by Shift", () => {
    selection.click(3, PLAIN);
    selection.click(7, CTRL);
    expect(chosen()).toEqual([3, 7]);
    selection.click(9, SHIFT);
    expect(chosen()).toEqual([7, 8, 9]);
    selection.click(5, SHIFT);
    expect(chosen()).toEqual([5, 6, 7]);
    expect(selection.active).toBe(5);
    selection.click(1, PLAIN);
    expect(chosen()).toEqual([1]);
  });

  it("adds a range with Ctrl and Shift, and takes the dragged part back", () => {
    selection.click(0, PLAIN);
    selection.click(10, CTRL);
    selection.click(14, { toggle: true, extend: true });
    expect(chosen()).toEqual([0, 10, 11, 12, 13, 14]);
    selection.click(11, { toggle: true, extend: true });
    expect(chosen()).toEqual([0, 10, 11]);
  });

  it("Shift without an anchor starts here", () => {
    selection.click(4, SHIFT);
    expect(chosen()).toEqual([4]);
  });
});

describe("the keyboard", () => {
  it("moves the ring and keeps a selection that was built", () => {
    selection.click(2, PLAIN);
    selection.click(4, CTRL);
    selection.moveTo(5);
    expect(chosen()).toEqual([2, 4]);
    expect(selection.active).toBe(5);
  });

  it("takes along the one image that was clicked, but none that Space chose", () => {
    selection.click(2, PLAIN);
    selection.moveTo(3);
    selection.moveTo(4);
    expect(chosen()).toEqual([4]);
    selection.toggle(4);
    selection.toggle(5);
    selection.moveTo(6);
    expect(chosen()).toEqual([5]);
  });

  it("extends from where it stood", () => {
    selection.moveTo(5);
    selection.extendTo(6);
    selection.extendTo(7);
    selection.extendTo(6);
    expect(chosen()).toEqual([5, 6]);
    expect(selection.anchor).toBe(5);
  });

  it("selects all of a million as one range and clears it", () => {
    selection.all(1_000_000);
    expect(selection.set.ranges).toEqual([[0, 1_000_000]]);
    selection.clear();
    expect(selection.set.count).toBe(0);
  });
});

describe("selectPayload", () => {
  it("says the ranges, or all but the holes, whichever is shorter", () => {
    expect(selectPayload(RangeSet.of([[1, 3]]), 10, 4, 17)).toEqual({ version: 4, active: 17, ranges: [[1, 3]] });
    const holed = RangeSet.span(0, 100).toggle(3).toggle(50);
    expect(selectPayload(holed, 100, 4, null)).toEqual({
      version: 4,
      active: null,
      all: true,
      except: [
        [3, 4],
        [50, 51],
      ],
    });
  });

  it("gives up rather than overflow a message", () => {
    const scattered = RangeSet.of(Array.from({ length: 5000 }, (_, k) => [3 * k, 3 * k + 1]));
    expect(selectPayload(scattered, 15_000, 1, null)).toBeNull();
    const few = RangeSet.of(Array.from({ length: 2900 }, (_, k) => [300_000 + 3 * k, 300_001 + 3 * k]));
    expect(JSON.stringify(selectPayload(few, 1_000_000, 1, null)).length).toBeLessThan(64 * 1024 - 200);
  });
});

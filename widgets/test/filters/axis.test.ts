import { describe, expect, it } from "vitest";
import { type Axis, axisOf, binsInside, edgesOf, intervalOf, rounded } from "../../src/components/filters/axis.ts";

const sharpness: Axis = { min: 0, end: 1, width: 1 / 36, integer: false };
const stars: Axis = { min: 0, end: 6, width: 1, integer: true };
const bytes: Axis = { min: 1000, end: 1_801_000, width: 50_000, integer: true };

describe("the axis of a histogram", () => {
  it("writes numbers no finer than a bin is wide", () => {
    expect(rounded(0.387_234, sharpness)).toBe(0.39);
    expect(rounded(2.4, stars)).toBe(2);
    expect(rounded(412_345, bytes)).toBe(410_000);
  });

  it("takes whole numbers in from themselves to the next", () => {
    expect(edgesOf({ low: 4, high: 5 }, stars)).toEqual([4, 6]);
    expect(intervalOf(4, 6, stars)).toEqual({ low: 4, high: null });
    expect(intervalOf(1.2, 3.9, stars)).toEqual({ low: 1, high: 3 });
    expect(intervalOf(2.1, 2.2, stars)).toEqual({ low: 2, high: 2 });
  });

  it("has no bound where an edge is at the end, and no interval where both are", () => {
    expect(intervalOf(0.4, 1, sharpness)).toEqual({ low: 0.4, high: null });
    expect(intervalOf(-0.2, 0.7, sharpness)).toEqual({ low: null, high: 0.7 });
    expect(intervalOf(0, 1, sharpness)).toBeNull();
    expect(intervalOf(0.7, 0.4, sharpness)).toEqual({ low: 0.4, high: 0.7 });
  });

  it("draws a range that reaches beyond what there is at the ends", () => {
    expect(edgesOf({ low: -3, high: 9 }, sharpness)).toEqual([0, 1]);
    expect(edgesOf(null, sharpness)).toEqual([0, 1]);
  });

  it("knows the bins inside", () => {
    const axis = axisOf({ min: 0, width: 0.25, total: [1, 1, 1, 1], integer: false });
    expect(binsInside({ low: 0.5, high: null }, axis, 4)).toEqual([false, false, true, true]);
    expect(binsInside({ low: 4, high: 4 }, stars, 6)).toEqual([false, false, false, false, true, false]);
  });
});

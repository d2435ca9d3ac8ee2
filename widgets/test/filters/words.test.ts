import { describe, expect, it } from "vitest";
import type { Axis } from "../../src/components/filters/axis.ts";
import { intervalWords, numberWords, readInterval, typed } from "../../src/components/filters/words.ts";

const sharpness: Axis = { min: 0, end: 1, width: 1 / 36, integer: false };
const stars: Axis = { min: 0, end: 6, width: 1, integer: true };

describe("ranges in words", () => {
  it("say the range to the digits a bin is worth, and finer where a cell was finer", () => {
    expect(intervalWords({ low: 0.4, high: null }, sharpness)).toBe("> 0.40");
    expect(intervalWords({ low: 0.4, high: 0.72 }, sharpness)).toBe("0.40 to 0.72");
    expect(intervalWords({ low: null, high: 0.405 }, sharpness)).toBe("< 0.405");
    expect(intervalWords(null, sharpness)).toBe("");
  });

  it("say whole numbers as what they take in", () => {
    expect(intervalWords({ low: 4, high: null }, stars)).toBe("4 or more");
    expect(intervalWords({ low: null, high: 3 }, stars)).toBe("up to 3");
    expect(intervalWords({ low: 4, high: 4 }, stars)).toBe("4");
  });

  it("shorten what is long", () => {
    expect(numberWords(0, sharpness, true)).toBe("0");
    expect(numberWords(0.467, sharpness, true)).toBe("0.47");
    expect(numberWords(1024, stars, true)).toBe("1,024");
    expect(numberWords(1_234_567, stars, true)).toBe("1.2M");
  });

  it.each([
    ["0.4 to 0.72", { low: 0.4, high: 0.72 }],
    ["0.72..0.4", { low: 0.4, high: 0.72 }],
    ["> 0.4", { low: 0.4, high: null }],
    [">=.4", { low: 0.4, high: null }],
    ["< 1,024", { low: null, high: 1024 }],
    ["4 or more", { low: 4, high: null }],
    ["up to 3", { low: null, high: 3 }],
    ["-2 to -1", { low: -2, high: -1 }],
    ["5", { low: 5, high: 5 }],
    ["  ", null],
    ["a lot", undefined],
    ["0.4 to", undefined],
  ])("are read as they are typed: %s", (text, expected) => {
    expect(readInterval(text)).toEqual(expected);
  });

  it("are offered for typing as they are read", () => {
    for (const range of [{ low: 0.4, high: 0.72 }, { low: 0.4, high: null }, { low: null, high: 3 }, null]) {
      expect(readInterval(typed(range))).toEqual(range);
    }
  });
});

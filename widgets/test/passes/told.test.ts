import { expect, it } from "vitest";
import { decimal, precisionWords, sampleWords, scoreWords } from "../../src/components/passes/told.ts";
import type { PassReport } from "../../src/protocol/passes.ts";

const REPORT: PassReport = {
  tag: "smile",
  model: "local/wd",
  images: 100,
  yes: 30,
  no: 20,
  left: 50,
  threshold: 0.3499999940395355,
  shown: 40,
  right: 30,
  precision: 0.75,
  low: 0.598,
  high: 0.858,
  suggestion: null,
};

it("tells the precision with its interval and what it counts", () => {
  expect(precisionWords(REPORT)).toBe("75% (60% to 86%): 30 of 40 answered images over 0.35 are right");
  const one = { ...REPORT, shown: 1, right: 1, precision: 1, high: 1, low: 0.207 };
  expect(precisionWords(one)).toBe("100% (21% to 100%): 1 of 1 answered image over 0.35 is right");
});

it("does not tell a precision that nobody knows", () => {
  expect(precisionWords({ ...REPORT, shown: 0, precision: null })).toContain("No image over its threshold of 0.35");
  expect(precisionWords({ ...REPORT, threshold: null, precision: null })).toContain("never count");
});

it("says for which images it holds", () => {
  expect(sampleWords("random", 50)).toContain("holds for all");
  expect(sampleWords("uncertain", 50)).toContain("not about all");
  expect(sampleWords("score", 0)).toContain("no estimate");
});

it("says what the model said, and where it said nothing", () => {
  expect(scoreWords("local/wd", 0.409)).toBe("wd 0.41");
  expect(scoreWords("local/wd", 0)).toBe("wd did not name it");
  expect(scoreWords("local/wd", null)).toBe("wd has not looked at it");
  expect(scoreWords(null, null)).toBe("No model has scored this tag");
  expect(decimal(0.425)).toBe("0.425");
});

import { describe, expect, it } from "vitest";
import { fitRows } from "../../src/components/tag-editor/fit-rows.ts";

describe("fitRows", () => {
  it("shows all when all fit", () => {
    expect(fitRows([48, 48, 48, 48], 100, 4, 2, 60)).toBe(4);
    expect(fitRows([50, 46, 50], 100, 4, 2, 60)).toBe(3);
    expect(fitRows([], 100, 4, 2, 60)).toBe(0);
  });

  it("leaves room for the button of the rest", () => {
    // Two per row: four fit, but the fifth must stand behind a button, which takes the place of the fourth.
    expect(fitRows([48, 48, 48, 48, 48], 100, 4, 2, 40)).toBe(3);
  });

  it("counts a box wider than the container as one row", () => {
    expect(fitRows([300, 20, 20, 20, 90], 100, 4, 2, 30)).toBe(3);
  });

  it("shows one when even that does not fit, and all without a width", () => {
    expect(fitRows([90, 90, 90], 100, 4, 1, 90)).toBe(1);
    expect(fitRows([90, 90, 90], 0, 4, 1, 90)).toBe(3);
  });
});

import { describe, expect, it } from "vitest";
import {
  canonical,
  cutMiddle,
  highlight,
  lastNameStart,
  splitNames,
} from "../../src/components/tag-editor/tag-names.ts";

describe("tag names", () => {
  it("makes the canonical form", () => {
    expect(canonical("  Long  Hair ")).toBe("long_hair");
    expect(canonical("Saber \\(Fate\\)")).toBe("saber_(fate)");
  });

  it("splits lists", () => {
    expect(splitNames("a, B c,\n a ,,d")).toEqual(["a", "b_c", "d"]);
    expect(lastNameStart("a, b")).toBe(3);
    expect(lastNameStart("ab")).toBe(0);
  });

  it("cuts in the middle, by letters", () => {
    expect(cutMiddle("short", 10)).toBe("short");
    expect(cutMiddle("abcdefghij", 5)).toBe("ab…ij");
    expect([...cutMiddle("🐶🐱🐭🐹🐰", 3)]).toEqual(["🐶", "…", "🐰"]);
  });

  it("marks the typed part", () => {
    expect(highlight("puppy", "PUP")).toEqual([
      { text: "pup", hit: true },
      { text: "py", hit: false },
    ]);
    expect(highlight("dog", "x")).toEqual([{ text: "dog", hit: false }]);
  });
});

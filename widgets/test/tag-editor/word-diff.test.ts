import { describe, expect, it } from "vitest";
import { clip, type Segment, wordDiff } from "../../src/components/tag-editor/word-diff.ts";

const join = (segments: readonly Segment[], leaveOut: Segment["kind"]) =>
  segments
    .filter((segment) => segment.kind !== leaveOut)
    .map((segment) => segment.text)
    .join("");

describe("wordDiff", () => {
  it("shows a replaced word between unchanged ones", () => {
    expect(wordDiff("a photo of a grey dog", "a photo of a gray dog")).toEqual([
      { kind: "same", text: "a photo of a " },
      { kind: "removed", text: "grey" },
      { kind: "added", text: "gray" },
      { kind: "same", text: " dog" },
    ]);
  });

  it("gives both texts back for any pair", () => {
    const texts = ["", " ", "a", "a b c", "c b a", "a, b  c", "日本語 a", "a b c d e f", "x a y b z", "<b>a</b>"];
    for (const before of texts) {
      for (const after of texts) {
        const segments = wordDiff(before, after);
        expect(join(segments, "added")).toBe(before);
        expect(join(segments, "removed")).toBe(after);
      }
    }
  });

  it("never leaves two pieces of one kind side by side, and none that is empty", () => {
    const segments = wordDiff("one two three four", "one 2 three 4 five");
    segments.forEach((segment, index) => {
      expect(segment.text).not.toBe("");
      expect(segment.kind).not.toBe(segments[index + 1]?.kind);
    });
  });

  it("falls back to one replaced piece for huge texts", () => {
    const before = Array.from({ length: 2000 }, (_, i) => `a${i}`).join(" ");
    const after = Array.from({ length: 2000 }, (_, i) => `b${i}`).join(" ");
    expect(wordDiff(before, after).map((segment) => segment.kind)).toEqual(["removed", "added"]);
  });
});

describe("clip", () => {
  it("keeps changes whole and cuts what is far from them", () => {
    const long = "word ".repeat(40);
    const clipped = clip(wordDiff(`${long}grey ${long}`, `${long}gray ${long}`), 10);
    expect(clipped.map((segment) => segment.kind)).toEqual(["same", "removed", "added", "same"]);
    expect(clipped[0]?.text).toBe(`…${long.slice(-10)}`);
    expect(clipped[3]?.text.endsWith("…")).toBe(true);
    expect(clipped[3]?.text.length).toBe(11);
  });
});

import { describe, expect, it } from "vitest";
import { compareFiles, compareScores, compareTags, copyLabel, toCopy } from "../../src/components/compare/differ.ts";
import type { Details, Tag } from "../../src/protocol.ts";
import { details } from "../tag-editor/kernel.ts";

const tag = (name: string): Tag => ({ name, category: 0, source: "hand" });
const image = (id: number, names: string[], more: Partial<Details> = {}): Details =>
  details(id, { tags: names.map(tag), ...more });

const THREE = [image(1, ["dog", "hat"]), image(2, ["dog", "park"]), image(3, ["dog", "park", "sun"])];

describe("tags", () => {
  it("differ where some image lacks them, and those on more images come first", () => {
    const { differ, common } = compareTags(THREE);
    expect(common.map(({ name }) => name)).toEqual(["dog"]);
    expect(differ.map(({ name, on }) => [name, on])).toEqual([
      ["park", [false, true, true]],
      ["hat", [true, false, false]],
      ["sun", [false, false, true]],
    ]);
  });

  it("are copied where some other image lacks them", () => {
    expect(toCopy(THREE, 2)).toEqual(["park", "sun"]);
    expect(toCopy([image(1, ["dog"]), image(2, ["dog", "cat"])], 0)).toEqual([]);
    expect(copyLabel(["park", "sun"], "C", 2)).toBe("Copy 2 tags of C to the others");
    expect(copyLabel([], "A", 1)).toBe("A has no tag to copy");
  });
});

describe("facts", () => {
  it("mark the larger picture, and no picture where all are as large", () => {
    const [size] = compareFiles([image(1, [], { width: 100, height: 50 }), image(2, [], { width: 200, height: 50 })]);
    expect(size?.values).toEqual(["100 × 50", "200 × 50"]);
    expect([...(size?.best ?? [])]).toEqual([1]);
    expect(compareFiles(THREE)[0]?.best.size).toBe(0);
  });

  it("call a score better only where more is better and all have it", () => {
    const rows = compareScores([
      image(1, [], { scores: { sharpness: 0.9, brightness: 0.9, aesthetic: 5 } }),
      image(2, [], { scores: { sharpness: 0.5, brightness: 0.1 } }),
    ]);
    const best = Object.fromEntries(rows.map(({ label, best }) => [label, [...best]]));
    expect(best).toEqual({ aesthetic: [], brightness: [], sharpness: [0] });
    expect(rows[0]?.values).toEqual(["5.00", "not scored"]);
  });
});

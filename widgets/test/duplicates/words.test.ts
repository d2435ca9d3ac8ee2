import { describe, expect, it } from "vitest";
import { greyDifference } from "../../src/components/duplicates/difference.ts";
import { doneWords, facts, likenessWords, rowWords, tails, toMove } from "../../src/components/duplicates/words.ts";
import type { GroupRow } from "../../src/protocol/duplicates.ts";
import { picture } from "./kernel.ts";

describe("a group in words", () => {
  const row: GroupRow = { ids: [1, 2], images: 2, excluded: 1, kind: "same", bits: 2 };

  it("says how alike it is, and what was decided", () => {
    expect(rowWords(row, "")).toBe("Near, 2");
    expect(rowWords({ ...row, kind: "mirrored" }, "")).toBe("Mirrored");
    expect(rowWords(row, "variant")).toBe("Both kept");
    expect(rowWords({ ...row, images: 3 }, "variant")).toBe("All 3 kept");
    expect(rowWords(row, "kept")).toBe("1 excluded");
    expect(rowWords(row, "different")).toBe("Not duplicates");
  });

  it("counts bits as people do", () => {
    expect(likenessWords(row)).toBe("near, 2 of 64 bits differ");
    expect(likenessWords({ kind: "cropped", bits: 1 })).toBe("cropped, 1 of 64 bits differs");
    expect(likenessWords({ kind: "same", bits: 0 })).toBe("the same hash");
    expect(rowWords({ ...row, bits: 0 }, "")).toBe("Same hash");
  });

  it("says what came of it", () => {
    expect(doneWords(37, 51, 64)).toBe("All 37 groups decided. 51 images excluded, 64 tags moved.");
    expect(doneWords(1, 1, 0)).toBe("The group is decided. 1 image excluded.");
  });
});

describe("what speaks for a picture", () => {
  const a = picture(1, {
    width: 780,
    height: 780,
    bytes: 181_000,
    sharpness: 0.87,
    tags: ["dog"],
    path: "/x/raw/a.jpg",
  });
  const b = picture(2, {
    width: 512,
    height: 512,
    bytes: 96_000,
    sharpness: 0.86,
    tags: ["dog", "hat"],
    path: "/x/out/b.jpg",
  });
  const by = (label: string, one = a, other = b) => facts(one, other).find((row) => row.label === label);

  it("is told of both, with the better one", () => {
    expect(by("size")).toEqual({ label: "size", values: ["780 × 780", "512 × 512"], better: 0 });
    expect(by("file")).toMatchObject({ better: 0 });
    expect(by("sharpness")).toMatchObject({ values: ["0.87", "0.86"], better: 0 });
    expect(by("tags")).toMatchObject({ values: ["1", "2, 1 not on A"], better: 1 });
    expect(by("path")).toMatchObject({ values: ["raw/a.jpg", "out/b.jpg"], better: null });
  });

  it("is nobody's where both are alike or one is not known", () => {
    expect(by("size", a, a)).toMatchObject({ better: null });
    expect(by("sharpness", a, { ...b, sharpness: null })).toMatchObject({
      values: ["0.87", "not scored"],
      better: null,
    });
    expect(by("stars")).toBeUndefined();
    expect(by("stars", a, { ...b, stars: 3 })).toMatchObject({ better: 1 });
  });

  it("counts a format that loses nothing more than bytes", () => {
    expect(by("file", a, { ...b, format: "PNG" })).toMatchObject({ better: 1 });
    expect(by("file", { ...a, format: "BMP" }, { ...b, format: "PNG" })).toMatchObject({ better: null });
  });

  it("names paths without the folders they share", () => {
    expect(tails("/a/b/one.jpg", "/a/c/two.jpg")).toEqual(["b/one.jpg", "c/two.jpg"]);
    expect(tails("one.jpg", "only.jpg")).toEqual(["one.jpg", "only.jpg"]);
  });
});

describe("tags that move", () => {
  it("are those only the others have, but for rejected ones", () => {
    const kept = picture(1, { tags: ["dog"], rejected: ["blurry"] });
    const others = [picture(2, { tags: ["dog", "hat"] }), picture(3, { tags: ["hat", "blurry", "red"] })];
    expect(toMove(kept, [kept, ...others])).toEqual(["hat", "red"]);
  });
});

describe("the difference of two pictures", () => {
  const pixels = (...values: number[]) => new Uint8ClampedArray(values.flatMap((value) => [value, value, value, 255]));

  it("is black where they are the same and amplified elsewhere, up to white", () => {
    const { grey, times } = greyDifference(pixels(10, 10, 10), pixels(10, 30, 50));
    expect(times).toBe(6);
    expect([...grey]).toEqual([...pixels(0, 120, 240)]);
  });

  it("is not amplified without end", () => {
    expect(greyDifference(pixels(10), pixels(11)).times).toBe(16);
    expect(greyDifference(pixels(10), pixels(10)).times).toBe(1);
    expect(greyDifference(pixels(0), pixels(255)).times).toBe(1);
  });
});

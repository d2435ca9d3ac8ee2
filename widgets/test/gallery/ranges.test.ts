import { describe, expect, it } from "vitest";
import { RangeSet } from "../../src/components/gallery/ranges.ts";

const set = (...ranges: [number, number][]): RangeSet => RangeSet.of(ranges);

/** Deterministic pseudo-random numbers (mulberry32), so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe("RangeSet", () => {
  it("joins what touches and drops what is empty", () => {
    expect(set([5, 7], [0, 2], [2, 3], [9, 9], [6, 8]).ranges).toEqual([
      [0, 3],
      [5, 8],
    ]);
    expect(set([5, 7], [0, 2], [2, 3]).count).toBe(5);
  });

  it("knows its members at the edges", () => {
    const s = set([2, 4], [6, 7]);
    expect([1, 2, 3, 4, 5, 6, 7].filter((position) => s.has(position))).toEqual([2, 3, 6]);
  });

  it("toggles a hole into a range and back", () => {
    const all = RangeSet.span(0, 1_000_000);
    const holed = all.toggle(500_000);
    expect(holed.ranges).toEqual([
      [0, 500_000],
      [500_001, 1_000_000],
    ]);
    expect(holed.toggle(500_000).equals(all)).toBe(true);
  });

  it("says all but a few", () => {
    expect(set([0, 3], [4, 10]).complement(10).ranges).toEqual([[3, 4]]);
    expect(RangeSet.empty.complement(3).ranges).toEqual([[0, 3]]);
  });

  it("is a set: union, difference, clip and toggle agree with Set for any ranges", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const next = random(seed);
      const some = (): [number, number][] =>
        Array.from({ length: Math.floor(next() * 6) }, () => {
          const start = Math.floor(next() * 40);
          return [start, start + Math.floor(next() * 9)];
        });
      const [a, b] = [some(), some()];
      const [left, right] = [new Set(RangeSet.of(a)), new Set(RangeSet.of(b))];
      const sorted = (values: Iterable<number>): number[] => [...new Set(values)].sort((x, y) => x - y);
      expect([...RangeSet.of(a).union(RangeSet.of(b))]).toEqual(sorted([...left, ...right]));
      expect([...RangeSet.of(a).minus(RangeSet.of(b))]).toEqual(sorted([...left].filter((x) => !right.has(x))));
      expect([...RangeSet.of(a).clip(5, 20)]).toEqual(sorted([...left].filter((x) => x >= 5 && x < 20)));
      const position = Math.floor(next() * 45);
      expect(RangeSet.of(a).toggle(position).has(position)).toBe(!left.has(position));
      expect(RangeSet.of(a).count).toBe(left.size);
    }
  });
});

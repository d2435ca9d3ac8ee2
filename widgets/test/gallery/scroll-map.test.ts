import { describe, expect, it } from "vitest";
import { layout, rowsIn, rowTop } from "../../src/components/gallery/geometry.ts";
import { MAX_HEIGHT, ScrollMap } from "../../src/components/gallery/scroll-map.ts";

const VIEW = 600;

function mapOf(content: number): ScrollMap {
  const map = new ScrollMap();
  map.resize(content, VIEW);
  return map;
}

describe("content that fits", () => {
  it("is mapped one to one", () => {
    const map = mapOf(2_000_000);
    expect(map.height).toBe(2_000_000);
    for (const top of [0, 1, 5000, 1_999_400]) {
      expect(map.scrolled(top)).toBe(top);
      expect(map.offset).toBe(0);
    }
  });
});

describe("a million images", () => {
  const geometry = layout(1080, 0, 120, 1_000_000);
  const map = mapOf(geometry.content);

  it("never asks a browser for more than its height", () => {
    expect(geometry.content).toBeGreaterThan(MAX_HEIGHT);
    expect(map.height).toBe(MAX_HEIGHT);
  });

  it("reaches both ends by the bar", () => {
    expect(map.scrolled(MAX_HEIGHT - VIEW)).toBe(geometry.content - VIEW);
    expect(map.scrolled(0)).toBe(0);
  });

  it("moves pixel by pixel with the wheel, wherever it is", () => {
    for (const start of [0, 50_000, 4_000_000, MAX_HEIGHT - VIEW - 3000]) {
      const top = map.scrolled(start);
      for (let step = 1; step <= 20; step += 1) expect(map.scrolled(start + 100 * step)).toBe(top + 100 * step);
    }
  });

  it("settles the bar without moving the content, and back again", () => {
    map.scrolled(4_000_000);
    const top = map.scrolled(4_000_500);
    const bar = map.jump(top);
    expect(map.top).toBe(top);
    expect(map.scrolled(bar)).toBe(top);
    expect(Math.abs(map.settled - bar)).toBeLessThanOrEqual(1);
  });

  it("jumps to any image and shows its row", () => {
    for (const position of [0, 1, 123_456, 500_000, 999_999]) {
      const row = Math.floor(position / geometry.columns);
      map.jump(rowTop(geometry, row));
      const [first, last] = rowsIn(geometry, map.top, VIEW, 0);
      expect(row).toBeGreaterThanOrEqual(first);
      expect(row).toBeLessThan(last);
    }
  });

  it("is monotonic along the whole bar", () => {
    let before = -1;
    for (let bar = 0; bar <= MAX_HEIGHT - VIEW; bar += 40_000) {
      const top = map.scrolled(bar);
      expect(top).toBeGreaterThan(before);
      before = top;
    }
  });

  it("says when the bar is at its end and the content is not", () => {
    map.jump(2_000_000);
    let bar = map.settled;
    while (bar > 0) {
      bar = Math.max(0, bar - 2000);
      map.scrolled(bar);
    }
    expect(map.top).toBeGreaterThan(0);
    expect(map.stuck).toBe(true);
    map.jump(map.top);
    expect(map.stuck).toBe(false);
  });
});

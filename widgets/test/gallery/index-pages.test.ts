import { describe, expect, it, vi } from "vitest";
import { KernelError } from "../../src/channel.ts";
import { IndexPages, PAGE, parsePage } from "../../src/components/gallery/index-pages.ts";
import { RangeSet } from "../../src/components/gallery/ranges.ts";
import { Flag } from "../../src/protocol.ts";

/** Columns as the kernel packs them, at an odd offset as messages have it. */
function pack(start: number, stop: number): Uint8Array {
  const n = stop - start;
  const bytes = new Uint8Array(11 * n + 1).subarray(1);
  const view = new DataView(bytes.buffer, 1);
  for (let k = 0; k < n; k += 1) {
    view.setInt32(4 * k, 10 * (start + k), true);
    view.setUint16(4 * n + 2 * k, 8192 + 2048, true);
    view.setUint8(6 * n + 3 * k, 1);
    view.setUint8(6 * n + 3 * k + 1, 2);
    view.setUint8(6 * n + 3 * k + 2, 3);
    view.setUint8(9 * n + k, (start + k) % 2);
    view.setUint8(10 * n + k, 4);
  }
  return bytes;
}

const turn = async (): Promise<void> => {
  for (let k = 0; k < 8; k += 1) await Promise.resolve();
};

function pagesOf(count: number): { pages: IndexPages; ask: ReturnType<typeof vi.fn>; stale: ReturnType<typeof vi.fn> } {
  const ask = vi.fn((start: number, stop: number) => Promise.resolve(pack(start, stop)));
  const stale = vi.fn();
  const pages = new IndexPages(ask, () => undefined, stale);
  pages.reset(count);
  return { pages, ask, stale };
}

describe("parsePage", () => {
  it("reads the packed columns", () => {
    const page = parsePage(pack(5, 8));
    expect([...page.ids]).toEqual([50, 60, 70]);
    expect([...page.aspect]).toEqual([10240, 10240, 10240]);
    expect([...page.rgb.subarray(3, 6)]).toEqual([1, 2, 3]);
    expect([...page.flags]).toEqual([1, 0, 1]);
    expect([...page.stars]).toEqual([4, 4, 4]);
  });
});

describe("IndexPages", () => {
  it("fetches only the pages looked at, the last one short", async () => {
    const { pages, ask } = pagesOf(2 * PAGE + 10);
    pages.want(2 * PAGE, 2 * PAGE + 40);
    await turn();
    expect(ask.mock.calls.map(([start, stop]) => [start, stop])).toEqual([[2 * PAGE, 2 * PAGE + 10]]);
    expect(pages.at(2 * PAGE + 9)).toMatchObject({ id: 10 * (2 * PAGE + 9), aspect: 2, color: "rgb(1 2 3)", stars: 4 });
    expect(pages.at(2 * PAGE + 10)).toBeNull();
    expect(pages.at(0)).toBeNull();
  });

  it("finds an image by id, and ids of a selection as far as loaded", async () => {
    const { pages } = pagesOf(2 * PAGE);
    pages.want(0, 10);
    await turn();
    expect(pages.positionOf(30)).toBe(3);
    expect(pages.idsOf(RangeSet.span(2, 4), 10)).toEqual([20, 30]);
    expect(pages.idsOf(RangeSet.span(0, 11), 10)).toBeNull();
    expect(pages.idsOf(RangeSet.span(PAGE - 1, PAGE + 1), 10)).toBeNull();
  });

  it("changes flags and stars at once and takes it back", async () => {
    const { pages } = pagesOf(10);
    pages.want(0, 10);
    await turn();
    const back = pages.change(RangeSet.span(2, 4), { flag: Flag.excluded, on: true });
    pages.change(RangeSet.span(2, 3), { stars: 5 });
    expect([2, 3, 4].map((position) => (pages.at(position)?.flags ?? 0) & 1)).toEqual([1, 1, 0]);
    expect(pages.allExcluded(RangeSet.span(2, 4))).toBe(true);
    expect(pages.at(2)?.stars).toBe(5);
    back();
    expect([2, 3].map((position) => pages.at(position)?.flags)).toEqual([0, 1]);
  });

  it("shows an outdated page until the new one comes", async () => {
    const { pages, ask } = pagesOf(10);
    pages.want(0, 10);
    await turn();
    pages.invalidate([30]);
    expect(pages.at(3)?.id).toBe(30);
    pages.want(0, 10);
    await turn();
    expect(ask).toHaveBeenCalledTimes(2);
    pages.want(0, 10);
    await turn();
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("says when the order it asks about is gone", async () => {
    const { pages, ask, stale } = pagesOf(10);
    ask.mockRejectedValueOnce(new KernelError({ kind: "stale", message: "changed" }));
    pages.want(0, 10);
    await turn();
    expect(stale).toHaveBeenCalledOnce();
  });

  it("drops what is in flight with the order", async () => {
    const { pages } = pagesOf(10);
    pages.want(0, 10);
    pages.reset(10);
    await turn();
    expect(pages.at(0)).toBeNull();
  });
});

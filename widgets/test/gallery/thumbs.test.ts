import { describe, expect, it } from "vitest";
import { IN_FLIGHT, PER_MESSAGE, type ThumbReply, Thumbs } from "../../src/components/gallery/thumbs.ts";
import { Lru } from "../../src/components/shared/lru.ts";

interface Asked {
  ids: number[];
  signal: AbortSignal;
  answer(reply?: Partial<ThumbReply>): Promise<void>;
  fail(error: Error): Promise<void>;
}

function queue(limit?: number): { thumbs: Thumbs; asked: Asked[]; came: number[] } {
  const asked: Asked[] = [];
  const came: number[] = [];
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  const thumbs = new Thumbs(
    (ids, _size, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
        asked.push({
          ids,
          signal,
          answer: (reply = {}) => {
            const sent = reply.ids ?? ids;
            resolve({
              ids: sent,
              parts: sent.map((id) => Uint8Array.of(id)),
              type: "image/jpeg",
              errors: {},
              ...reply,
            });
            return settled();
          },
          fail: (error) => {
            reject(error);
            return settled();
          },
        });
      }),
    (id) => came.push(id),
    limit,
  );
  return { thumbs, asked, came };
}

const span = (start: number, stop: number): number[] => Array.from({ length: stop - start }, (_, k) => start + k);

describe("Thumbs", () => {
  it("asks for the first wish first, in full messages, two at a time", async () => {
    const { thumbs, asked, came } = queue();
    thumbs.want(span(0, 200), 256);
    expect(asked.map(({ ids }) => ids)).toEqual([span(0, PER_MESSAGE), span(PER_MESSAGE, 2 * PER_MESSAGE)]);
    await asked[0]?.answer();
    expect(asked).toHaveLength(IN_FLIGHT + 1);
    expect(asked[2]?.ids[0]).toBe(2 * PER_MESSAGE);
    expect(came).toEqual(span(0, PER_MESSAGE));
    expect(thumbs.get(3)).toEqual({ url: `data:image/jpeg;base64,${btoa("\u0003")}` });
  });

  it("asks for nothing twice", async () => {
    const { thumbs, asked } = queue();
    thumbs.want(span(0, 10), 256);
    thumbs.want(span(0, 10), 256);
    await asked[0]?.answer();
    thumbs.want(span(5, 10), 256);
    expect(asked).toHaveLength(1);
  });

  it("cancels what was scrolled past and goes on with what is in sight", () => {
    const { thumbs, asked } = queue();
    thumbs.want(span(0, 96), 256);
    thumbs.want(span(1000, 1010), 256);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(asked[1]?.signal.aborted).toBe(true);
    expect(asked[2]?.ids).toEqual(span(1000, 1010));
  });

  it("keeps a message of which a part is still wanted", () => {
    const { thumbs, asked } = queue();
    thumbs.want(span(0, 48), 256);
    thumbs.want(span(40, 60), 256);
    expect(asked[0]?.signal.aborted).toBe(false);
    expect(asked[1]?.ids).toEqual(span(48, 60));
  });

  it("asks again for what had no room in the reply", async () => {
    const { thumbs, asked } = queue();
    thumbs.want(span(0, 10), 256);
    await asked[0]?.answer({ ids: span(0, 6) });
    expect(asked[1]?.ids).toEqual(span(6, 10));
  });

  it("shows a reason for what cannot be read and does not ask for it again", async () => {
    const { thumbs, asked } = queue();
    thumbs.want([1, 2], 256);
    await asked[0]?.answer({ ids: [1], errors: { 2: "truncated file" } });
    expect(thumbs.get(2)).toEqual({ error: "truncated file" });
    thumbs.want([1, 2], 256);
    expect(asked).toHaveLength(1);
  });

  it("gives up after three replies without a picture", async () => {
    const { thumbs, asked } = queue();
    thumbs.want([1], 256);
    for (let turn = 0; turn < 6; turn += 1) await asked[turn]?.answer({ ids: [] });
    expect(asked).toHaveLength(3);
  });

  it("after a refusal does not ask forever", async () => {
    const { thumbs, asked } = queue();
    thumbs.want([1], 256);
    for (let turn = 0; turn < 6; turn += 1) await asked[turn]?.fail(new Error("refused"));
    expect(asked).toHaveLength(3);
  });

  it("holds the pictures used last", async () => {
    const { thumbs, asked } = queue(20);
    thumbs.want(span(0, 20), 256);
    await asked[0]?.answer();
    thumbs.get(0);
    thumbs.want([100], 256);
    await asked[1]?.answer();
    expect(thumbs.get(0)).toBeDefined();
    expect(thumbs.get(1)).toBeUndefined();
  });
});

describe("Lru", () => {
  it("tells about what it lets go, once", () => {
    const gone: string[] = [];
    const lru = new Lru<number, string>(2, (value) => gone.push(value));
    lru.set(1, "a");
    lru.set(2, "b");
    lru.get(1);
    lru.set(3, "c");
    lru.set(3, "d");
    lru.clear();
    expect(gone).toEqual(["b", "c", "a", "d"]);
    expect(lru.size).toBe(0);
  });
});

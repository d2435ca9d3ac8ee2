import { describe, expect, it } from "vitest";
import { dataUrl, split, toBytes } from "../src/buffers.ts";

describe("toBytes", () => {
  it("is a view of the same memory, whatever the host's form", () => {
    const bytes = Uint8Array.of(7, 7, 1, 2, 3, 4);
    for (const form of [new DataView(bytes.buffer, 2), bytes.subarray(2), bytes.slice(2).buffer]) {
      expect([...toBytes(form)]).toEqual([1, 2, 3, 4]);
    }
    const view = toBytes(new DataView(bytes.buffer, 2));
    bytes[2] = 99;
    expect(view[0]).toBe(99);
  });
});

describe("split", () => {
  it("cuts where the lengths say", () => {
    const pieces = split(Uint8Array.of(1, 2, 3, 4, 5), [2, 0, 3]);
    expect(pieces.map((piece) => [...piece])).toEqual([[1, 2], [], [3, 4, 5]]);
  });
});

describe("dataUrl", () => {
  it("holds every byte, also of more than one chunk", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
    const url = dataUrl(bytes, "image/jpeg");
    const decoded = Uint8Array.from(atob(url.slice("data:image/jpeg;base64,".length)), (c) => c.charCodeAt(0));
    expect(decoded).toEqual(bytes);
  });
});

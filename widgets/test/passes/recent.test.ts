import { expect, it } from "vitest";
import { SLOTS, slots } from "../../src/components/passes/recent.ts";

const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

it("begins with the pinned ones, then the recent ones, each once", () => {
  expect(slots([], ["hat"], ["dog", "hat", "cat"])).toEqual(["hat", "dog", "cat"]);
  expect(slots([], named("p", 4), named("r", 9))).toHaveLength(SLOTS);
});

it("keeps the key of a tag, whatever was used since", () => {
  expect(slots(["dog", "cat"], [], ["cat", "hat", "dog"])).toEqual(["dog", "cat", "hat"]);
});

it("gives a new tag the key of one that was not used lately, when all are taken", () => {
  const held = named("t", SLOTS);
  const recent = ["new", ...held.slice(0, SLOTS - 1)];
  expect(slots(held, [], recent)).toEqual([...held.slice(0, SLOTS - 1), "new"]);
  expect(slots(held, [], ["new", ...held.filter((tag) => tag !== "t3")])[3]).toBe("new");
});

import { beforeEach, expect, it } from "vitest";
import { Queue } from "../../src/components/passes/queue.ts";

let queue: Queue;

beforeEach(() => {
  queue = new Queue(4);
  queue.add([11, 12, 13, 14], [0.4, 0.3, -1, 0]);
});

it("asks one question after the other, and says how many are left", () => {
  expect([queue.image, queue.score, queue.left]).toEqual([11, 0.4, 4]);
  queue.settle("yes");
  expect([queue.image, queue.place, queue.left]).toEqual([12, 1, 3]);
  queue.settle("skip");
  expect(queue.score).toBeNull(); // never looked at
  queue.settle("no");
  queue.settle("no");
  expect([queue.done, queue.image, queue.left]).toEqual([true, null, 0]);
  expect(queue.settle("yes")).toBeNull();
});

it("takes turns back one by one, skips too, until none is left", () => {
  queue.settle("yes");
  queue.settle("skip");
  expect(queue.back()).toEqual({ place: 1, image: 12, verdict: "skip" });
  expect(queue.image).toBe(12);
  expect(queue.back()?.image).toBe(11);
  expect(queue.back()).toBeNull();
  expect([queue.image, queue.left]).toEqual([11, 4]);
});

it("asks a question again at the end whose answer was not saved", () => {
  const turn = queue.settle("yes");
  queue.settle("no");
  if (turn) queue.reopen(turn);
  expect([queue.image, queue.left, queue.last?.image]).toEqual([13, 3, 12]); // the image looked at stays
  queue.settle("yes");
  queue.settle("yes");
  expect([queue.image, queue.done]).toEqual([11, false]);
  const last = queue.settle("yes");
  expect(queue.done).toBe(true);
  if (last) queue.reopen(last);
  expect([queue.image, queue.done]).toEqual([11, false]);
});

it("names the images ahead without those that are settled", () => {
  queue.settle("skip");
  queue.settle("no");
  queue.back();
  queue.back();
  queue.settle("yes");
  expect(queue.ahead(5)).toEqual([12, 13, 14]);
  expect(queue.ahead(2)).toEqual([12, 13]);
});

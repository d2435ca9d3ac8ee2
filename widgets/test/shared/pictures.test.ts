import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Channel, KernelError } from "../../src/channel.ts";
import { Pictures } from "../../src/components/shared/pictures.ts";
import { Cleanup } from "../../src/signal.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

let model: FakeModel;
let cleanup: Cleanup;
let pictures: Pictures;
let revoked: string[];

const tick = () => vi.advanceTimersByTimeAsync(0);
const asked = () => model.of("image").map(({ payload }) => payload.id);
const never = new AbortController().signal;
async function answer(at: number): Promise<void> {
  const sent = model.of("image")[at] as Sent;
  model.ok(sent, { id: sent.payload.id, width: 40, height: 30, type: "image/jpeg" }, [new Uint8Array([1])]);
  await tick();
}

beforeEach(() => {
  vi.useFakeTimers();
  revoked = [];
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => revoked.push(url));
  model = new FakeModel();
  cleanup = new Cleanup();
  pictures = new Pictures(new Channel(model), cleanup, 1600, 2);
});

afterEach(() => {
  cleanup.dispose();
  vi.useRealTimers();
});

it("asks once for a picture that two wait for", async () => {
  const both = Promise.all([pictures.get(1, never), pictures.get(1, never)]);
  await answer(0);
  const [one, other] = await both;
  expect(one).toBe(other);
  expect([one.width, one.height]).toEqual([40, 30]);
  expect(asked()).toEqual([1]);
  expect(pictures.held(1)).toBe(one);
});

it("loads what comes next one after the other, and forgets a wish that another replaced", async () => {
  pictures.ahead([1, 2, 3]);
  await tick();
  expect(asked()).toEqual([1]);
  pictures.ahead([3, 4]);
  await answer(0);
  expect(asked()).toEqual([1, 3]);
  await answer(1);
  expect(asked()).toEqual([1, 3, 4]);
});

it("goes on past a picture that cannot be read, which is told when it is looked at", async () => {
  pictures.ahead([1, 2]);
  await tick();
  model.fail(model.of("image")[0] as Sent, { kind: "unreadable", message: "truncated" });
  await tick();
  expect(asked()).toEqual([1, 2]);
  const looked = expect(pictures.get(1, never)).rejects.toBeInstanceOf(KernelError);
  await tick();
  model.fail(model.of("image").at(-1) as Sent, { kind: "unreadable", message: "truncated" });
  await looked;
});

it("lets go of the oldest, and of all at the end", async () => {
  pictures.ahead([1, 2, 3]);
  await tick();
  for (const at of [0, 1]) await answer(at);
  const [first, second] = [pictures.held(1)?.url, pictures.held(2)?.url];
  await answer(2);
  expect(revoked).toEqual([first]);
  cleanup.dispose();
  expect(revoked).toContain(second);
  expect(revoked).toHaveLength(3);
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Channel, isAbort, KernelError } from "../src/channel.ts";
import { FakeModel } from "./fake-model.ts";

let model: FakeModel;
let channel: Channel;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  channel = new Channel(model);
});

afterEach(() => {
  channel.close();
  vi.useRealTimers();
});

const details = (): ReturnType<typeof channel.request<"details">> => channel.request("details", { id: 1 });

describe("a request", () => {
  it("carries version, id, kind and payload, and resolves with what is answered", async () => {
    const answer = details();
    expect(model.last).toEqual({ v: 1, id: `${channel.client}-0`, kind: "details", payload: { id: 1 } });
    model.ok(model.last, { name: "a.jpg" });
    expect((await answer).ok.name).toBe("a.jpg");
  });

  it("rejects with the kernel's error and where it stands in the text", async () => {
    const answer = channel.request("search", { query: "sharpness:>hi" });
    model.fail(model.last, { kind: "query", message: "Expected a number", position: 11, length: 2 });
    await expect(answer).rejects.toMatchObject({ kind: "query", position: 11, length: 2 });
    await expect(answer).rejects.toBeInstanceOf(KernelError);
  });

  it("is answered once: other views' replies and repeated replies are nobody's", async () => {
    const answer = details();
    model.receive({ v: 1, id: "somebody-else-0", ok: { version: 9 } });
    model.ok(model.last, { name: "first" });
    model.ok(model.last, { name: "second" });
    expect((await answer).ok.name).toBe("first");
  });

  it("longer than 64 KB is refused here, before the host drops it", async () => {
    const ids = Array.from({ length: 20_000 }, (_, id) => id);
    await expect(channel.request("tags", { target: { ids } })).rejects.toMatchObject({ kind: "too_large" });
    expect(model.sent).toEqual([]);
  });

  it.each([
    ["DataView with an offset", new DataView(Uint8Array.of(9, 9, 9, 1, 2, 3).buffer, 3, 3)],
    ["Uint8Array", Uint8Array.of(1, 2, 3)],
    ["ArrayBuffer", Uint8Array.of(1, 2, 3).buffer],
  ])("takes its buffers as %s", async (_form, buffer) => {
    const answer = details();
    model.ok(model.last, {}, [buffer]);
    expect([...((await answer).buffers[0] ?? [])]).toEqual([1, 2, 3]);
  });
});

describe("silence", () => {
  it("of 1.5 s is a busy kernel, and an answer ends it", async () => {
    const answer = details();
    vi.advanceTimersByTime(1499);
    expect(channel.health.value).toBe("ready");
    vi.advanceTimersByTime(1);
    expect(channel.health.value).toBe("busy");
    model.ok(model.last);
    await answer;
    expect(channel.health.value).toBe("ready");
  });

  it("of 4 s repeats the request under the same id", () => {
    void details().catch(isAbort);
    vi.advanceTimersByTime(4000);
    expect(model.sent).toHaveLength(2);
    expect(model.sent[1]).toEqual(model.sent[0]);
  });

  it("after two repeats is a kernel that is gone; the request stays and a late answer settles it", async () => {
    const answer = details();
    vi.advanceTimersByTime(11_999);
    expect(channel.health.value).toBe("busy");
    vi.advanceTimersByTime(1);
    expect(channel.health.value).toBe("gone");
    vi.advanceTimersByTime(600_000);
    expect(model.sent).toHaveLength(3);
    model.ok(model.last, { name: "late" });
    expect((await answer).ok.name).toBe("late");
    expect(channel.health.value).toBe("ready");
  });

  it("about one request is no silence while others are answered", () => {
    void details().catch(isAbort);
    const slow = model.last;
    for (let second = 0; second < 30; second += 1) {
      vi.advanceTimersByTime(1000);
      model.receive({ v: 1, event: "job", payload: {} });
      expect(channel.health.value).toBe("ready");
    }
    expect(model.sent.every((message) => message.id === slow.id)).toBe(true);
  });

  it("ended by hand sends everything again", () => {
    void details().catch(isAbort);
    vi.advanceTimersByTime(12_000);
    const before = model.sent.length;
    channel.retry();
    expect(model.sent).toHaveLength(before + 1);
    expect(channel.health.value).toBe("busy");
  });

  it("counts the edits that wait, and only edits", () => {
    void details().catch(isAbort);
    void channel.request("edit", { action: "stars", value: 3, target: { ids: [1] } }).catch(isAbort);
    void channel.request("undo", {}).catch(isAbort);
    expect(channel.waiting.value).toBe(2);
    model.ok(model.of("edit")[0] ?? model.last);
    expect(channel.waiting.value).toBe(1);
  });

  it("with nothing asked is nothing", () => {
    vi.advanceTimersByTime(60_000);
    expect(channel.health.value).toBe("ready");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("changes", () => {
  const rate = (id: number) => channel.request("edit", { action: "stars", value: 3, target: { id } });

  it("dropped while the kernel was silent are sent again as soon as it is heard", async () => {
    const rated = rate(1);
    const { id } = model.last;
    vi.advanceTimersByTime(12_000);
    expect(channel.health.value).toBe("gone");
    model.receive({ v: 1, event: "notice", payload: {} });
    expect(model.last.id).toBe(id);
    expect(model.sent).toHaveLength(4);
    expect(channel.waiting.value).toBe(1);
    model.ok(model.last);
    expect((await rated).ok.version).toBe(1);
    expect(channel.waiting.value).toBe(0);
  });

  it("not confirmed are named in the order they were made, and nothing else is", () => {
    void details().catch(isAbort);
    for (const id of [1, 2]) rate(id).catch(isAbort);
    expect(channel.unsaved).toEqual([
      { kind: "edit", payload: { action: "stars", value: 3, target: { id: 1 } } },
      { kind: "edit", payload: { action: "stars", value: 3, target: { id: 2 } } },
    ]);
    model.ok(model.of("edit")[0] ?? model.last);
    expect(channel.unsaved.map(({ payload }) => payload)).toMatchObject([{ target: { id: 2 } }]);
  });

  it("confirmed are known before they are counted off", () => {
    const seen: unknown[] = [];
    channel.waiting.subscribe((count) => seen.push([count, channel.outcome.value !== null]));
    rate(1).catch(isAbort);
    model.ok(model.last);
    expect(seen).toEqual([
      [1, false],
      [0, true],
    ]);
  });

  it("of before the first that waits are saved, whatever was confirmed since", () => {
    const before = new Date(Date.now() - 60_000);
    rate(1).catch(isAbort);
    const made = Date.now();
    expect(channel.savedUntil(before)).toBe(before);
    vi.advanceTimersByTime(60_000);
    expect(channel.savedUntil(new Date()).getTime()).toBe(made);
  });
});

describe("cancelling", () => {
  it("tells the kernel under the request's id and rejects as aborted", async () => {
    const controller = new AbortController();
    const answer = channel.request("details", { id: 1 }, controller.signal);
    const { id } = model.last;
    controller.abort();
    expect(model.last).toEqual({ v: 1, id, kind: "cancel", payload: {} });
    await expect(answer).rejects.toSatisfy(isAbort);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("after the answer sends nothing", async () => {
    const controller = new AbortController();
    const answer = channel.request("details", { id: 1 }, controller.signal);
    model.ok(model.last);
    await answer;
    controller.abort();
    expect(model.of("cancel")).toEqual([]);
  });

  it("before asking asks nothing", async () => {
    await expect(channel.request("details", { id: 1 }, AbortSignal.abort())).rejects.toSatisfy(isAbort);
    expect(model.sent).toEqual([]);
  });
});

describe("events and lifetime", () => {
  it("hands events to their listeners until they leave", () => {
    const seen: unknown[] = [];
    const leave = channel.on("notice", (notice) => seen.push(notice.text));
    model.receive({ v: 1, event: "notice", payload: { text: "one", undo: false } });
    leave();
    model.receive({ v: 1, event: "notice", payload: { text: "two", undo: false } });
    expect(seen).toEqual(["one"]);
  });

  it("notices another protocol", () => {
    model.receive({ v: 2, event: "notice", payload: {} });
    expect(channel.mismatch.value).toBe(true);
  });

  it("leaves no listener, no timer and no pending promise behind", async () => {
    const answer = details();
    channel.close();
    await expect(answer).rejects.toSatisfy(isAbort);
    expect(model.listenerCount).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("survives a host whose send throws", () => {
    vi.spyOn(model, "send").mockImplementation(() => {
      throw new Error("comm is closed");
    });
    void details().catch(isAbort);
    vi.advanceTimersByTime(12_000);
    expect(channel.health.value).toBe("gone");
  });
});

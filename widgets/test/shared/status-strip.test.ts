import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Channel, isAbort } from "../../src/channel.ts";
import { StatusStrip, type StripInfo } from "../../src/components/shared/status-strip.ts";
import type { Job } from "../../src/protocol.ts";
import { Cleanup } from "../../src/signal.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const JOB: Job = {
  id: 1,
  label: "Reading photos/",
  state: "running",
  done: 10,
  total: 100,
  failed: 0,
  seconds_left: 38,
};

let cleanup: Cleanup;
let channel: Channel;
let model: FakeModel;
let strip: StatusStrip;
let info: StripInfo;

beforeEach(() => {
  vi.useFakeTimers();
  cleanup = new Cleanup();
  model = new FakeModel();
  channel = new Channel(model);
  info = { rest: "98,412 images in my-dog", readonly: false, job: null, savedAt: new Date(2026, 0, 1, 14, 31) };
  strip = new StatusStrip(channel, () => info, cleanup);
  document.body.replaceChildren(strip.element);
  strip.refresh();
});

afterEach(() => {
  cleanup.dispose();
  channel.close();
  vi.useRealTimers();
});

const show = (job: Partial<Job>): void => {
  info = { ...info, job: { ...JOB, ...job } };
  strip.refresh();
};

it("says where the images are when there is nothing else", () => {
  expect(strip.element.textContent).toBe("98,412 images in my-dog");
});

it("counts a job up and keeps its Stop button under the pointer", () => {
  show({});
  const stop = strip.element.querySelector("button");
  show({ done: 812, total: 1284, failed: 3 });
  expect(strip.element.querySelector("button")).toBe(stop);
  expect(strip.element.textContent).toBe("Reading photos/812 of 1,2843 failed38 s leftStop");
  stop?.click();
  expect(model.last).toMatchObject({ kind: "job.cancel", payload: { id: 1 } });
});

it("is not full before it is done", () => {
  show({ done: 100 });
  expect(strip.element.querySelector("i")?.style.transform).toBe("scaleX(0.99)");
  show({ done: 100, state: "done" });
  expect(strip.element.querySelector("i")?.style.transform).toBe("scaleX(1)");
  expect(strip.element.querySelector("button")).toBeNull();
});

it("says what a run of services costs and who refused what, and keeps that until the next one", () => {
  const account = { answered: 811, refused: [["openai", 2]] as [string, number][], unknown: 0, failed: 1, cost: 0.21 };
  show({ label: "gpt", done: 812, failed: 9, account });
  expect(strip.element.textContent).toBe("gpt812 of 1001 failed2 refused$0.21 so far38 s leftStop");
  const asked: string[] = [];
  const opened = vi.fn();
  info = { ...info, show: (query) => asked.push(query), models: opened };
  show({ label: "gpt", state: "done", account: { ...account, refused: [["openai", 1]] } });
  expect(strip.element.textContent).toBe(
    "811 answered, 1 refused, $0.21openai refused 1 image: content policy.ShowUse another model",
  );
  const [see, another] = strip.element.querySelectorAll("button");
  see?.click();
  another?.click();
  expect(asked).toEqual(["refused:openai"]);
  expect(opened).toHaveBeenCalledOnce();
  expect(strip.element.querySelector(".lr-bad")).toBeNull();
});

it("says why a run stopped", () => {
  show({ state: "stopped", label: "Stopped at $0.60. 1,204 of 1,221 captioned." });
  expect(strip.element.textContent).toBe("Stopped at $0.60. 1,204 of 1,221 captioned.");
});

it("shows the newest of several runs, and opens the list of all", () => {
  show({ others: 2 });
  expect(strip.element.textContent).toContain("+2");
  const opened = vi.fn();
  info = { ...info, models: opened };
  show({ others: 1 });
  const more = [...strip.element.querySelectorAll("button")].find((item) => item.textContent === "+1");
  expect(more?.title).toBe("1 other run");
  more?.click();
  expect(opened).toHaveBeenCalledOnce();
});

it("says what waits while the kernel is busy, and offers to try again when it is gone", () => {
  channel.request("edit", { action: "stars", value: 1, target: { id: 1 } }).catch(isAbort);
  vi.advanceTimersByTime(1500);
  expect(strip.element.textContent).toContain("1 change waiting");
  vi.advanceTimersByTime(11_000);
  expect(strip.element.getAttribute("role")).toBe("alert");
  expect(strip.element.textContent).toContain("Everything up to 14:31 is saved.");
  const again = [...strip.element.querySelectorAll("button")].find(({ textContent }) => textContent === "Try again");
  again?.focus();
  again?.click();
  expect(channel.health.value).toBe("busy");
});

it("keeps the keyboard in the widget when its button goes", () => {
  const root = document.createElement("div");
  root.className = "lr";
  root.tabIndex = -1;
  document.body.replaceChildren(root);
  root.append(strip.element);
  show({});
  strip.element.querySelector("button")?.focus();
  show({ state: "done" });
  expect(document.activeElement).toBe(root);
});

describe("a widget shown again after its kernel died", () => {
  const HELLO = { project: "my-dog", path: "~/my-dog" };
  const ask = (payload: object) => channel.request("edit", payload as never).catch(() => undefined);

  /** Another view, another kernel: only the page is the same. */
  async function again(path = HELLO.path): Promise<void> {
    channel.close();
    model = new FakeModel();
    channel = new Channel(model);
    strip = new StatusStrip(channel, () => info, cleanup);
    document.body.replaceChildren(strip.element);
    await greet(path);
  }

  async function greet(path = HELLO.path): Promise<void> {
    const hello = channel.request("hello", { client: channel.client });
    model.ok(model.last, { ...HELLO, path });
    await hello;
    strip.refresh();
  }

  const press = async (name: string): Promise<void> => {
    const found = [...strip.element.querySelectorAll("button")].find(
      (button) => button.textContent === name || button.getAttribute("aria-label") === name,
    );
    found?.click();
    await vi.advanceTimersByTimeAsync(0);
  };

  async function die(): Promise<void> {
    await greet();
    void ask({ action: "stars", value: 3, target: { ids: [1] } });
    void ask({ action: "include", target: "selected" });
    vi.advanceTimersByTime(12_000);
    expect(strip.element.textContent).toContain("2 changes not saved");
  }

  it("still names the changes, saves those that name their images, and keeps the others to copy", async () => {
    await die();
    await again();
    expect(strip.element.textContent).toContain("2 changes from before the restart not saved");
    await press("Save now");
    expect(model.of("edit").map(({ payload }) => payload)).toEqual([
      { action: "stars", value: 3, target: { ids: [1] } },
    ]);
    model.ok(model.last);
    await vi.advanceTimersByTimeAsync(0);
    expect(strip.element.textContent).toContain("1 change from before the restart not saved");
    await press("Let these changes go");
    expect(strip.element.textContent).toContain("98,412 images in my-dog");
    await again();
    expect(strip.element.textContent).not.toContain("restart");
  });

  it("keeps a change the new kernel refuses, with the reason", async () => {
    await die();
    await again();
    await press("Save now");
    model.fail(model.last, { kind: "error", message: "disk is full" });
    await vi.advanceTimersByTimeAsync(0);
    expect(strip.element.textContent).toContain("2 changes from before the restart not saved: disk is full");
    await press("Let these changes go");
  });

  it("shows them also where the old view ends after the new one began", async () => {
    await die();
    const old = channel;
    model = new FakeModel();
    channel = new Channel(model);
    strip = new StatusStrip(channel, () => info, cleanup);
    document.body.replaceChildren(strip.element);
    await greet();
    expect(strip.element.textContent).not.toContain("restart");
    old.close();
    expect(strip.element.textContent).toContain("2 changes from before the restart");
    await press("Let these changes go");
  });

  it("does not show them in another project, and shows them in the next widget of theirs", async () => {
    await die();
    await again("~/my-cat");
    expect(strip.element.textContent).not.toContain("restart");
    await again();
    expect(strip.element.textContent).toContain("2 changes from before the restart");
    await press("Let these changes go");
  });
});

describe("what is saved", () => {
  const saved = () => strip.element.querySelector(".lr-saved");
  const rate = (value: number, id = 1) =>
    channel.request("edit", { action: "stars", value, target: { id } }).catch(() => undefined);

  it("is not spoken of before there was a change", () => {
    expect(saved()?.textContent).toBe("");
  });

  it("is said of every change: on its way, then confirmed", () => {
    void rate(3);
    expect(saved()?.textContent).toBe("Saving");
    void rate(4, 2);
    const [first, second] = model.of("edit");
    model.ok(first as Sent);
    expect(saved()?.textContent).toBe("Saving");
    model.ok(second as Sent);
    expect(saved()?.textContent).toBe("Saved");
  });

  it("names the reason of a refusal, until a later change is saved", () => {
    void rate(3);
    model.fail(model.last, { kind: "error", message: "disk is full." });
    expect(saved()?.textContent).toBe("Not saved: disk is full");
    void rate(3);
    model.ok(model.last);
    expect(saved()?.textContent).toBe("Saved");
  });

  it("an answer that comes twice changes nothing", () => {
    void rate(3);
    const sent = model.last;
    model.ok(sent);
    model.fail(sent, { kind: "error", message: "too late" });
    expect(saved()?.textContent).toBe("Saved");
  });

  it("is no claim while the kernel is silent", () => {
    void rate(3);
    vi.advanceTimersByTime(1500);
    expect(saved()?.textContent).toBe("");
    expect(strip.element.textContent).toContain("1 change waiting");
    model.ok(model.last);
    expect(saved()?.textContent).toBe("Saved");
  });

  it("ends, in words, before the first change that a dead kernel left unconfirmed", () => {
    vi.setSystemTime(new Date(2026, 0, 1, 14, 20));
    void rate(3);
    void rate(4, 2);
    vi.advanceTimersByTime(12_000);
    expect(strip.element.textContent).toContain("Everything up to 14:20 is saved.");
    expect(strip.element.textContent).toContain("2 changes not saved");
  });

  it("can be copied as lines for a cell where it is not", async () => {
    const copied: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: (text: string) => Promise.resolve(copied.push(text)) } });
    void rate(3, 7);
    channel.request("edit", { action: "tags.add", names: ['a "b"'], target: { ids: [1, 2] } }).catch(() => undefined);
    vi.advanceTimersByTime(12_000);
    strip.element.querySelector<HTMLButtonElement>('[aria-label="Copy the changes not saved"]')?.click();
    await vi.advanceTimersByTimeAsync(0);
    vi.unstubAllGlobals();
    expect(copied).toEqual([
      'project.view(everything=True)[[7]].stars(3)\nproject.view(everything=True)[[1, 2]].add_tags("a \\"b\\"")',
    ]);
    expect(strip.element.textContent).toContain("Copied");
  });
});

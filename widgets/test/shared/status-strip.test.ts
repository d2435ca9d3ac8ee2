import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Channel, isAbort } from "../../src/channel.ts";
import { StatusStrip, type StripInfo } from "../../src/components/shared/status-strip.ts";
import type { Job } from "../../src/protocol.ts";
import { Cleanup } from "../../src/signal.ts";
import { FakeModel } from "../fake-model.ts";

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

it("says what waits while the kernel is busy, and offers to try again when it is gone", () => {
  channel.request("edit", { action: "stars", value: 1, target: { id: 1 } }).catch(isAbort);
  vi.advanceTimersByTime(1500);
  expect(strip.element.textContent).toContain("1 change waiting");
  vi.advanceTimersByTime(11_000);
  expect(strip.element.getAttribute("role")).toBe("alert");
  expect(strip.element.textContent).toContain("Everything up to 14:31 is saved.");
  const again = strip.element.querySelector("button");
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

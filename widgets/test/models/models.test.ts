import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Channel } from "../../src/channel.ts";
import { models } from "../../src/components/models/models.ts";
import { alone } from "../../src/part.ts";
import type { ModelRow, PastJob } from "../../src/protocol/models.ts";
import type { Hello, Job } from "../../src/protocol.ts";
import { Cleanup, Signal } from "../../src/signal.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null };

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const row = (id: string, more: Partial<ModelRow> = {}): ModelRow => ({
  id,
  name: id,
  kind: "tagger",
  provider: "local",
  makes: "tags, rating",
  runs: "here",
  available: true,
  why_not: null,
  remedy: null,
  size: "4 KB",
  downloads: false,
  price: "free",
  licence: "mit",
  todo: 1221,
  ...more,
});

const MISSING = row("gemini", {
  kind: "captioner",
  provider: "google",
  makes: "caption",
  runs: "away",
  available: false,
  why_not: "Needs GEMINI_API_KEY",
  remedy: "Set <b>GEMINI_API_KEY</b>",
  price: null,
});

const job = (more: Partial<Job> = {}): Job => ({
  id: 7,
  label: "wd",
  state: "running",
  done: 0,
  total: 1221,
  failed: 0,
  seconds_left: null,
  ...more,
});

const past = (more: Partial<PastJob> = {}): PastJob => ({
  id: 7,
  label: "wd",
  state: "done",
  done: 1221,
  total: 1221,
  failed: 0,
  started: "2026-11-03T14:31:00+00:00",
  resumable: false,
  ...more,
});

const offer = (rows: ModelRow[], more: object = {}) => ({ rows, images: 1284, selected: 0, jobs: [], ...more });
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const last = (kind: string) => model.of(kind).at(-1) as Sent;

const event = (name: string, payload: object) => model.receive({ v: 1, event: name, payload });

/** Answers the newest request of a kind. */
async function answer(kind: string, ok: object): Promise<void> {
  model.ok(last(kind), ok);
  await tick();
}

const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string): HTMLElement => {
  const found = el.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const box = (id: string): HTMLElement => {
  const found = all('[role="checkbox"]').find((item) => item.getAttribute("aria-label")?.startsWith(`${id},`));
  if (!found) throw new Error(`no row ${id}`);
  return found;
};
const run = () => one(".mp-foot > .lr-btn-primary");
const stop = () => one(".mp-foot > .lr-btn:not(.lr-btn-primary)");
const named = (text: string) => all(".mp-past button").find((item) => item.textContent === text);
const toast = () => one(".lr-toast").textContent;

async function open(rows: ModelRow[], more: object = {}, hello: object = {}): Promise<void> {
  dispose = widget(alone(models, "lorairo models")).render({ model, el });
  await answer("hello", { ...HELLO, ...hello });
  await answer("models", offer(rows, more));
}

async function start(): Promise<void> {
  await open([row("wd")]);
  box("wd").click();
  run().click();
  await answer("models.run", { job: job(), code: 'view.annotate(["wd"])' });
  await answer("models", offer([row("wd")]));
}

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("the list", () => {
  it("groups by kind and says what cannot run, why, and what helps, as text", async () => {
    await open([row("wd"), MISSING]);
    expect(all(".mp-kind").map((title) => title.textContent)).toEqual(["Taggers", "Captioners"]);
    expect(box("wd").getAttribute("aria-label")).toBe(
      "wd, tags, rating, runs on this machine, Ready, free, 1,221 images to do",
    );
    expect(box("gemini").getAttribute("aria-disabled")).toBe("true");
    expect(box("gemini").textContent).toContain("Needs GEMINI_API_KEY");
    expect(one(".mp-remedy-text").textContent).toBe("Needs GEMINI_API_KEY. Set <b>GEMINI_API_KEY</b>");
    box("gemini").click();
    expect(box("gemini").getAttribute("aria-checked")).toBe("false");
  });

  it("shows those that can run first, and none that the filter does not name", async () => {
    await open([row("off", { available: false, why_not: "Needs onnxruntime" }), row("wd"), MISSING]);
    const names = () => all(".mp-name").map((name) => name.textContent);
    expect(names()).toEqual(["wd", "off", "gemini"]);
    const input = one("input") as HTMLInputElement;
    input.value = "ONNX";
    input.dispatchEvent(new Event("input"));
    expect(names()).toEqual(["off"]);
    input.value = "nothing";
    input.dispatchEvent(new Event("input"));
    expect(one(".mp-rows").textContent).toBe("No model matches");
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(names()).toHaveLength(3);
  });

  it("is one tab stop, with the arrows inside", async () => {
    await open([row("wd"), row("other")]);
    expect(all('[role="checkbox"]').map((item) => item.tabIndex)).toEqual([0, -1]);
    box("wd").focus();
    box("wd").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true }));
    expect(document.activeElement).toBe(box("other"));
  });
});

describe("the keyboard", () => {
  it("that comes before the kernel's answer ends up on the first row", async () => {
    const cleanup = new Cleanup();
    dispose = () => cleanup.dispose();
    const channel = new Channel(model);
    const around = {
      hello: new Signal<Hello | null>(null),
      toast: vi.fn(),
      say: vi.fn(),
      leave: vi.fn(),
      searched: vi.fn(),
    };
    const standing = models(channel, cleanup, around);
    el.append(standing.element);
    standing.focus();
    await answer("models", offer([row("wd"), row("other")]));
    expect(document.activeElement).toBe(box("wd"));
    const input = one("input");
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(around.leave).toHaveBeenCalledOnce();
    channel.close();
  });
});

describe("the plan", () => {
  it("says what is answered, what is left and what leaves the machine", async () => {
    await open([row("wd")]);
    expect(run().textContent).toBe("Pick a model");
    expect(run().getAttribute("aria-disabled")).toBe("true");
    box("wd").click();
    const facts = one(".mp-facts").textContent;
    expect(facts).toBe("In view1,284 imagesModelwdAlready answered− 63To do1,221 images");
    expect(one(".mp-note").textContent).toBe("Nothing leaves this machine.");
    expect(run().textContent).toBe("Run on 1,221 images");
  });

  it("counts answers where there are several models, and names downloads", async () => {
    await open([row("wd", { todo: 1 }), row("big", { todo: 1284, downloads: true, size: "379 MB" })]);
    box("wd").click();
    box("big").click();
    expect(run().textContent).toBe("Run 2 models, 1,285 answers");
    expect(one(".mp-facts").textContent).toContain("Downloads first379 MB");
  });

  it("does not claim to know what a plug-in sends", async () => {
    await open([row("mine", { runs: "plugin", provider: "plugin", price: null })]);
    expect(box("mine").textContent).toContain("price unknown");
    box("mine").click();
    expect(one(".mp-note").textContent).toContain("cannot say what leaves this machine");
  });

  it("has nothing to run where all is answered", async () => {
    await open([row("wd", { todo: 0 })]);
    box("wd").click();
    expect(run().textContent).toBe("All 1,284 images are answered");
    run().click();
    expect(model.of("models.run")).toEqual([]);
  });

  it("asks for the selection when that is chosen, and waits for its counts", async () => {
    await open([row("wd")], { selected: 3 });
    box("wd").click();
    all(".mp-switch button")[1]?.click();
    expect(last("models").payload).toEqual({ target: "selected" });
    expect(run().textContent).toBe("Counting what is left to do");
    await answer("models", offer([row("wd", { todo: 2 })], { images: 3, selected: 3 }));
    run().click();
    expect(last("models.run").payload).toEqual({ models: ["wd"], target: "selected" });
  });

  it("forgets a pick that cannot run any more", async () => {
    await open([row("wd")]);
    box("wd").click();
    event("changed", { kinds: [], images: null, count: 1, total: 1 });
    await tick(400);
    await answer("models", offer([row("wd", { available: false, why_not: "Its files are gone" })]));
    expect(run().textContent).toBe("Pick a model");
  });
});

describe("a run", () => {
  it("starts once, however often it is pressed", async () => {
    await open([row("wd")]);
    box("wd").click();
    run().click();
    run().click();
    expect(model.of("models.run").map(({ payload }) => payload)).toEqual([{ models: ["wd"], target: "shown" }]);
  });

  it("shows how far it is and its line of code, and stops", async () => {
    await start();
    event("job", job({ done: 812, failed: 2, seconds_left: 37.2 }));
    await tick();
    expect(one(".mp-run").textContent).toBe('wd812 of 1,22138 s left2 failedview.annotate(["wd"])');
    expect(one('.mp-run [role="progressbar"]').getAttribute("aria-valuenow")).toBe("812");
    expect(run().hidden).toBe(true);
    stop().click();
    expect(last("job.cancel").payload).toEqual({ id: 7 });
    event("job", job({ state: "stopping" }));
    await tick();
    expect(stop().textContent).toBe("Stopping after this batch");
    expect(stop().getAttribute("aria-disabled")).toBe("true");
  });

  it("is over when an event said so before the answer to the press came", async () => {
    await open([row("wd")]);
    box("wd").click();
    run().click();
    event("job", job({ state: "done", done: 1221 }));
    await answer("models.run", { job: job(), code: "x" });
    expect(one(".mp-run").hidden).toBe(true);
    expect(run().hidden).toBe(false);
  });

  it("names the images that failed when it ends, and goes on", async () => {
    await start();
    event("job", job({ state: "done", done: 1221, failed: 1 }));
    await tick();
    expect(last("job.errors").payload).toEqual({ id: 7 });
    await answer("models", offer([row("wd", { todo: 1 })], { jobs: [past({ failed: 1, resumable: true })] }));
    await answer("job.errors", { total: 3, errors: [{ image: 4, name: "<i>.jpg", message: "is truncated" }] });
    expect(one(".mp-errors").textContent).toBe("<i>.jpgis truncatedand 2 more: project.failures");
    expect(one(".mp-past").textContent).toContain("1,220 answered");
    expect(one(".mp-past code").textContent).toBe('view.annotate(["wd"])');
    named("1 failed")?.click();
    expect(el.querySelector(".mp-errors")).toBeNull();
    named("Resume")?.click();
    expect(last("job.resume").payload).toEqual({ id: 7 });
    await answer("job.resume", { job: job({ done: 1220 }) });
    expect(one(".mp-run").hidden).toBe(false);
  });

  it("says why it failed as a whole", async () => {
    await start();
    event("job", job({ state: "failed", label: "wd failed at 0: the hub cannot be reached" }));
    await tick();
    await answer("models", offer([row("wd")], { jobs: [past({ state: "failed", done: 0, resumable: true })] }));
    expect(one(".mp-past").textContent).toContain("Failed at 0 of 1,221");
    expect(one(".mp-past").textContent).toContain("the hub cannot be reached");
  });

  it("that the kernel refuses is told, and can be pressed again", async () => {
    await open([row("wd")]);
    box("wd").click();
    run().click();
    model.fail(last("models.run"), { kind: "error", message: "wd cannot run here: Needs onnxruntime" });
    await tick();
    expect(toast()).toContain("wd cannot run here");
    await answer("models", offer([row("wd")]));
    expect(run().textContent).toBe("Run on 1,221 images");
  });

  it("of another kernel is told from one that ended", async () => {
    const jobs = [past({ id: 9, state: "running", done: 3, total: 12 }), past({ failed: 1, resumable: true })];
    await open([row("wd")], { jobs }, { job: job({ state: "done", done: 1221, failed: 2 }) });
    const said = all(".mp-past-row").map((item) => item.textContent);
    expect(said).toEqual(["Running at 3 of 12", "1,219 answered2 failedResume"]);
  });

  it("under way before the picker opened is shown", async () => {
    await open([row("wd")], { jobs: [past({ state: "running", done: 3 })] }, { job: job({ done: 5 }) });
    expect(one(".mp-run").textContent).toContain("5 of 1,221");
    expect(one(".mp-past").hidden).toBe(true);
  });
});

describe("without a kernel or without leave to write", () => {
  it("offers no run in a project that is read only", async () => {
    await open([row("wd")], { jobs: [past({ state: "stopped", resumable: true })] }, { readonly: true });
    expect(one(".mp-foot").hidden).toBe(true);
    expect(named("Resume")).toBeUndefined();
  });

  it("disables what needs an answer, with the reason", async () => {
    await open([row("wd")], { jobs: [past({ state: "stopped", resumable: true })] });
    box("wd").click();
    event("changed", { kinds: [], images: null, count: 1, total: 1 });
    await tick(20_000);
    expect(run().getAttribute("aria-disabled")).toBe("true");
    expect(run().title).toBe("The kernel is not answering");
    expect(named("Resume")?.getAttribute("aria-disabled")).toBe("true");
  });
});

import { describe, expect, it, vi } from "vitest";
import { Channel } from "../../src/channel.ts";
import { models } from "../../src/components/models/models.ts";
import type { Hello } from "../../src/protocol.ts";
import { Cleanup, Signal } from "../../src/signal.ts";
import {
  all,
  answer,
  box,
  disposeWith,
  el,
  event,
  freshPages,
  job,
  last,
  MISSING,
  model,
  named,
  offer,
  one,
  open,
  past,
  row,
  run,
  start,
  stop,
  tick,
  toast,
} from "./page.ts";

freshPages();

function type(field: HTMLInputElement | HTMLTextAreaElement | undefined, text: string): void {
  if (field === undefined) throw new Error("no field");
  field.value = text;
  field.dispatchEvent(new Event("input"));
}

const AS_IT_IS = { batch: null, floor: null, parameters: {} };

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

  it("stands in one order of kinds, and lists what no run takes", async () => {
    const upscaler = row("larger", { kind: "upscaler", makes: "a larger picture", runnable: false });
    await open([row("dino", { kind: "embedder" }), upscaler, row("faces", { kind: "scorer" }), row("wd")]);
    expect(all(".mp-kind").map((title) => title.textContent)).toEqual(["Taggers", "Scorers", "Embedders", "Upscalers"]);
    box("larger").click();
    expect(box("larger").getAttribute("aria-checked")).toBe("false");
    expect(run().textContent).toBe("Pick a model");
  });

  it("copies the command of what helps, not the words around it", async () => {
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    const command = 'pip install "lorairo[local]"';
    const remedy = `${command} (with a CUDA GPU: "lorairo[local-gpu]")`;
    await open([row("wd", { available: false, why_not: "Needs onnxruntime", remedy, command })]);
    expect(one(".mp-remedy-text").textContent).toBe(`Needs onnxruntime. ${remedy}`);
    one(".mp-remedy button").click();
    expect(write).toHaveBeenCalledWith(command);
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
    disposeWith(() => cleanup.dispose());
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
    const facts = one(".mp-plan .mp-facts").textContent;
    expect(facts).toBe("In view1,284 imagesModelwdAlready answered− 63To do1,221 imagesTimenot measured yet");
    expect(one(".mp-plan .mp-note").textContent).toBe("Nothing leaves this machine.");
    expect(run().textContent).toBe("Run on 1,221 images");
  });

  it("says for how long, from what images took before, and from which score on tags count", async () => {
    await open([
      row("wd", { seconds: 0.05, thresholds: { general: 0.35, character: 0.85 } }),
      row("new", { todo: 1 }),
      row("old", { todo: 0 }),
    ]);
    box("wd").click();
    expect(one(".mp-plan .mp-facts").textContent).toContain("Timeabout 2 minTags from0.35, character 0.85");
    box("old").click();
    expect(one(".mp-plan .mp-facts").textContent).toContain("Timeabout 2 min");
    box("new").click();
    expect(one(".mp-plan .mp-facts").textContent).toContain("Timenot measured yet");
  });

  it("shows the lines that do the same in a cell, or why they cannot be run", async () => {
    await open([row("wd"), row("sharp", { kind: "scorer", makes: "sharpness" })]);
    expect(one(".mp-plan > .mp-code").hidden).toBe(true);
    box("sharp").click();
    box("wd").click();
    await tick(200);
    expect(last("models.plan").payload).toEqual({ models: ["wd", "sharp"], target: "shown", options: AS_IT_IS });
    const code = 'view.annotate(["wd"])\nview.score(["sharp"])';
    await answer("models.plan", { code, todo: [1000, 0] });
    expect(one(".mp-plan > .mp-code code").textContent).toBe(code);
    expect(run().textContent).toBe("Run 2 models, 1,000 answers");
    box("sharp").click();
    expect(one(".mp-plan > .mp-code").hidden).toBe(true);
    await tick(200);
    model.fail(last("models.plan"), { kind: "error", message: "wd takes no <i>prompt</i>" });
    await tick();
    expect(one(".mp-plan > .lr-bad").textContent).toBe("wd takes no <i>prompt</i>");
  });

  it("sends how it is to be asked, and leaves out what means nothing", async () => {
    const generation = { prompt: "Describe it.", max_new_tokens: 256 };
    await open([row("joy", { kind: "captioner", generation }), row("wd")]);
    box("joy").click();
    const [batch] = all(".mp-entry") as HTMLInputElement[];
    const prompt = one(".mp-text") as HTMLTextAreaElement;
    expect(prompt.placeholder).toBe("Describe it.");
    type(batch, "none");
    expect(batch?.getAttribute("aria-invalid")).toBe("true");
    type(prompt, "In one line.");
    await tick(200);
    const parameters = { joy: { prompt: "In one line." } };
    expect(last("models.plan").payload).toMatchObject({ options: { batch: null, floor: null, parameters } });
    type(batch, "8");
    expect(batch?.getAttribute("aria-invalid")).toBeNull();
    run().click();
    expect(last("models.run").payload).toEqual({
      models: ["joy"],
      target: "shown",
      options: { batch: 8, floor: null, parameters },
    });
  });

  it("asks no model that is not picked in any way", async () => {
    const generation = { prompt: "Describe it.", max_new_tokens: 256 };
    await open([row("joy", { kind: "captioner", generation }), row("wd")]);
    box("joy").click();
    type(one(".mp-text") as HTMLTextAreaElement, "In one line.");
    box("joy").click();
    box("wd").click();
    run().click();
    expect(last("models.run").payload).toMatchObject({ models: ["wd"], options: { parameters: {} } });
  });

  it("counts answers where there are several models, and names downloads", async () => {
    await open([row("wd", { todo: 1 }), row("big", { todo: 1284, downloads: true, size: "379 MB" })]);
    box("wd").click();
    box("big").click();
    expect(run().textContent).toBe("Run 2 models, 1,285 answers");
    expect(one(".mp-plan .mp-facts").textContent).toContain("Downloads first379 MB");
  });

  it("does not claim to know what a plug-in sends", async () => {
    await open([row("mine", { runs: "plugin", provider: "plugin", price: null })]);
    expect(box("mine").textContent).toContain("price unknown");
    box("mine").click();
    expect(one(".mp-plan .mp-note").textContent).toContain("cannot say what leaves this machine");
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
    expect(last("models.run").payload).toEqual({ models: ["wd"], target: "selected", options: AS_IT_IS });
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
    expect(model.of("models.run").map(({ payload }) => payload)).toEqual([
      { models: ["wd"], target: "shown", options: AS_IT_IS },
    ]);
  });

  it("shows how far it is and its line of code, and stops", async () => {
    await start();
    event("job", job({ done: 812, failed: 2, seconds_left: 37.2, rate: 11.02 }));
    await tick();
    expect(one(".mp-run").textContent).toBe(
      'wd812 of 1,22111 images a second · 38 s left2 failedview.annotate(["wd"])',
    );
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

import { describe, expect, it } from "vitest";
import type { NamedCut } from "../../src/protocol/models.ts";
import { all, answer, event, freshPages, last, model, offer, one, open, row, tick, toast } from "./page.ts";

freshPages();

const CUT: NamedCut = { model: "local/wd", name: "wd", general: 0.35, character: 0.85, method: "fixed", per_tag: {} };
const WD = { model: "local/wd" };
const SKY = { name: "<b>sky</b>", category: 0, was: 1812, count: 640 };

const slider = (name: string): HTMLInputElement => {
  const found = all("input[type=range]").find((input) => input.getAttribute("aria-label") === `${name} of wd`);
  if (!(found instanceof HTMLInputElement)) throw new Error(`no slider for ${name}`);
  return found;
};
const method = (name: string): HTMLElement => {
  const found = all(".mp-methods button").find((element) => element.textContent === name);
  if (!found) throw new Error(`no method ${name}`);
  return found;
};
const figures = () => all(".mp-slider .mp-num").map((element) => element.textContent);

function drag(name: string, value: number): void {
  slider(name).value = String(value);
  slider(name).dispatchEvent(new Event("input"));
}

async function release(name: string): Promise<void> {
  slider(name).dispatchEvent(new Event("change"));
  await tick();
}

const opened = (cuts: NamedCut[] = [CUT], hello: object = {}) => open([row("wd")], { cuts }, hello);

describe("thresholds", () => {
  it("are there for models that have answered, and for people who may change something", async () => {
    await open([row("wd")]);
    expect(one(".mp-cuts").hidden).toBe(true);
    event("changed", { kinds: [], images: null, count: 1, total: 1 });
    await tick(400);
    await answer("models", offer([row("wd")], { cuts: [CUT] }));
    expect(one(".mp-cuts").hidden).toBe(false);
    expect(figures()).toEqual(["0.35", "0.85"]);
  });

  it("let the kernel read ahead what the first of them needs, once they are there", async () => {
    await open([row("wd")]);
    expect(model.of("threshold.ahead")).toEqual([]);
    event("changed", { kinds: [], images: null, count: 1, total: 1 });
    await tick(400);
    await answer("models", offer([row("wd")], { cuts: [CUT] }));
    await answer("threshold.ahead", {});
    event("changed", { kinds: [], images: null, count: 1, total: 1 });
    await tick(400);
    await answer("models", offer([row("wd")], { cuts: [CUT] }));
    expect(model.of("threshold.ahead")).toHaveLength(1);
  });

  it("stay away where the project is read only", async () => {
    await opened([CUT], { readonly: true });
    expect(one(".mp-cuts").hidden).toBe(true);
    expect(model.of("threshold.ahead")).toEqual([]);
  });

  it("say while they are moved what would change, one question at a time, and change nothing yet", async () => {
    await opened();
    drag("general", 0.4);
    drag("general", 0.45);
    drag("general", 0.5);
    expect(model.of("threshold.preview").map(({ payload }) => payload)).toEqual([{ ...WD, general: 0.4 }]);
    await answer("threshold.preview", { images: 96, tags: 1204, rows: [SKY] });
    expect(one(".mp-effect").textContent).toBe("96 images would change: <b>sky</b> 1,812 to 640");
    expect(last("threshold.preview").payload).toEqual({ ...WD, general: 0.5 });
    expect(figures()[0]).toBe("0.50");
    expect(model.of("threshold.set")).toEqual([]);
  });

  it("are one change when they are let go, with its undo", async () => {
    await opened();
    drag("character", 0.6);
    await release("character");
    expect(model.of("threshold.set").map(({ payload }) => payload)).toEqual([{ ...WD, character: 0.6 }]);
    await answer("threshold.set", { message: "Set wd to character 0.6: 96 images changed", count: 96 });
    expect(toast()).toContain("96 images changed");
    await answer("models", offer([row("wd")], { cuts: [{ ...CUT, character: 0.6 }] }));
    expect(figures()).toEqual(["0.35", "0.60"]);
    one(".lr-toast button").click();
    await answer("undo", { message: "Undone", can_undo: null, can_redo: null });
    await answer("models", offer([row("wd")], { cuts: [CUT] }));
    expect(figures()).toEqual(["0.35", "0.85"]);
  });

  it("moved back to where they were are no change", async () => {
    await opened();
    drag("general", 0.4);
    await answer("threshold.preview", { images: 96, tags: 1204, rows: [] });
    drag("general", 0.35);
    await release("general");
    expect(model.of("threshold.set")).toEqual([]);
    expect(one(".mp-effect").textContent).toBe("");
  });

  it("moved one after the other are sent once each", async () => {
    await opened();
    drag("general", 0.5);
    await release("general");
    await answer("threshold.set", { message: "Set wd to general 0.5: 9 images changed", count: 9 });
    drag("character", 0.6);
    await release("character");
    expect(last("threshold.set").payload).toEqual({ ...WD, character: 0.6 });
  });

  it("stay calibrated when one of them is moved", async () => {
    await opened([{ ...CUT, method: "pr" }]);
    drag("general", 0.5);
    await release("general");
    expect(last("threshold.set").payload).toEqual({ ...WD, general: 0.5, method: "pr" });
  });

  it("moved by keys are one change once the keys rest", async () => {
    await opened();
    for (const value of [0.36, 0.37, 0.38]) {
      slider("general").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
      drag("general", value);
      await release("general");
    }
    expect(model.of("threshold.set")).toEqual([]);
    await tick(700);
    expect(model.of("threshold.set").map(({ payload }) => payload)).toEqual([{ ...WD, general: 0.38 }]);
  });

  it("keep what is held when somebody else changes something", async () => {
    await opened();
    drag("general", 0.5);
    event("changed", { kinds: [], images: null, count: 1, total: 1 });
    await tick(400);
    await answer("models", offer([row("wd")], { cuts: [{ ...CUT, general: 0.2 }] }));
    expect(figures()[0]).toBe("0.50");
  });

  it("of single tags are added, moved and taken back", async () => {
    await opened();
    const input = one(".mp-tag-field input") as HTMLInputElement;
    input.value = " Blue Sky ";
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
    expect(last("threshold.set").payload).toEqual({ ...WD, per_tag: { blue_sky: 0.35 } });
    await answer("threshold.set", { message: "Set wd to blue_sky 0.35: no images changed", count: 0 });
    const one_tag = { ...CUT, method: "mcut" as const, per_tag: { blue_sky: 0.35 } };
    await answer("models", offer([row("wd")], { cuts: [one_tag] }));
    drag("blue_sky", 0.9);
    expect(last("threshold.preview").payload).toEqual({ ...WD, per_tag: { blue_sky: 0.9 } });
    await release("blue_sky");
    expect(last("threshold.set").payload).toEqual({ ...WD, per_tag: { blue_sky: 0.9 } });
    await answer("threshold.set", { message: "Set wd to blue_sky 0.9: 4 images changed", count: 4 });
    await answer("models", offer([row("wd")], { cuts: [{ ...one_tag, per_tag: { blue_sky: 0.9 } }] }));
    one(".mp-tag-cut button").click();
    expect(last("threshold.set").payload).toEqual({ ...WD, per_tag: { blue_sky: null } });
    expect(all(".mp-tag-cut")).toHaveLength(0);
  });

  it("by the widest gap need no figures", async () => {
    await opened();
    method("Widest gap").click();
    expect(last("threshold.set").payload).toEqual({ ...WD, method: "mcut" });
    expect(method("Widest gap").getAttribute("aria-pressed")).toBe("true");
    expect(slider("general").disabled).toBe(true);
  });

  it("show the true state again when they are refused", async () => {
    await opened();
    method("Calibrated").click();
    model.fail(last("threshold.set"), { kind: "error", message: "answer about 20 images first" });
    await tick();
    expect(toast()).toContain("answer about 20 images first");
    await answer("models", offer([row("wd")], { cuts: [CUT] }));
    expect(method("Fixed").getAttribute("aria-pressed")).toBe("true");
  });
});

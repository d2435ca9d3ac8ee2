import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onePass } from "../../src/components/passes/passes.ts";
import { alone } from "../../src/part.ts";
import type { Guided } from "../../src/protocol/passes.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";
import { details } from "../tag-editor/kernel.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null, parts: {} };
const AT: Guided = { id: 11, place: 0, total: 4, reviewed: 1, marked: false, ahead: [12, 13] };

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const tick = () => vi.advanceTimersByTimeAsync(0);
async function answer(kind: string, ok: object): Promise<void> {
  model.ok(model.of(kind).at(-1) as Sent, ok);
  await tick();
}
const one = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const found = el.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
async function press(key: string, target: HTMLElement = one(".ps-guided .ps-stage")): Promise<void> {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await tick();
}
const told = () => one(".ps-guided .ps-progress").textContent;
const steps = () => model.of("guide").map(({ payload }) => [payload.step, payload.from]);
const edits = () => model.of("edit").map(({ payload }) => payload);
const keys = () =>
  [...el.querySelectorAll(".ps-key")].map((key) => [key.textContent, key.getAttribute("aria-pressed")]);

beforeEach(async () => {
  vi.useFakeTimers();
  el = document.createElement("div");
  document.body.append(el);
  model = new FakeModel({ protocol: 1, task: { kind: "guided", again: false } });
  dispose = widget(alone(onePass, "lorairo pass")).render({ model, el });
  await answer("hello", HELLO);
  await answer("guide", AT);
  await answer("tags.recent", { recent: ["dog", "hat"], pinned: ["trigger"] });
  await answer("details", details(11));
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a guided pass", () => {
  it("goes on where it stopped, and counts what is left", () => {
    expect(steps()).toEqual([["resume", null]]);
    expect(told()).toBe("1 of 4 reviewed · 3 left");
    expect(one(".ps-guided .ps-stage").getAttribute("aria-label")).toBe("image_11.jpg, 1 of 4");
  });

  it("marks an image and goes on, in this order", async () => {
    await press("Enter");
    expect(edits()).toEqual([{ action: "reviewed", value: true, target: { id: 11 } }]);
    expect(steps().at(-1)).toEqual(["next", 11]);
    await answer("guide", { ...AT, id: 12, place: 1, reviewed: 2 });
    expect(told()).toBe("2 of 4 reviewed · 2 left");
    await press(" ");
    expect(edits()).toHaveLength(1); // passed over without the mark
    expect(steps().at(-1)).toEqual(["next", 12]);
  });

  it("takes steps one after the other, however fast the keys come", async () => {
    await press(" ");
    await press(" ");
    expect(steps()).toHaveLength(2);
    await answer("guide", { ...AT, id: 12, place: 1 });
    expect(steps().at(-1)).toEqual(["next", 12]);
  });

  it("has recent tags on the number keys, and shows which are on the image", async () => {
    expect(keys()).toEqual([
      ["1trigger", "false"],
      ["2dog", "true"],
      ["3hat", "false"],
    ]);
    await press("3");
    await press("2");
    expect(edits()).toEqual([
      { action: "tags.add", names: ["hat"], target: { id: 11 } },
      { action: "tags.remove", names: ["dog"], target: { id: 11 } },
    ]);
  });

  it("leaves digits to fields that take text", async () => {
    const field = document.createElement("input");
    one(".ps-body").append(field);
    await press("3", field);
    expect(edits()).toEqual([]);
  });

  it("looks again at an image that was changed", async () => {
    model.receive({
      v: 1,
      event: "changed",
      payload: { version: 1, kinds: ["tags"], images: [11], can_undo: null, can_redo: null, count: 4, total: 4 },
    });
    await tick();
    await answer("details", details(11, { tags: [], reviewed: true }));
    expect(keys()[1]).toEqual(["2dog", "false"]);
    expect(one(".ps-mark").hidden).toBe(false);
  });

  it("says when all are reviewed, and offers to look again", async () => {
    await press("Enter");
    await answer("guide", { ...AT, id: null, reviewed: 4, ahead: [] });
    expect(one(".ps-ended").textContent).toContain("All 4 images reviewed");
    one(".ps-ended button").click();
    await tick();
    expect(model.of("guide").at(-1)?.payload).toEqual({ step: "resume", from: null, again: true });
  });

  it("says why a change was not made", async () => {
    await press("1");
    model.fail(model.of("edit").at(-1) as Sent, { kind: "error", message: "disk is full" });
    await tick();
    expect(one(".lr-toast").textContent).toContain("Could not save 1 change: disk is full");
  });
});

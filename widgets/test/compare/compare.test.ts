import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compareSelected } from "../../src/components/compare/compare.ts";
import { alone } from "../../src/part.ts";
import type { Tag } from "../../src/protocol.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";
import { details } from "../tag-editor/kernel.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null };
const DONE = { message: "Tagged 1 image", count: 1, operation: 1, can_undo: null, can_redo: null };
const tag = (name: string): Tag => ({ name, category: 0, source: "hand" });

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const tick = () => vi.advanceTimersByTimeAsync(0);
const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string): HTMLElement => {
  const found = el.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
async function press(key: string, target: HTMLElement = one(".cp-active")): Promise<void> {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await tick();
}
const edits = () => model.of("edit").map(({ payload }) => payload);

async function start(readonly = false): Promise<void> {
  model = new FakeModel({ protocol: 1 });
  dispose = widget(alone(compareSelected, "lorairo comparison")).render({ model, el });
  model.ok(model.of("hello")[0] as Sent, { ...HELLO, readonly });
  model.ok(model.of("compare")[0] as Sent, { ids: [1, 2, 3], selected: 3 });
  await tick();
  for (const [at, names] of [["dog", "hat"], ["dog"], ["dog", "hat"]].entries()) {
    model.ok(model.of("details")[at] as Sent, details(at + 1, { tags: names.map(tag) }));
  }
  await tick();
}

beforeEach(() => {
  vi.useFakeTimers();
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a comparison", () => {
  it("shows a pane for each image, and what differs", async () => {
    await start();
    expect(all(".cp-pane").map((pane) => pane.getAttribute("aria-label"))).toEqual([
      "A, image_1.jpg, 640 × 480",
      "B, image_2.jpg, 640 × 480",
      "C, image_3.jpg, 640 × 480",
    ]);
    expect(all(".cp-title")[0]?.textContent).toBe("1 tag differsOn all 3: dog");
    expect(
      all(".cp-toggle").map((cell) => [cell.getAttribute("aria-label"), cell.getAttribute("aria-pressed")]),
    ).toEqual([
      ["hat on A", "true"],
      ["hat on B", "false"],
      ["hat on C", "true"],
    ]);
  });

  it("rates and excludes the image that has the keyboard, and shows it at once", async () => {
    await start();
    await press("ArrowRight");
    await press("4");
    await press("x");
    expect(edits()).toEqual([
      { action: "stars", value: 4, target: { ids: [2] } },
      { action: "exclude", reason: null, target: { ids: [2] } },
    ]);
    expect(one(".cp-active").getAttribute("aria-label")).toBe("B, image_2.jpg, 640 × 480, rated 4, excluded");
  });

  it("copies tags to the others in one edit, and tells it with its undo", async () => {
    await start();
    await press("p");
    expect(edits()).toEqual([{ action: "tags.add", names: ["hat"], target: { ids: [2, 3] } }]);
    model.ok(model.of("edit")[0] as Sent, DONE);
    await tick();
    expect(one(".lr-toast").textContent).toBe("Tagged 1 imageUndo");
    expect(all(".cp-toggle")).toEqual([]); // none differs any more
  });

  it("sets a tag in its cell, and shows what is true where that is refused", async () => {
    await start();
    all(".cp-toggle")[1]?.click();
    await tick();
    expect(edits()).toEqual([{ action: "tags.add", names: ["hat"], target: { ids: [2] } }]);
    expect(all(".cp-toggle")).toEqual([]);
    model.fail(model.of("edit")[0] as Sent, { kind: "error", message: "disk is full" });
    await tick();
    for (const [at, names] of [["dog", "hat"], ["dog"], ["dog", "hat"]].entries()) {
      model.ok(model.of("details")[at + 3] as Sent, details(at + 1, { tags: names.map(tag) }));
    }
    await tick();
    expect(all(".cp-toggle")).toHaveLength(3);
    expect(one(".lr-toast").textContent).toContain("disk is full");
  });

  it("moves in the table by arrows, with one stop for Tab", async () => {
    await start();
    const toggles = all(".cp-toggle");
    expect(toggles.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
    toggles[0]?.focus();
    await press("ArrowRight", toggles[0]);
    expect(document.activeElement).toBe(toggles[1]);
    expect(toggles.map(({ tabIndex }) => tabIndex)).toEqual([-1, 0, -1]);
  });

  it("changes nothing in a project that is read only", async () => {
    await start(true);
    await press("4");
    await press("p");
    all(".cp-toggle")[1]?.click();
    expect(edits()).toEqual([]);
    expect(one(".cp-copy").hidden).toBe(true);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { history } from "../../src/components/history/history.ts";
import { alone } from "../../src/part.ts";
import type { Operation } from "../../src/protocol/history.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null };
const NOW = new Date(2026, 10, 25, 15, 0);

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const change = (id: number, more: Partial<Operation> = {}): Operation => ({
  id,
  time: new Date(2026, 10, 25, 14, id % 60).toISOString(),
  author: "mira",
  by: "person",
  message: `Tagged 21 images tag_${id}`,
  images: 21,
  undone: false,
  folded: false,
  ...more,
});

const tick = () => vi.advanceTimersByTimeAsync(0);

/** Answers the newest request of a kind. */
async function answer(kind: string, ok: object): Promise<void> {
  model.ok(model.of(kind).at(-1) as Sent, ok);
  await tick();
}

const page = (rows: Operation[], more: object = {}) => ({
  rows,
  start: 0,
  total: rows.length,
  undone: rows.filter((row) => row.undone).length,
  changes: rows.length,
  since: new Date(2026, 10, 3, 12).toISOString(),
  ...more,
});

const one = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const found = el.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const row = (id: number) => one(`[data-id="${id}"]`);
const press = (key: string) =>
  one(".hi-table").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const act = (id: number, name: string) => row(id).querySelector<HTMLButtonElement>(`[data-act="${name}"]`);

async function open(rows: Operation[], hello: object = {}): Promise<void> {
  const render = widget(alone(history, "lorairo history")).render({ model, el });
  dispose = render;
  await answer("hello", { ...HELLO, ...hello });
  await answer("history", page(rows));
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  model = new FakeModel();
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a row", () => {
  it("says when, who, what and on how many images, in the reader's clock", async () => {
    await open([change(31), change(2, { time: new Date(2026, 10, 3, 9).toISOString(), images: 1284 })]);
    expect(row(31).textContent).toBe("14:31miraTagged 21 images tag_3121Undo");
    expect(row(2).textContent).toContain("3 Nov");
    expect(row(2).textContent).toContain("1,284");
    expect(one(".hi-title").textContent).toContain("2 changes since 3 Nov");
  });

  it("that is undone stands above Now, struck, and offers Redo", async () => {
    await open([change(3, { undone: true }), change(2), change(1)]);
    const tops = [...el.querySelectorAll<HTMLElement>(".hi-now, [data-id]")]
      .map((item) => ({ top: Number(/\d+/.exec(item.style.transform)?.[0]), text: item.dataset.id ?? "now" }))
      .sort((a, b) => a.top - b.top);
    expect(tops.map(({ text }) => text)).toEqual(["3", "now", "2", "1"]);
    expect(row(3).querySelector("s")?.textContent).toBe("Tagged 21 images tag_3");
    expect(act(3, "turn")?.textContent).toBe("Redo");
  });

  it("that stands for compacted changes offers no undo", async () => {
    await open([change(2), change(1, { folded: true, message: "Everything until 2026-08-01: 9,412 operations" })]);
    expect(act(2, "turn")).not.toBeNull();
    expect(act(1, "turn")).toBeNull();
    expect(row(1).textContent).toContain("9,412 operations");
  });

  it("shows its message as text, whatever it holds", async () => {
    await open([change(1, { message: "<img src=x onerror=alert(1)>" })]);
    expect(el.querySelector("img")).toBeNull();
    expect(row(1).textContent).toContain("<img src=x");
  });

  it("pressed selects its images and is marked", async () => {
    await open([change(2), change(1)]);
    row(1).click();
    expect(model.last).toMatchObject({ kind: "history.select", payload: { operation: 1 } });
    await answer("history.select", { count: 21 });
    expect(row(1).getAttribute("aria-selected")).toBe("true");
    expect(row(2).getAttribute("aria-selected")).toBe("false");
  });

  it("of images that are all gone says so", async () => {
    await open([change(1)]);
    row(1).click();
    await answer("history.select", { count: 0 });
    expect(one(".lr-toast").textContent).toContain("names no image that is still here");
  });
});

describe("the recipe", () => {
  const TEXT =
    'import lorairo as lr\n\n# 2026-11-25, mira\nrecorded(1, project.view("dog"), 2, "8f3a").stars(4)  # "no"\n';
  const toggle = () => one<HTMLButtonElement>(".hi-title [aria-expanded]");

  it("opens beside, with its fingerprint, and takes the keyboard", async () => {
    await open([change(1)]);
    expect(one(".hi-recipe").hidden).toBe(true);
    expect(model.of("history.recipe")).toHaveLength(0);
    toggle().click();
    expect(toggle().getAttribute("aria-expanded")).toBe("true");
    await answer("history.recipe", { text: TEXT, whole: true, fingerprint: `9f3c21ab${"0".repeat(56)}` });
    expect(one(".hi-code").textContent).toBe(TEXT);
    expect(one(".hi-recipe .hi-title").textContent).toContain("replays to 9f3c 21ab");
    expect(document.activeElement).toBe(one(".hi-code"));
    const spans = (kind: string) => [...el.querySelectorAll(`.hi-code .${kind}`)].map((span) => span.textContent);
    expect(spans("hi-word")).toEqual(["import", "as"]);
    expect(spans("hi-text")).toEqual(['"dog"', '"8f3a"']);
    expect(spans("hi-note")).toEqual(["# 2026-11-25, mira", '# "no"']);
  });

  it("is text, whatever captions in it hold", async () => {
    await open([change(1)]);
    toggle().click();
    const text = 'recorded(1).set_caption("<img src=x onerror=alert(1)> \\" # <b>")\n';
    await answer("history.recipe", { text, whole: true, fingerprint: "0".repeat(64) });
    expect(el.querySelector(".hi-code img, .hi-code b")).toBeNull();
    expect(one(".hi-code").textContent).toBe(text);
  });

  it("says that it is only the beginning of a long one", async () => {
    await open([change(1)]);
    toggle().click();
    await answer("history.recipe", { text: TEXT, whole: false, fingerprint: "0".repeat(64) });
    expect(one(".hi-recipe .hi-title").textContent).toContain("its beginning · replays to");
  });

  it("is read anew after a change while it is open, and closed by Esc", async () => {
    await open([change(1)]);
    toggle().click();
    await answer("history.recipe", { text: TEXT, whole: true, fingerprint: "0".repeat(64) });
    const changed = { version: 1, count: 1, total: 1, images: null, can_undo: null, can_redo: null, new: 0 };
    model.receive({ v: 1, event: "changed", payload: { ...changed, kinds: ["tags"] } });
    await vi.advanceTimersByTimeAsync(1500);
    expect(model.of("history.recipe")).toHaveLength(2);
    one(".hi-code").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    expect(one(".hi-recipe").hidden).toBe(true);
    expect(document.activeElement).toBe(toggle());
    model.receive({ v: 1, event: "changed", payload: { ...changed, kinds: ["tags"] } });
    await vi.advanceTimersByTimeAsync(1500);
    expect(model.of("history.recipe")).toHaveLength(2);
  });
});

describe("undo of a change", () => {
  it("is asked for once, says what was done, and reads the history again", async () => {
    await open([change(2), change(1)]);
    act(1, "turn")?.click();
    act(1, "turn")?.click();
    expect(model.of("history.undo").map(({ payload }) => payload)).toEqual([{ operation: 1, later: "ask" }]);
    expect(model.of("history.select")).toEqual([]);
    await answer("history.undo", { message: "Undone: tagged 21 images tag_1", count: 21, later: 0 });
    expect(one(".lr-toast").textContent).toBe("Undone: tagged 21 images tag_1Redo");
    await answer("history", page([change(1, { undone: true }), change(2)]));
    expect(act(1, "turn")?.textContent).toBe("Redo");
  });

  it("that later changes stand on asks in the row, and either answer goes to the kernel", async () => {
    await open([change(2), change(1)]);
    act(1, "turn")?.click();
    await answer("history.undo", { message: null, count: 0, later: 2 });
    expect(row(1).textContent).toContain("2 later changes touch the same values:");
    act(1, "undo")?.click();
    expect(model.last.payload).toEqual({ operation: 1, later: "undo" });
    await answer("history.undo", { message: null, count: 0, later: 1 });
    expect(row(1).textContent).toContain("1 later change touches the same values:undo it tookeep it");
    act(1, "keep")?.click();
    expect(model.last.payload).toEqual({ operation: 1, later: "keep" });
    await answer("history.undo", { message: "Undone", count: 1, later: 0 });
    expect(row(1).textContent).not.toContain("later");
  });

  it("is taken back from the question by Cancel and by Escape, with nothing sent", async () => {
    await open([change(2), change(1)]);
    for (const leave of [() => act(1, "cancel")?.click(), () => press("Escape")]) {
      act(1, "turn")?.click();
      await answer("history.undo", { message: null, count: 0, later: 2 });
      const before = model.sent.length;
      leave();
      expect(model.sent.length).toBe(before);
      expect(row(1).textContent).not.toContain("later");
    }
  });

  it("refused says why and shows what is true", async () => {
    await open([change(1)]);
    act(1, "turn")?.click();
    model.fail(model.last, { kind: "error", message: "disk is full" });
    await tick();
    expect(one(".lr-toast").textContent).toBe("Could not undo: disk is full");
    expect(model.last.kind).toBe("history");
  });

  it("is not there in a project that is only read", async () => {
    await open([change(1)], { readonly: true });
    expect(act(1, "turn")).toBeNull();
  });

  it("is off, and says why, while the kernel is gone", async () => {
    await open([change(1)]);
    row(1).click();
    await vi.advanceTimersByTimeAsync(12_000);
    expect(act(1, "turn")?.getAttribute("aria-disabled")).toBe("true");
    expect(act(1, "turn")?.title).toBe("Kernel not answering: editing is off.");
    const before = model.sent.length;
    act(1, "turn")?.click();
    expect(model.sent.length).toBe(before);
  });
});

describe("the keyboard", () => {
  it("goes through rows past Now, and right to what a row offers", async () => {
    await open([change(3, { undone: true }), change(2), change(1)]);
    one(".hi-table").focus();
    const meant = () => document.getElementById(one(".hi-table").getAttribute("aria-activedescendant") ?? "");
    expect(meant()?.dataset.id).toBe("2");
    press("ArrowUp");
    expect(meant()?.dataset.id).toBe("3");
    press("ArrowDown");
    press("ArrowDown");
    expect(meant()?.dataset.id).toBe("1");
    press("ArrowRight");
    expect(meant()?.textContent).toBe("Undo");
    press("Enter");
    expect(model.last).toMatchObject({ kind: "history.undo", payload: { operation: 1 } });
    press("ArrowLeft");
    press("Enter");
    expect(model.last).toMatchObject({ kind: "history.select", payload: { operation: 1 } });
  });

  it("undoes the last change with u", async () => {
    await open([change(1)]);
    press("u");
    expect(model.last.kind).toBe("undo");
    await answer("undo", { message: "Undone: tagged 21 images tag_1" });
    expect(one(".lr-toast").textContent).toContain("Undone: tagged 21 images tag_1");
  });
});

describe("what is loaded", () => {
  it("is asked for again after a change, one request at a time, and not after a mere selection", async () => {
    await open([change(1)]);
    const asked = model.of("history").length;
    const changed = { version: 1, count: 1, total: 1, images: null, can_undo: null, can_redo: null, new: 0 };
    model.receive({ v: 1, event: "changed", payload: { ...changed, kinds: [] } });
    expect(model.of("history").length).toBe(asked);
    for (const _ of [1, 2, 3]) model.receive({ v: 1, event: "changed", payload: { ...changed, kinds: ["tags"] } });
    expect(model.of("history").length).toBe(asked + 1);
    await answer("history", page([change(1)]));
    expect(model.of("history").length).toBe(asked + 2);
    await answer("history", page([change(2), change(1)]));
    expect(row(2).textContent).toContain("tag_2");
    expect(model.of("history").length).toBe(asked + 2);
  });

  it("follows the filter, and says when nothing matches", async () => {
    await open([change(1)]);
    const input = one<HTMLInputElement>(".hi-filter input");
    input.value = "smile";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await vi.advanceTimersByTimeAsync(250);
    expect(model.last.payload).toMatchObject({ start: 0, filter: "smile" });
    await answer("history", page([], { changes: 1 }));
    expect(one(".hi-none").textContent).toBe("No change matches");
    expect(one(".hi-title").textContent).toContain("1 change since");
  });

  it("of a long history is the first page, with a place for every change", async () => {
    const rows = Array.from({ length: 100 }, (_, at) => change(10_000 - at));
    dispose = widget(alone(history, "lorairo history")).render({ model, el });
    await answer("history", page(rows, { total: 10_000, changes: 10_000 }));
    expect(one(".hi-table").getAttribute("aria-rowcount")).toBe("10001");
    expect(one(".lr-vlist-space").style.height).toBe("300000px");
    expect(el.querySelectorAll('[role="row"]').length).toBeLessThan(60);
  });

  it("is nothing in a project nobody changed", async () => {
    await open([]);
    expect(one(".hi-none").textContent).toBe("No changes yet. Each one comes here, with its undo.");
  });
});

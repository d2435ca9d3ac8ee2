import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PAGE } from "../../src/components/gallery/index-pages.ts";
import gallery from "../../src/shells/gallery.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const HELLO = {
  version: 1,
  project: "my-dog",
  path: "~/my-dog",
  count: 100,
  total: 100,
  query: "",
  order: "",
  cell: 120,
  readonly: false,
  author: "me",
  selection: { ranges: [], count: 0 },
  active: null,
  can_undo: null,
  can_redo: null,
  job: null,
  state: "ready",
};

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

function page(count: number): Uint8Array {
  const bytes = new Uint8Array(11 * count);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < count; k += 1) {
    view.setInt32(4 * k, k + 1, true);
    view.setUint16(4 * count + 2 * k, 8192, true);
  }
  return bytes;
}

const frame = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(50);
};

async function start(hello: object = {}): Promise<void> {
  dispose = gallery.render({ model, el });
  model.ok(model.last, { ...HELLO, ...hello });
  await frame();
  const index = model.of("index")[0];
  if (index) model.ok(index, { start: 0, stop: 100 }, [page(100)]);
  await frame();
}

function press(key: string, options: KeyboardEventInit = {}): void {
  grid().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
}

const grid = (): HTMLElement => el.querySelector(".lr-grid") as HTMLElement;
const text = (selector: string): string => el.querySelector(selector)?.textContent ?? "";
const activeCell = (): Element | null => {
  const id = grid().getAttribute("aria-activedescendant");
  return id === null ? null : document.getElementById(id);
};

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
  el = document.body.appendChild(document.createElement("div"));
  model = new FakeModel();
  // happy-dom lays nothing out: the grid is 640 x 600.
  for (const [name, value] of Object.entries({ clientWidth: 640, clientHeight: 600, offsetWidth: 640 })) {
    vi.spyOn(HTMLElement.prototype, name as "clientWidth", "get").mockReturnValue(value);
  }
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly #callback: ResizeObserverCallback;
      constructor(callback: ResizeObserverCallback) {
        this.#callback = callback;
      }
      observe(): void {
        const entry = { contentRect: { width: 800, height: 600 } } as ResizeObserverEntry;
        this.#callback([entry], this as unknown as ResizeObserver);
      }
      disconnect(): void {
        this.observe = () => undefined;
      }
    },
  );
  vi.stubGlobal("matchMedia", () => new EventTarget());
});

afterEach(() => {
  dispose();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the start", () => {
  it("asked anew while a brush is dragged, leaves the text of the search to its release", async () => {
    await start({ query: "sharpness:>=0.4", live: true });
    expect((el.querySelector(".lr-search-input") as HTMLInputElement).value).toBe("");
  });

  it("greets, fetches the page in sight, then its pictures", async () => {
    await start();
    expect(model.of("hello")).toHaveLength(1);
    expect(model.of("index")[0]?.payload).toEqual({ version: 1, start: 0, stop: 100 });
    expect(model.of("thumbs")[0]?.payload.ids).toEqual(expect.arrayContaining([1, 2, 3]));
    expect(PAGE).toBeGreaterThan(100);
  });

  it("greets again until it is answered", async () => {
    dispose = gallery.render({ model, el });
    await vi.advanceTimersByTimeAsync(4000);
    expect(model.of("hello")).toHaveLength(2);
  });

  it("holds elements only for the rows in sight", async () => {
    await start({ count: 1_000_000, total: 1_000_000 });
    expect(el.querySelectorAll(".lr-cell").length).toBeLessThan(80);
    expect(Number(grid().getAttribute("aria-rowcount"))).toBe(Math.ceil(1_000_000 / 4));
  });

  it("asks to reload where the kernel speaks another protocol", () => {
    model.traits.protocol = 2;
    dispose = gallery.render({ model, el });
    expect(el.textContent).toContain("Reload the page");
    expect(model.sent).toEqual([]);
  });

  it("marks the root for hosts with keyboard shortcuts and context menus of their own", async () => {
    await start();
    const root = el.querySelector(".lr");
    expect(root?.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
    expect(root?.hasAttribute("data-jp-suppress-context-menu")).toBe(true);
  });
});

describe("the keyboard", () => {
  it("moves, extends and toggles, and tells the kernel once it is calm", async () => {
    await start();
    press("ArrowRight");
    press("ArrowRight");
    press("ArrowRight", { shiftKey: true });
    await frame();
    expect(activeCell()?.getAttribute("aria-label")).toContain("3 of 100");
    expect(model.of("select")).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(model.of("select").map(({ payload }) => payload)).toEqual([{ version: 1, active: 3, ranges: [[1, 3]] }]);
  });

  it("selects all as one word", async () => {
    await start();
    press("a", { ctrlKey: true });
    await vi.advanceTimersByTimeAsync(200);
    expect(model.last.payload).toMatchObject({ all: true, except: [] });
    expect(text(".lr-bar-lead")).toBe("100 selected");
  });

  it("leaves letters to inputs", async () => {
    await start();
    const input = el.querySelector(".lr-search-input") as HTMLInputElement;
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
    expect(model.of("edit")).toEqual([]);
  });
});

describe("edits", () => {
  it("show at once, name their images, and offer to be undone", async () => {
    await start();
    press("a", { ctrlKey: true });
    press("4");
    await frame();
    expect(text(".lr-corner-stars")).toBe("4");
    const edit = model.of("edit")[0];
    expect(edit?.payload).toMatchObject({
      action: "stars",
      value: 4,
      target: { ids: expect.arrayContaining([1, 100]) },
    });
    if (edit)
      model.ok(edit, {
        message: "Rated 100 images 4",
        count: 100,
        can_undo: { message: "Rated 100 images 4" },
        can_redo: null,
      });
    await frame();
    expect(text(".lr-toast")).toContain("Rated 100 images 4");
    expect(el.querySelector('[aria-label="Undo: rated 100 images 4"]')).not.toBeNull();
    press("u");
    expect(model.of("undo")).toHaveLength(1);
  });

  it("are taken back where the kernel refuses, with the reason", async () => {
    await start();
    press("ArrowRight");
    press("x");
    await frame();
    expect(activeCell()?.classList.contains("lr-off")).toBe(true);
    model.fail(model.last, { kind: "error", message: "disk is full" });
    await frame();
    expect(activeCell()?.classList.contains("lr-off")).toBe(false);
    expect(text(".lr-toast")).toBe("Could not save 1 change: disk is fullRetry");
    expect(text(".lr-saved")).toBe("Not saved: disk is full");
  });

  it("made while the kernel is silent are kept, and saved by the answer that comes late", async () => {
    await start();
    press("ArrowRight");
    press("4");
    await vi.advanceTimersByTimeAsync(12_500);
    expect(text(".lr-strip")).toContain("1 change not saved");
    expect(activeCell()?.getAttribute("aria-label")).toContain("rated 4");
    press("5");
    await frame();
    expect(new Set(model.of("edit").map(({ id }) => id)).size).toBe(1);
    model.ok(model.of("edit")[0] as Sent, { message: "Rated 1 image 4", count: 1, can_undo: null, can_redo: null });
    await frame();
    expect(text(".lr-saved")).toBe("Saved");
    expect(activeCell()?.getAttribute("aria-label")).toContain("rated 4");
    press("5");
    await frame();
    expect(model.of("edit").at(-1)?.payload.value).toBe(5);
  });

  it("wait for a busy kernel, and are off when it is gone", async () => {
    await start();
    press("ArrowRight");
    press("3");
    await vi.advanceTimersByTimeAsync(1600);
    expect(text(".lr-strip")).toContain(
      "Waiting: a cell is running. Edits are kept and saved after it.1 change waiting",
    );
    await vi.advanceTimersByTimeAsync(12_000);
    expect(text(".lr-strip")).toContain("Kernel not answering");
    const edits = model.of("edit").length;
    press("5");
    expect(model.of("edit")).toHaveLength(edits);
  });

  it("are absent in a read-only project", async () => {
    await start({ readonly: true });
    press("a", { ctrlKey: true });
    press("5");
    await frame();
    expect(model.of("edit")).toEqual([]);
    expect(el.querySelector<HTMLElement>(".lr-bar")?.hidden).toBe(true);
    expect(text(".lr-strip")).toContain("Read only");
  });
});

describe("searching", () => {
  const type = (query: string): void => {
    const input = el.querySelector(".lr-search-input") as HTMLInputElement;
    input.value = query;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  it("waits for a quarter second of calm, and the last one counts", async () => {
    await start();
    type("do");
    await vi.advanceTimersByTimeAsync(200);
    type("dog");
    await vi.advanceTimersByTimeAsync(260);
    expect(model.of("search").map(({ payload }) => payload.query)).toEqual(["dog"]);
  });

  it("shows a mistake and keeps the last valid result", async () => {
    await start();
    type("sharpness:>hi");
    await vi.advanceTimersByTimeAsync(260);
    model.fail(model.of("search")[0] ?? model.last, {
      kind: "query",
      message: "Expected a number",
      position: 11,
      length: 2,
    });
    await frame();
    expect(text(".lr-search-error")).toBe("Expected a numbershowing the last valid search");
    expect(text(".lr-q-wrong")).toBe("hi");
    expect(text(".lr-search-counts")).toBe("100 images");
  });

  it("offers to leave a part out where nothing matches", async () => {
    await start();
    type("dog snow");
    await vi.advanceTimersByTimeAsync(260);
    const relaxations = [{ term: "<b>snow</b>", query: "dog", count: 61 }];
    model.ok(model.of("search")[0] ?? model.last, { ...HELLO, version: 2, count: 0, query: "dog snow", relaxations });
    await frame();
    expect(text(".lr-state-title")).toBe("Nothing matches");
    expect(text(".lr-relax-row")).toBe("<b>snow</b>61 images");
    (el.querySelector(".lr-relax-row") as HTMLElement).click();
    expect(model.last.payload).toEqual({ query: "dog" });
  });
});

describe("what others do", () => {
  const changed = { ...HELLO, kinds: ["stars"], images: [1], new: 0 };

  it("is fetched again", async () => {
    await start();
    model.receive({ v: 1, event: "changed", payload: changed });
    await frame();
    expect(model.of("index")).toHaveLength(2);
  });

  it("new images wait for a click", async () => {
    await start();
    model.receive({ v: 1, event: "changed", payload: { ...changed, new: 12 } });
    const pill = el.querySelector(".lr-pill") as HTMLElement;
    expect(pill.hidden).toBe(false);
    expect(pill.textContent).toBe("12 new images");
    pill.click();
    expect(model.of("hello")).toHaveLength(2);
  });

  it("a selection made elsewhere is shown, one being made here stays", async () => {
    await start();
    model.receive({ v: 1, event: "changed", payload: { ...changed, selection: { ranges: [[2, 5]], count: 3 } } });
    expect(text(".lr-bar-lead")).toBe("3 selected");
    press("a", { ctrlKey: true });
    model.receive({ v: 1, event: "changed", payload: { ...changed, selection: { ranges: [], count: 0 } } });
    expect(text(".lr-bar-lead")).toBe("100 selected");
  });
});

describe("the end", () => {
  it("leaves nothing behind, by the cleanup or by the host's signal", async () => {
    await start();
    press("ArrowRight");
    press("5");
    dispose();
    expect(el.children).toHaveLength(0);
    expect(model.listenerCount).toBe(0);
    const sent = model.sent.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(model.sent).toHaveLength(sent);
    expect(vi.getTimerCount()).toBe(0);

    const controller = new AbortController();
    gallery.render({ model, el, signal: controller.signal });
    controller.abort();
    expect(el.children).toHaveLength(0);
    expect(model.listenerCount).toBe(0);
  });

  it("of one view leaves the other alone", async () => {
    await start();
    const other = document.body.appendChild(document.createElement("div"));
    const disposeOther = gallery.render({ model, el: other });
    expect(model.of("hello")).toHaveLength(2);
    dispose();
    model.ok(model.of("hello")[1] ?? model.last, HELLO);
    await frame();
    expect(other.querySelector(".lr-search-counts")?.textContent).toBe("100 images");
    disposeOther();
    expect(model.listenerCount).toBe(0);
  });
});

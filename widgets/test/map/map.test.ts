import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { embeddingMap } from "../../src/components/map/map.ts";
import { alone } from "../../src/part.ts";
import { widget } from "../../src/widget.ts";
import { Kernel } from "../tag-editor/kernel.ts";

const WIDTH = 480;
const HEIGHT = 448;
const PLACES = [0, 0, 0.5, 0, 0, 0.5, -0.5, 0, 1, 1, -1, -1];
const IDS = [10, 11, 12, 13, 14, 15];
const FACTS = { model: "dinov2-base", models: [{ name: "dinov2-base", images: 6 }], columns: ["sharpness", "rating"] };
const disposers: (() => void)[] = [];
let model: Kernel;
let marks: number[];

function bytes(...arrays: ArrayBufferView[]): DataView {
  const all = arrays.flatMap((each) => [...new Uint8Array(each.buffer, each.byteOffset, each.byteLength)]);
  return new DataView(Uint8Array.from(all).buffer);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, WIDTH, HEIGHT));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly #tell: (entries: object[]) => void;
      constructor(tell: (entries: object[]) => void) {
        this.#tell = tell;
      }
      observe(): void {
        queueMicrotask(() => this.#tell([{ contentRect: { width: WIDTH, height: HEIGHT } }]));
      }
      disconnect(): void {
        this.#tell([]);
      }
    },
  );
  marks = [1, 1, 1, 1, 1, 0];
  model = new Kernel();
  const facts = { project: "dogs", count: 6, total: 6, query: "", readonly: false, job: null };
  model.handlers.set("hello", () => ({ ...facts, can_undo: null, can_redo: null }));
  const buffers = [bytes(Int32Array.from(IDS), Float32Array.from(PLACES))];
  model.handlers.set("map", () => ({
    ...FACTS,
    state: "ready",
    made: 1,
    method: "pca",
    images: 6,
    lacking: 0,
    buffers,
  }));
  model.handlers.set("map.marks", () => ({ shown: 5, selected: 0, new: 0, buffers: [bytes(Uint8Array.from(marks))] }));
  model.handlers.set("map.select", () => ({ count: 1 }));
  model.handlers.set("thumbs", () => ({ ids: [], lengths: [], type: "image/jpeg", errors: {}, buffers: [bytes()] }));
  model.handlers.set("details", ({ id }) => ({ id, name: `<b>${id}</b>.jpg` }));
});

afterEach(() => {
  for (const dispose of disposers.splice(0)) dispose();
  document.body.replaceChildren();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const settle = (ms = 100) => vi.advanceTimersByTimeAsync(ms);
const of = (kind: string) => model.asked.filter((ask) => ask.kind === kind).map(({ payload }) => payload);

function open() {
  const el = document.createElement("div");
  document.body.append(el);
  disposers.push(widget(alone(embeddingMap, "lorairo map"), 240).render({ model, el }));
  const one = (selector: string): HTMLElement => {
    const found = el.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found;
  };
  const press = (key: string, extra: KeyboardEventInit = {}) =>
    one(".em-stage").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...extra }));
  const point = (type: string, [x, y]: readonly [number, number], extra: PointerEventInit = {}) =>
    one(".em-stage").dispatchEvent(
      new PointerEvent(type, { bubbles: true, button: 0, pointerId: 1, clientX: x, clientY: y, ...extra }),
    );
  return { el, one, press, point };
}

/** Where a place of the map is seen when it is fitted: 200 pixels per unit around (256, 224). */
const seen = (x: number, y: number): readonly [number, number] => [256 + 200 * x, 224 - 200 * y];

it("says that no embedder has run, and with what one does", async () => {
  model.handlers.set("map", () => ({ state: "none", model: "", models: [], columns: [] }));
  const view = open();
  await settle();
  expect(view.one(".em-state").textContent).toContain("No map yet");
  expect(view.one(".em-state code").textContent).toBe('view.annotate(["dinov2-base"])');
});

it("asks again while a map is made, and then says how many images it has", async () => {
  const ready = model.handlers.get("map");
  model.handlers.set("map", () => ({ ...FACTS, state: "making" }));
  const view = open();
  await settle();
  expect(view.one(".em-state").textContent).toBe("Laying out the images by dinov2-base");
  if (ready) model.handlers.set("map", ready);
  await settle(600);
  expect(view.one(".em-state").hidden).toBe(true);
  expect(view.one(".em-count").textContent).toBe("5 images");
  expect(view.one(".em-stage").getAttribute("aria-label")).toMatch(/^Map of 5 images by dinov2-base, 0 selected/);
});

it("says in its place why there is no map", async () => {
  model.handlers.set("map", () => ({ error: "umap-learn is not installed" }));
  const view = open();
  await settle();
  expect(view.one(".em-state").textContent).toBe("umap-learn is not installed");
});

it("counts what a lasso takes at once, and sends its corners in the map's own numbers", async () => {
  const view = open();
  await settle();
  const corners = [seen(-0.1, 0.6), seen(0.6, 0.6), seen(0.6, -0.1), seen(-0.1, -0.1)];
  view.point("pointerdown", seen(-0.1, 0.6));
  for (const corner of corners.slice(1)) view.point("pointermove", corner);
  view.point("pointerup", seen(-0.1, -0.1));
  expect(view.one(".em-count").textContent).toBe("3 of 5 selected");
  await settle();
  const [sent] = of("map.select");
  expect(sent).toMatchObject({ made: 1, mode: "set" });
  const found = (sent?.corners as number[][] | undefined)?.map((corner) =>
    corner.map((value) => Number(value.toFixed(6))),
  );
  expect(found).toEqual([
    [-0.1, 0.6],
    [0.6, 0.6],
    [0.6, -0.1],
    [-0.1, -0.1],
  ]);
});

it("takes one image by a click, adds by Shift, lets all go by a click on nothing", async () => {
  const view = open();
  await settle();
  const click = async (at: readonly [number, number], extra: PointerEventInit = {}) => {
    view.point("pointerdown", at, extra);
    view.point("pointerup", at, extra);
    await settle(0);
  };
  await click(seen(0.5, 0));
  await click(seen(0, 0.5), { shiftKey: true });
  await click(seen(-1, -1)); // the search leaves it out
  await click(seen(0.8, -0.8));
  expect(of("map.select")).toEqual([
    { made: 1, mode: "set", active: 11, ids: [11] },
    { made: 1, mode: "add", active: 12, ids: [12] },
    { made: 1, mode: "set", active: null, ids: [] },
  ]);
});

it("walks by arrows past what is left out, tells the name as text, and selects by Space", async () => {
  const view = open();
  await settle();
  view.press("ArrowRight"); // to the middle first
  view.press("ArrowRight");
  await settle();
  expect(view.one(".em-bubble").textContent).toContain("<b>11</b>.jpg");
  expect(view.one("[role=status]").textContent).toBe("<b>11</b>.jpg");
  view.press(" ");
  expect(of("map.select")).toEqual([{ made: 1, mode: "add", active: 11, ids: [11] }]);
  expect(view.one(".em-count").textContent).toBe("1 of 5 selected");
});

it("shows the true selection again when the kernel refuses one", async () => {
  model.handlers.set("map.select", () => ({ error: "the project is closed" }));
  const view = open();
  await settle();
  view.press("ArrowRight");
  view.press(" ");
  expect(view.one(".em-count").textContent).toBe("1 of 5 selected");
  await settle();
  expect(view.one(".em-count").textContent).toBe("5 images");
  expect(view.one(".lr-toast").textContent).toContain("the project is closed");
});

it("follows a search and a selection made elsewhere, and offers to draw what is new", async () => {
  const view = open();
  await settle();
  marks = [3, 3, 0, 0, 0, 0];
  model.handlers.set("map.marks", () => ({ shown: 2, selected: 2, new: 4, buffers: [bytes(Uint8Array.from(marks))] }));
  model.event("changed", { kinds: [], count: 2, total: 6 });
  await settle();
  expect(view.one(".em-count").textContent).toBe("2 of 2 selected");
  const again = view.one(".em-foot button");
  expect([again.textContent, again.hidden]).toEqual(["Redraw with 4 new images", false]);
  again.click();
  await settle();
  expect(of("map").at(-1)).toEqual({ model: "", again: true });
});

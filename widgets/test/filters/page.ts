import { afterEach, beforeEach, vi } from "vitest";
import { filters } from "../../src/components/filters/filters.ts";
import { alone } from "../../src/part.ts";
import type { Facet, Histogram } from "../../src/protocol/filters.ts";
import { widget } from "../../src/widget.ts";
import { Kernel } from "../tag-editor/kernel.ts";

const disposers: (() => void)[] = [];
export const WIDTH = 200;

/** Fake timers, a layout that has sizes, and a clean page after each test of a file. */
export function eachTest(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(240);
    vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, WIDTH, 38));
    vi.stubGlobal(
      "ResizeObserver",
      class {
        readonly #tell: (entries: object[]) => void;
        constructor(tell: (entries: object[]) => void) {
          this.#tell = tell;
        }
        observe(): void {
          this.#tell([{ contentRect: { width: WIDTH, height: 240 } }]);
        }
        disconnect(): void {
          this.#tell([]);
        }
      },
    );
  });
  afterEach(() => {
    for (const dispose of disposers.splice(0)) dispose();
    document.body.replaceChildren();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
}

export function histogram(over: Partial<Histogram> = {}): Histogram {
  return {
    column: "sharpness",
    integer: false,
    min: 0,
    max: 1,
    width: 0.1,
    median: 0.45,
    known: 40,
    missing: 0,
    total: [1, 2, 4, 6, 7, 7, 6, 4, 2, 1],
    others: [1, 2, 4, 6, 7, 7, 6, 4, 2, 1],
    passed: [1, 2, 4, 6, 7, 7, 6, 4, 2, 1],
    range: null,
    limit: null,
    ...over,
  };
}

export function facet(name: string, over: Partial<Facet> = {}): Facet {
  return { name, category: 0, count: 10, total: 20, state: null, ...over };
}

/** A kernel with some tags and one histogram; what it was told to narrow stays in `of("narrow")`. */
export function kernelOf(facets: Facet[], shown: Histogram[] = [histogram()]): Kernel {
  const model = new Kernel();
  model.handlers.set("hello", () => ({
    project: "dogs",
    count: 40,
    total: 40,
    query: "",
    readonly: false,
    job: null,
    can_undo: null,
    can_redo: null,
  }));
  model.handlers.set("histograms", () => ({ histograms: shown, available: ["sharpness", "aspect", "tags"] }));
  model.handlers.set("facets", ({ start, stop, filter }) => {
    const rows = facets.filter(({ name }) => name.includes(String(filter)));
    const page = rows.slice(Number(start), Number(stop));
    const terms = facets.filter(({ state }) => state !== null).length;
    return { rows: page, start, count: rows.length, tags: facets.length, images: 40, terms };
  });
  model.handlers.set("narrow", () => ({ count: 12, total: 40, query: "sharpness:>=0.4", order: "" }));
  model.handlers.set("setting", () => ({}));
  return model;
}

export function open(model: Kernel) {
  const el = document.createElement("div");
  document.body.append(el);
  disposers.push(widget(alone(filters, "lorairo filters")).render({ model, el }));
  const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
  const one = <T extends HTMLElement = HTMLElement>(selector: string): T => {
    const found = el.querySelector<T>(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found;
  };
  const row = (name: string): HTMLElement => one(`.lf-facet[aria-label^="${name},"]`);
  return { el, all, one, row };
}

export const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
export const press = (target: Element, key: string, extra: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...extra }));
export const release = (target: Element, key: string) =>
  target.dispatchEvent(new KeyboardEvent("keyup", { key, bubbles: true }));
/** A pointer at a part of the chart's width. */
export const point = (target: Element, type: "pointerdown" | "pointermove" | "pointerup", at: number) =>
  target.dispatchEvent(new PointerEvent(type, { bubbles: true, button: 0, pointerId: 1, clientX: at * WIDTH }));

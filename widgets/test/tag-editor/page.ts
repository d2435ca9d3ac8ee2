import { afterEach, beforeEach, vi } from "vitest";
import { captionPanels } from "../../src/components/tag-editor/caption-panels.ts";
import { tagEditor } from "../../src/components/tag-editor/editor.ts";
import { widget } from "../../src/widget.ts";
import type { Kernel } from "./kernel.ts";

export const HELD: unique symbol = Symbol.for("lorairo.parts");
const disposers: (() => void)[] = [];

/** The parts a page has: here the panels of the editor, which a browser would import from a text. */
export const onPage = globalThis as { [HELD]?: Map<string, unknown> | undefined };

/** Fake timers, a page that has the panels, and a clean one after each test of a file. */
export function eachTest(): void {
  beforeEach(() => {
    onPage[HELD] = new Map([["caption-panels ", Promise.resolve({ part: captionPanels, style: "" })]]);
    vi.useFakeTimers();
  });
  afterEach(() => {
    for (const dispose of disposers.splice(0)) dispose();
    document.body.replaceChildren();
    vi.useRealTimers();
  });
}

/** A view of the widget in the page, and how tests look at it. */
export function open(model: Kernel) {
  const el = document.createElement("div");
  document.body.append(el);
  const dispose = widget(tagEditor).render({ model, el });
  disposers.push(dispose);
  const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
  const one = <T extends HTMLElement = HTMLElement>(selector: string): T => {
    const found = el.querySelector<T>(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found;
  };
  const names = (selector: string) => all(`${selector} .lr-chip-name`).map((name) => name.textContent);
  return { el, dispose, all, one, names };
}

/** Lets time pass, and with it every answer come. */
export const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
export const press = (target: HTMLElement, key: string, extra: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...extra }));
export function type(input: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
export const chip = (view: ReturnType<typeof open>, name: string) =>
  view.one(`.te-body > :not([hidden]) [data-name="${name}"]`);

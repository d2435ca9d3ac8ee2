import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { history } from "../src/components/history/history.ts";
import { alone } from "../src/part.ts";
import { widget } from "../src/widget.ts";
import { FakeModel } from "./fake-model.ts";

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  el = document.createElement("div");
  document.body.append(el);
  dispose = widget(alone(history, "lorairo history")).render({ model, el });
});

afterEach(() => {
  dispose();
  el.remove();
  vi.useRealTimers();
});

it("asks to reload the page when the kernel speaks another protocol, and names what it could not save", async () => {
  const greeting = model.of("hello")[0];
  if (greeting) model.ok(greeting, { project: "my-dog", readonly: false, job: null });
  await vi.advanceTimersByTimeAsync(0);
  el.querySelector(".hi-table")?.dispatchEvent(new KeyboardEvent("keydown", { key: "u", bubbles: true }));
  expect(model.of("undo")).toHaveLength(1);
  model.receive({ v: 2, event: "notice", payload: {} });
  expect(el.querySelector('[role="alert"]')?.textContent).toContain("Reload the page");
  expect(el.textContent).toContain("1 change not saved");
  expect(el.querySelectorAll("button")).toHaveLength(1);
});

it("says no more than to reload where everything is saved", () => {
  model.receive({ v: 2, event: "notice", payload: {} });
  expect(el.textContent).toBe("Reload the page: this widget and the installed lorairo speak different versions.");
});

it("keeps from the notebook bare keys and Ctrl+Enter, which would run the cell, and lets it have the other combinations", () => {
  const heard: string[] = [];
  el.addEventListener("keydown", ({ key }) => heard.push(key));
  const press = (key: string, ctrlKey: boolean) =>
    el.querySelector(".lr")?.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true }));
  press("d", false);
  press("Enter", true);
  press("s", true);
  expect(heard).toEqual(["s"]);
});

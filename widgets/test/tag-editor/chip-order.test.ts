import { describe, expect, it } from "vitest";
import { moved, placeAt } from "../../src/components/tag-editor/chip-order.ts";
import { details, kernel } from "./kernel.ts";
import { chip, eachTest, open, press, settle } from "./page.ts";

eachTest();

const names = ["a", "b", "c", "d"];

describe("an order", () => {
  it("puts a name before the place it is dropped at", () => {
    expect(moved(names, 0, 2)).toEqual(["b", "a", "c", "d"]);
    expect(moved(names, 3, 0)).toEqual(["d", "a", "b", "c"]);
    expect(moved(names, 1, 4)).toEqual(["a", "c", "d", "b"]);
  });

  it("stays where a name is dropped beside itself", () => {
    expect(moved(names, 1, 1)).toEqual(names);
    expect(moved(names, 1, 2)).toEqual(names);
  });

  it("finds the place by row, then by the middle of the chips", () => {
    const box = (left: number, top: number) => new DOMRect(left, top, 40, 24);
    const boxes = [box(0, 0), box(44, 0), box(0, 28), box(44, 28)];
    expect(placeAt(boxes, 10, 10)).toBe(0);
    expect(placeAt(boxes, 30, 10)).toBe(1);
    expect(placeAt(boxes, 500, 10)).toBe(2);
    expect(placeAt(boxes, 500, 40)).toBe(4);
    expect(placeAt(boxes, 0, 500)).toBe(4);
  });
});

describe("chips", () => {
  const tags = names.map((name) => ({ name, category: 0, source: "hand" as const }));
  const tagged = () => {
    const model = kernel(1);
    model.handlers.set("details", () => ({ ...details(1, { tags }) }));
    return model;
  };

  it("move with Alt and the arrows until Alt is let go: one edit, the focus stays", async () => {
    const model = tagged();
    model.handlers.set("edit", () => undefined);
    const view = open(model);
    await settle();
    chip(view, "a").focus();
    press(chip(view, "a"), "ArrowRight", { altKey: true });
    press(chip(view, "a"), "ArrowRight", { altKey: true });
    expect(view.names(".te-one .lr-chip-set")).toEqual(["b", "c", "a", "d"]);
    expect(model.of("edit")).toEqual([]);
    expect(document.activeElement).toBe(chip(view, "a"));
    chip(view, "a").dispatchEvent(new KeyboardEvent("keyup", { key: "Alt", bubbles: true }));
    expect(model.of("edit")).toEqual([{ action: "tags.order", names: ["b", "c", "a", "d"], target: { id: 1 } }]);
    expect(view.names(".te-one .lr-chip-set")).toEqual(["b", "c", "a", "d"]);
    expect(document.activeElement).toBe(chip(view, "a"));
  });

  it("go to the ends with Home and End, and say where they are", async () => {
    const view = open(tagged());
    await settle();
    chip(view, "b").focus();
    press(chip(view, "b"), "End", { altKey: true });
    expect(view.one("[role=status]").textContent).toBe("b moved to position 4 of 4");
    press(chip(view, "b"), "Home", { altKey: true });
    expect(view.names(".te-one .lr-chip-set")).toEqual(["b", "a", "c", "d"]);
  });

  it("go back when the kernel refuses, and when tags came from elsewhere meanwhile", async () => {
    const model = tagged();
    model.handlers.set("edit", () => ({ error: "disk is full" }));
    const view = open(model);
    await settle();
    chip(view, "a").focus();
    press(chip(view, "a"), "ArrowRight", { altKey: true });
    chip(view, "a").dispatchEvent(new KeyboardEvent("keyup", { key: "Alt", bubbles: true }));
    await settle();
    expect(view.names(".te-one .lr-chip-set")).toEqual(names);
    press(chip(view, "a"), "ArrowRight", { altKey: true });
    model.handlers.set("details", () => ({ ...details(1, { tags: tags.slice(0, 3) }) }));
    model.event("changed", { kinds: ["tags"], images: [1], can_undo: null, can_redo: null, selection: null, new: 0 });
    await settle(200);
    expect(view.names(".te-one .lr-chip-set")).toEqual(["a", "b", "c"]);
  });

  it("cannot be moved where nothing may be changed", async () => {
    const model = tagged();
    const hello = model.handlers.get("hello");
    model.handlers.set("hello", (payload, ask) => ({ ...hello?.(payload, ask), readonly: true }));
    const view = open(model);
    await settle();
    chip(view, "a").focus();
    press(chip(view, "a"), "ArrowRight", { altKey: true });
    expect(view.names(".te-one .lr-chip-set")).toEqual(names);
  });
});

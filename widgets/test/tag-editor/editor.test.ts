import { describe, expect, it } from "vitest";
import { kernel } from "./kernel.ts";
import { chip, eachTest, open, press, settle } from "./page.ts";

eachTest();

describe("the widget", () => {
  it("asks to select something when nothing is", async () => {
    const view = open(kernel(0));
    await settle();
    expect(view.one(".te-empty").textContent).toContain("Select an image in the gallery");
    expect(view.one(".te-one").hidden && view.one(".te-several").hidden).toBe(true);
  });

  it("offers no edits in a read-only project", async () => {
    const model = kernel(1);
    const hello = model.handlers.get("hello");
    model.handlers.set("hello", (payload, ask) => ({ ...hello?.(payload, ask), readonly: true }));
    const view = open(model);
    await settle();
    expect(view.one(".te-one .te-input").hidden).toBe(true);
    expect(view.one<HTMLTextAreaElement>("textarea").readOnly).toBe(true);
    chip(view, "dog").focus();
    press(chip(view, "dog"), "-");
    press(view.one(".te"), "4");
    expect(model.of("edit")).toEqual([]);
  });

  it("keeps edits of a busy kernel and locks them once it is gone", async () => {
    const model = kernel(1);
    const view = open(model);
    await settle();
    model.handlers.clear();
    press(view.one(".te"), "4");
    await settle(1600);
    expect(view.one(".te-footer").textContent).toContain("Waiting: a cell is running");
    expect(view.one(".te-footer").textContent).toContain("1 change waiting");
    await settle(13_000);
    expect(view.one(".te-footer").textContent).toContain("Kernel not answering");
    press(chip(view, "dog"), "-");
    expect(model.asked.filter(({ kind, payload }) => kind === "edit" && payload.action === "tags.remove")).toEqual([]);
    const edit = model.asked.find(({ kind }) => kind === "edit");
    if (edit) model.reply(edit, { message: "Rated 1 image 4", count: 1, operation: 1, can_undo: null, can_redo: null });
    await settle();
    expect(view.one(".te-footer").dataset.state).toBe("plain");
  });

  it("gives two views of one model their own panel, and leaves nothing behind", async () => {
    const model = kernel(1);
    const first = open(model);
    const second = open(model);
    await settle();
    expect(first.names(".te-one .lr-chip-set")).toEqual(second.names(".te-one .lr-chip-set"));
    first.dispose();
    expect(second.names(".te-one .lr-chip-set")).toEqual(["dog", "solo"]);
    second.dispose();
    expect(model.listeners).toBe(0);
    expect(document.querySelectorAll(".te")).toHaveLength(0);
    const sent = model.asked.length;
    await settle(60_000);
    expect(model.asked).toHaveLength(sent);
  });
});

describe("the selection", () => {
  const changed = (count: number, active: number | null) => ({
    kinds: [],
    images: null,
    count: 100,
    total: 100,
    can_undo: null,
    can_redo: null,
    new: 0,
    selection: { ranges: count > 0 ? [[0, count]] : [], count },
    active,
  });

  it("told while hello is on its way is newer than hello's answer", async () => {
    const model = kernel(1);
    const answer = model.handlers.get("hello");
    model.handlers.set("hello", () => undefined);
    const view = open(model);
    await settle();
    model.event("changed", changed(3, 1));
    const ask = model.asked.find(({ kind }) => kind === "hello");
    const hello = ask && answer?.(ask.payload, ask);
    if (ask && hello) model.reply(ask, hello);
    await settle();
    expect(view.one(".te-several").hidden).toBe(false);
    expect(view.one(".te-footer").textContent).not.toContain("Waiting for the kernel");
  });

  it("is asked for again when the order has changed meanwhile", async () => {
    const model = kernel(1);
    const index = model.handlers.get("index");
    let stale = true;
    model.handlers.set("index", (payload, ask) => (stale ? undefined : index?.(payload, ask)));
    const view = open(model);
    await settle();
    const ask = model.asked.find(({ kind }) => kind === "index");
    stale = false;
    if (ask) model.refuse(ask, "stale", "the order has changed since");
    await settle(200);
    expect(model.of("hello")).toHaveLength(2);
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("caption 1");
    expect(view.one(".te-footer").textContent).not.toContain("order has changed");
  });

  it("goes away: the panel asks for another one", async () => {
    const model = kernel(3);
    const view = open(model);
    await settle();
    model.event("changed", changed(0, null));
    await settle();
    expect(view.one(".te-empty").hidden).toBe(false);
  });
});

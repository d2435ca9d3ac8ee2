import { describe, expect, it } from "vitest";
import { details, kernel } from "./kernel.ts";
import { chip, eachTest, open, press, settle, type } from "./page.ts";

eachTest();

describe("one image", () => {
  it("shows what the kernel has, as text", async () => {
    const model = kernel(1);
    const evil = '<img src=x onerror="boom">';
    model.handlers.set("details", () => ({
      ...details(1, {
        name: evil,
        tags: [{ name: evil, category: 4, source: "file" }],
        caption: {
          variant: evil,
          text: evil,
          source: evil,
          variants: [],
          said: [{ by: evil, text: "x" }],
          sentences: [{ by: evil, text: evil, state: "" }],
        },
      }),
    }));
    const view = open(model);
    await settle();
    expect(view.el.querySelectorAll("img[src=x]")).toHaveLength(0);
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe(evil);
    expect(view.names(".te-one .lr-chip-set")).toEqual([evil]);
    expect(view.one(".te-one .lr-chip-set").getAttribute("aria-label")).toBe(`${evil}, character, from a file`);
  });

  it("adds a tag at once and takes it back when the kernel refuses", async () => {
    const model = kernel(1);
    model.handlers.set("edit", () => undefined);
    const view = open(model);
    await settle();
    const input = view.one<HTMLInputElement>(".te-one .te-input input");
    type(input, "Blue sky");
    press(input, "Enter");
    expect(view.names(".te-one .lr-chip-set")).toEqual(["dog", "solo", "blue_sky"]);
    expect(model.of("edit")).toEqual([{ action: "tags.add", names: ["blue_sky"], target: { id: 1 } }]);
    const ask = model.asked.find(({ kind }) => kind === "edit");
    if (ask) model.reply(ask, { error: "disk is full." });
    await settle();
    expect(view.names(".te-one .lr-chip-set")).toEqual(["dog", "solo"]);
    expect(view.one(".lr-toast").textContent).toContain("Could not save 1 change: disk is full");
    expect(view.one(".te-footer .lr-saved").textContent).toBe("Not saved: disk is full");
    model.handlers.set("edit", () => ({ message: "Tagged", count: 1, operation: 1, can_undo: null, can_redo: null }));
    view.one<HTMLButtonElement>(".lr-toast button").click();
    expect(view.names(".te-one .lr-chip-set")).toEqual(["dog", "solo", "blue_sky"]);
  });

  it("names a tag that a dead kernel did not confirm, and saves it by a late answer", async () => {
    const model = kernel(1);
    model.handlers.set("edit", () => undefined);
    const view = open(model);
    await settle(200);
    const input = view.one<HTMLInputElement>(".te-one .te-input input");
    type(input, "sky");
    press(input, "Enter");
    expect(view.one(".te-footer .lr-saved").textContent).toBe("Saving");
    await settle(1500);
    expect(view.one(".te-footer").textContent).toContain("1 change waiting");
    await settle(11_000);
    expect(view.one(".te-footer").textContent).toContain("1 change not saved");
    const ask = model.asked.find(({ kind }) => kind === "edit");
    if (ask) model.reply(ask, { message: "Tagged 1 image sky", count: 1, can_undo: null, can_redo: null });
    await settle();
    expect(view.one(".te-footer .lr-saved").textContent).toBe("Saved");
    expect(view.one(".te-footer").textContent).not.toContain("not saved");
  });

  it("takes the highlighted completion, and the text as typed with Shift", async () => {
    const model = kernel(1);
    model.handlers.set("complete", () => ({
      options: [{ name: "puppy", category: 0, count: 640, in_target: 0, alias: null, new: false }],
    }));
    const view = open(model);
    await settle();
    const input = view.one<HTMLInputElement>(".te-one .te-input input");
    type(input, "pup");
    await settle(100);
    expect(view.all(".te-one .te-options [role=option]")).toHaveLength(2);
    expect(input.getAttribute("aria-expanded")).toBe("true");
    const active = input.getAttribute("aria-activedescendant");
    expect(view.one(`#${active}`).getAttribute("aria-selected")).toBe("true");
    press(input, "Enter");
    type(input, "pup");
    await settle(100);
    press(input, "Enter", { shiftKey: true });
    expect(model.of("edit").map(({ names }) => names)).toEqual([["puppy"], ["pup"]]);
    expect(input.value).toBe("");
  });

  it("moves among chips, removes with -, accepts with Enter, renames with F2, and keeps the focus", async () => {
    const model = kernel(1);
    model.handlers.set("edit", () => undefined);
    const view = open(model);
    await settle();
    chip(view, "dog").focus();
    press(chip(view, "dog"), "ArrowRight");
    expect(document.activeElement).toBe(chip(view, "solo"));
    press(chip(view, "solo"), "-");
    expect(document.activeElement).toBe(chip(view, "dog"));
    press(chip(view, "grass"), "Enter");
    press(chip(view, "dog"), "F2");
    const field = view.one<HTMLInputElement>(".lr-chip-rename");
    field.value = "Puppy";
    press(field, "Enter");
    expect(model.of("edit").map(({ target: _, ...edit }) => edit)).toEqual([
      { action: "tags.remove", names: ["solo"] },
      { action: "tags.accept", names: ["grass"] },
      { action: "tags.rename", old: "dog", new: "puppy" },
    ]);
    expect(view.names(".te-one .lr-chip-set")).toEqual(["puppy", "grass"]);
    for (const name of ["puppy", "grass"]) press(chip(view, name), "-");
    expect(view.names(".te-one .lr-chip-set")).toEqual([]);
  });

  it("saves a caption after calm, on leaving, and never loses it", async () => {
    const model = kernel(1);
    const view = open(model);
    await settle();
    const text = view.one<HTMLTextAreaElement>("textarea");
    type(text, "a dog runs");
    await settle(300);
    expect(model.of("edit")).toEqual([]);
    await settle(700);
    expect(model.of("edit")).toEqual([
      { action: "caption", text: "a dog runs", variant: "default", target: { id: 1 } },
    ]);
    model.handlers.set("edit", () => ({ error: "disk is full." }));
    type(text, "a dog sleeps");
    text.dispatchEvent(new FocusEvent("blur"));
    await settle();
    expect(view.one(".te-caption-state").textContent).toBe("Not saved:try again");
    expect(text.value).toBe("a dog sleeps");
    model.handlers.set("edit", () => ({ message: "", count: 1, operation: 1, can_undo: null, can_redo: null }));
    view.one<HTMLButtonElement>(".te-caption-state button").click();
    await settle();
    expect(model.of("edit").at(-1)).toMatchObject({ text: "a dog sleeps" });
  });

  it("saves the draft for the image it was typed for when another one is selected", async () => {
    const model = kernel(1);
    const view = open(model);
    await settle();
    type(view.one<HTMLTextAreaElement>("textarea"), "typed for one");
    model.event("changed", {
      kinds: [],
      images: null,
      count: 100,
      total: 100,
      can_undo: null,
      can_redo: null,
      new: 0,
      selection: { ranges: [[4, 5]], count: 1 },
      active: 5,
    });
    await settle();
    expect(model.of("edit")).toEqual([
      { action: "caption", text: "typed for one", variant: "default", target: { id: 1 } },
    ]);
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("caption 5");
  });

  it("shows the latest of several selections, whatever order the answers come in", async () => {
    const model = kernel(1);
    model.handlers.set("details", () => undefined);
    const view = open(model);
    await settle();
    const select = (id: number) =>
      model.event("changed", {
        kinds: [],
        images: null,
        count: 100,
        total: 100,
        can_undo: null,
        can_redo: null,
        new: 0,
        selection: { ranges: [[id - 1, id]], count: 1 },
        active: id,
      });
    select(7);
    await settle();
    select(8);
    await settle();
    const asks = model.asked.filter(({ kind }) => kind === "details").toReversed();
    for (const ask of asks) model.reply(ask, { ...details(ask.payload.id as number) });
    await settle();
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("caption 8");
    expect(model.asked.filter(({ kind }) => kind === "cancel").length).toBeGreaterThan(0);
  });

  it("rates, undoes and moves by keyboard, but not while a text is typed", async () => {
    const model = kernel(1);
    const view = open(model);
    await settle();
    const root = view.one(".te");
    press(root, "4");
    press(root, "x");
    press(root, "u");
    press(view.one("textarea"), "3");
    press(view.one("textarea"), "z", { ctrlKey: true });
    await settle();
    expect(model.of("edit").map(({ action }) => action)).toEqual(["stars", "exclude"]);
    expect(model.of("undo")).toHaveLength(1);
    expect(view.one(".lr-toast").textContent).toContain("Undone: edited");
    press(root, "PageDown");
    await settle();
    expect(model.of("select")).toEqual([{ version: 1, ranges: [[1, 2]], active: 2 }]);
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("caption 2");
    press(root, "t");
    expect(document.activeElement).toBe(view.one(".te-one .te-input input"));
    press(document.activeElement as HTMLElement, "Escape");
    expect(view.el.contains(document.activeElement)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { kernel, tagsOf } from "./kernel.ts";
import { chip, eachTest, open, press, settle, type } from "./page.ts";

eachTest();

describe("several images", () => {
  it("adds to the rest on a click, removes everywhere with the x, and says how many", async () => {
    const model = kernel(3);
    const view = open(model);
    await settle();
    expect(
      view.one(".te-input-note").textContent === "adds to all 3" ||
        view.all(".te-input-note").some((note) => note.textContent === "adds to all 3"),
    ).toBe(true);
    expect(view.names(".te-several .lr-chip-partial")).toEqual(["grass", "snow"]);
    expect(chip(view, "grass").getAttribute("aria-label")).toBe("grass, on 2 of 3");
    chip(view, "grass").click();
    chip(view, "snow").querySelector<HTMLElement>("[data-act=remove]")?.click();
    expect(model.of("edit")).toEqual([
      { action: "tags.add", names: ["grass"], target: "selected", revision: 1 },
      { action: "tags.remove", names: ["snow"], target: "selected", revision: 1 },
    ]);
    expect(view.names(".te-several .lr-chip-set")).toEqual(["dog", "grass"]);
    await settle();
    expect(view.one(".lr-toast").textContent).toContain("Edited");
  });

  it("has no box that would overwrite many captions; replaces with a preview", async () => {
    const model = kernel(3);
    model.handlers.set("captions.preview", () => ({
      changed: 2,
      samples: [{ id: 1, before: "a grey dog", after: "a gray dog" }],
    }));
    const view = open(model);
    await settle();
    expect(view.all(".te-several textarea")).toHaveLength(0);
    expect(view.one(".te-kv").textContent).toContain("3 different");
    view
      .all("button")
      .find((button) => button.textContent === "Find and replace…")
      ?.click();
    await settle();
    const [find, by] = view.all(".te-panel:not([hidden]) .lr-input") as HTMLInputElement[];
    if (!find || !by) throw new Error("no fields");
    type(find, "grey");
    type(by, "gray");
    await settle(300);
    expect(model.of("captions.preview")).toEqual([
      { target: "selected", pattern: "grey", replacement: "gray", regex: false, variant: "default" },
    ]);
    expect(view.one(".te-diff").innerHTML).toBe('a <del class="te-del">grey</del><ins class="te-ins">gray</ins> dog');
    const apply = view.all(".te-panel:not([hidden]) .te-panel-foot button")[0];
    expect(apply?.textContent).toBe("Replace in 2 captions");
    apply?.click();
    await settle();
    expect(model.of("edit")).toEqual([
      {
        action: "captions.replace",
        pattern: "grey",
        replacement: "gray",
        regex: false,
        variant: "default",
        target: "selected",
        revision: 1,
      },
    ]);
    expect(view.one(".te-panel").hidden).toBe(true);
  });

  it("switches to this image and back without a change of the selection", async () => {
    const model = kernel(3);
    const view = open(model);
    await settle();
    view
      .all(".te-choice")
      .find((choice) => choice.textContent === "This image")
      ?.click();
    await settle();
    expect(view.one(".te-one").hidden).toBe(false);
    view.one<HTMLButtonElement>("[aria-label^='Next image']").click();
    await settle();
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("caption 2");
    view
      .all(".te-choice")
      .find((choice) => choice.textContent === "3 selected")
      ?.click();
    await settle();
    expect(view.one(".te-several").hidden).toBe(false);
    expect(model.of("select")).toEqual([]);
  });

  it("loads again after a change, once at a time", async () => {
    const model = kernel(3);
    const view = open(model);
    await settle();
    model.handlers.set("tags", () => ({ ...tagsOf(3, { on_all: [{ name: "cat", category: 0, source: "file" }] }) }));
    const before = model.of("tags").length;
    for (let times = 0; times < 5; times++) {
      model.event("changed", {
        kinds: ["tags"],
        images: null,
        count: 100,
        total: 100,
        can_undo: null,
        can_redo: null,
        new: 0,
        selection: { ranges: [[0, 3]], count: 3 },
        active: 1,
      });
    }
    await settle();
    expect(model.of("tags").length - before).toBeLessThanOrEqual(2);
    expect(view.names(".te-several .lr-chip-set")).toEqual(["cat"]);
  });

  it("judges suggestions only where they were made, and lets rejected tags be taken back", async () => {
    const model = kernel(3);
    model.handlers.set("tags", () => ({ ...tagsOf(3, { rejected: [{ name: "cat", category: 0, count: 2 }] }) }));
    const view = open(model);
    await settle();
    expect(view.one(".te-several .te-fold").hidden).toBe(false);
    press(chip(view, "leash"), "Enter");
    press(chip(view, "cat"), "-");
    await settle();
    press(chip(view, "cat"), "Enter");
    const common = { target: "selected", revision: 1 };
    expect(model.of("edit")).toEqual([
      { action: "tags.accept", names: ["leash"], where: "suggested", ...common },
      { action: "tags.clear", names: ["cat"], where: "rejected", ...common },
      { action: "tags.add", names: ["cat"], where: "rejected", ...common },
    ]);
  });

  it("says where there are too many images to look at what models suggest", async () => {
    const model = kernel(3);
    model.handlers.set("tags", () => ({ ...tagsOf(3, { judged: false, suggested: [] }) }));
    const view = open(model);
    await settle();
    const suggested = view.one(".te-several [aria-label=Suggested].te-block");
    expect(suggested.hidden).toBe(false);
    expect(suggested.textContent).toContain("400 images at most");
  });

  it("says in the heading what is known of the chip under the keyboard", async () => {
    const view = open(kernel(3));
    await settle();
    chip(view, "grass").focus();
    expect(view.one(".te-several [aria-label='On some'] .te-head").textContent).toContain("on 2 of 3");
    chip(view, "grass").blur();
    expect(view.one(".te-several [aria-label='On some'] .te-head").textContent).toContain("click to add to the rest");
  });

  it("says beside a completion what it implies", async () => {
    const model = kernel(3);
    const implies = [
      { name: "dog", in_target: 3 },
      { name: "pet", in_target: 1 },
    ];
    model.handlers.set("complete", () => ({
      options: [{ name: "puppy", category: 0, count: 9, in_target: 1, alias: null, new: false, implies }],
    }));
    const view = open(model);
    await settle();
    type(view.one<HTMLInputElement>(".te-several .te-input input"), "pup");
    await settle(100);
    const words = view.one(".te-preview").textContent;
    expect(words).toContain("adds to 2");
    expect(words).toContain("implies dog, already on all 3");
    expect(words).toContain("implies pet, on 1 of 3");
  });

  it("shows only the images with the tag of a chip, by key and by menu, and what is too long to be read", async () => {
    const model = kernel(3);
    model.handlers.set("narrow", () => ({ count: 7, total: 100, query: "grass", order: "" }));
    model.handlers.set("tags", () => ({ ...tagsOf(3, { tokens: { limit: 75, over: 2 } }) }));
    const view = open(model);
    await settle();
    press(chip(view, "grass"), "o");
    await settle();
    expect(view.one(".lr-toast").textContent).toContain("The gallery shows 7 images: grass");
    chip(view, "dog").dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
    const items = view.all("[role=menuitem]");
    expect(items.map((item) => item.textContent)).toEqual(["Show only theseO", "RenameF2", "Keep at handP"]);
    items[0]?.click();
    expect(document.activeElement).toBe(chip(view, "dog"));
    const line = view.one(".te-too-long");
    expect(line.parentElement?.textContent).toContain("Over 75 tokens");
    expect(line.textContent).toBe("2 images");
    line.click();
    await settle();
    expect(model.of("narrow")).toEqual([
      { change: { kind: "tag", name: "grass", state: "only" }, live: false },
      { change: { kind: "tag", name: "dog", state: "only" }, live: false },
      { change: { kind: "above", column: "tokens", limit: 75 }, live: false },
    ]);
    expect(model.of("edit")).toEqual([]);
  });

  it("says where no caption is too long, and nothing where they are too many to count", async () => {
    const model = kernel(3);
    const view = open(model);
    await settle();
    const line = view.one(".te-too-long");
    expect(line.hidden).toBe(true);
    expect(line.parentElement?.textContent).toContain("none");
    model.handlers.set("tags", () => ({ ...tagsOf(3, { tokens: null }) }));
    model.event("changed", { kinds: ["tags"], images: null, can_undo: null, can_redo: null, selection: null, new: 0 });
    await settle();
    expect(line.parentElement?.hidden).toBe(true);
  });

  it("refuses a search in words", async () => {
    const model = kernel(3);
    model.handlers.set("narrow", () => ({ error: "disk is full" }));
    const view = open(model);
    await settle();
    press(chip(view, "grass"), "o");
    await settle();
    expect(view.one(".lr-toast").textContent).toContain("Could not search: disk is full");
  });
});

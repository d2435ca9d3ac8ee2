import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tagEditor } from "../../src/components/tag-editor/editor.ts";
import { widget } from "../../src/widget.ts";
import { details, type Kernel, kernel, tagsOf } from "./kernel.ts";

const disposers: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const dispose of disposers.splice(0)) dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

function open(model: Kernel) {
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

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
const press = (target: HTMLElement, key: string, extra: KeyboardEventInit = {}) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...extra }));
function type(input: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
const chip = (view: ReturnType<typeof open>, name: string) =>
  view.one(`.te-body > :not([hidden]) [data-name="${name}"]`);

describe("one image", () => {
  it("shows what the kernel has, as text", async () => {
    const model = kernel(1);
    const evil = '<img src=x onerror="boom">';
    model.handlers.set("details", () => ({
      ...details(1, {
        name: evil,
        tags: [{ name: evil, category: 4, source: "file" }],
        caption: { variant: evil, text: evil, source: evil },
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
    model.handlers.set("edit", () => ({ message: "Tagged", count: 1, operation: 1, can_undo: null, can_redo: null }));
    view.one<HTMLButtonElement>(".lr-toast button").click();
    expect(view.names(".te-one .lr-chip-set")).toEqual(["dog", "solo", "blue_sky"]);
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
      { action: "tags.add", names: ["grass"], target: "selected" },
      { action: "tags.remove", names: ["snow"], target: "selected" },
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
    const [find, by] = view.all(".te-replace .lr-input") as HTMLInputElement[];
    if (!find || !by) throw new Error("no fields");
    type(find, "grey");
    type(by, "gray");
    await settle(300);
    expect(model.of("captions.preview")).toEqual([
      { target: "selected", pattern: "grey", replacement: "gray", regex: false, variant: "default" },
    ]);
    expect(view.one(".te-diff").innerHTML).toBe('a <del class="te-del">grey</del><ins class="te-ins">gray</ins> dog');
    const apply = view.all(".te-replace-foot button")[0];
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
      },
    ]);
    expect(view.one(".te-replace").hidden).toBe(true);
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
});

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

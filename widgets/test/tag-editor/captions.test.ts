import { describe, expect, it } from "vitest";
import { details, kernel } from "./kernel.ts";
import { eachTest, HELD, onPage, open, press, settle, type } from "./page.ts";

eachTest();

/** A kernel that keeps two variants of the caption, one of them by a model. */
function variants() {
  const model = kernel(1);
  const texts: Record<string, string> = { default: "a grey dog", short: "dog" };
  model.handlers.set("details", ({ variant }) => {
    const name = variant as string;
    return {
      ...details(1, {
        caption: {
          variant: name,
          text: texts[name] ?? "",
          source: name === "short" ? "blip" : "hand",
          variants: [
            { name: "default", source: "hand" },
            { name: "short", source: "blip" },
          ],
          said: name === "default" ? [{ by: "blip", text: "a dog" }] : [],
          sentences: [],
        },
      }),
    };
  });
  model.handlers.set("edit", ({ variant, text }) => {
    texts[variant as string] = text as string;
    return { message: "Captioned", count: 1, operation: 1, can_undo: null, can_redo: null };
  });
  return { model, texts };
}

const choose = async (view: ReturnType<typeof open>, starts: string) => {
  view.one(".te-variant button").click();
  const item = view.all("[role^=menuitem]").find((row) => row.textContent?.startsWith(starts));
  if (!item) throw new Error(`no ${starts}`);
  item.click();
  await settle();
};

describe("captions", () => {
  it("are switched by variant, each with who wrote it", async () => {
    const { model } = variants();
    const view = open(model);
    await settle();
    view.one(".te-variant button").click();
    expect(view.all("[role=menuitemradio]").map((row) => row.textContent)).toEqual([
      "default · by hand",
      "short · by blip",
    ]);
    await choose(view, "short");
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("dog");
    expect(view.one(".te-caption-source").textContent).toBe("by blip");
  });

  it("save what was typed under its own variant when another is chosen", async () => {
    const { model, texts } = variants();
    const view = open(model);
    await settle();
    type(view.one<HTMLTextAreaElement>("textarea"), "a grey dog runs");
    await choose(view, "short");
    expect(texts).toEqual({ default: "a grey dog runs", short: "dog" });
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("dog");
    await choose(view, "default");
    expect(view.one<HTMLTextAreaElement>("textarea").value).toBe("a grey dog runs");
  });

  it("keep what was saved where an answer comes that was asked for before", async () => {
    const { model } = variants();
    const view = open(model);
    await settle();
    const text = view.one<HTMLTextAreaElement>("textarea");
    const answer = model.handlers.get("details");
    model.handlers.set("details", () => undefined);
    model.event("changed", { kinds: ["tags"], images: [1], can_undo: null, can_redo: null, selection: null, new: 0 });
    const late = model.asked.findLast(({ kind }) => kind === "details");
    if (!answer || !late) throw new Error("nothing was asked");
    const old = answer({ id: 1, variant: "default" }, late);
    type(text, "a grey dog runs");
    press(text, "Enter", { ctrlKey: true });
    await settle();
    if (old) model.reply(late, old);
    await settle();
    expect(text.value).toBe("a grey dog runs");
  });

  it("stay typed where they could not be saved", async () => {
    const { model } = variants();
    model.handlers.set("edit", () => ({ error: "disk is full" }));
    const view = open(model);
    await settle();
    const text = view.one<HTMLTextAreaElement>("textarea");
    type(text, "a grey dog runs");
    press(text, "Enter", { ctrlKey: true });
    await settle(200);
    expect(text.value).toBe("a grey dog runs");
    expect(view.one(".te-caption-state").textContent).toContain("Not saved:");
  });

  it("take a new variant by its name, and nothing for Esc", async () => {
    const { model } = variants();
    const view = open(model);
    await settle();
    await choose(view, "New");
    const name = view.one<HTMLInputElement>(".te-variant input");
    expect(document.activeElement).toBe(name);
    press(name, "Escape");
    expect(name.hidden).toBe(true);
    await choose(view, "New");
    name.value = " long ";
    press(name, "Enter");
    await settle();
    expect(model.of("details").at(-1)).toEqual({ id: 1, variant: "long" });
    expect(view.one<HTMLTextAreaElement>("textarea").placeholder).toBe("No caption named long");
  });

  it("show what changed since a model wrote them, and take its text back", async () => {
    const { model, texts } = variants();
    const view = open(model);
    await settle();
    const changes = view.all("button").find((press) => press.textContent === "Changes to blip");
    changes?.click();
    expect(view.one(".te-said ins").textContent).toBe("grey ");
    view.one<HTMLButtonElement>(".te-said button").click();
    await settle();
    expect(texts.default).toBe("a dog");
    expect(changes?.hidden).toBe(true);
    expect(view.one(".te-said").hidden).toBe(true);
  });

  it("come from a template: seen before, written as one edit, and then shown", async () => {
    const { model } = variants();
    model.handlers.set("captions.compose", ({ template }) =>
      template === "{"
        ? { error: "expected a name" }
        : { samples: [{ id: 1, before: "dog", after: "a dog", tokens: null }] },
    );
    const view = open(model);
    await settle();
    view
      .all("button")
      .find((press) => press.textContent === "Template…")
      ?.click();
    await settle();
    const [template, variant] = view.all(".te-panel:not([hidden]) .lr-input") as HTMLInputElement[];
    if (!template || !variant) throw new Error("no fields");
    type(template, "{");
    await settle(300);
    expect(view.one(".te-panel:not([hidden]) .te-panel-state").textContent).toBe("expected a name");
    press(template, "Enter", { ctrlKey: true });
    expect(model.of("edit")).toEqual([]);
    type(template, "a {caption}");
    type(variant, "short");
    await settle(300);
    expect(model.of("captions.compose").at(-1)).toEqual({ template: "a {caption}", variant: "short", ids: [1] });
    press(template, "Enter", { ctrlKey: true });
    await settle();
    expect(model.of("edit")).toEqual([
      { action: "captions.compose", template: "a {caption}", variant: "short", target: { id: 1 } },
    ]);
    expect(model.of("details").at(-1)).toEqual({ id: 1, variant: "short" });
  });

  it("say where the panel did not load, and ask for it again", async () => {
    const { model } = variants();
    model.handlers.set("part", () => ({ error: "the widget bundle is not built" }));
    const had = onPage[HELD];
    onPage[HELD] = new Map();
    const view = open(model);
    await settle();
    const opens = view.all("button").find((press) => press.textContent === "Template…");
    opens?.click();
    await settle();
    expect(model.of("part")).toEqual([{ name: "caption-panels" }]);
    expect(view.one(".lr-toast").textContent).toContain("This panel did not load: the widget bundle is not built");
    expect(opens?.getAttribute("aria-expanded")).toBe("false");
    onPage[HELD] = had;
    view.one<HTMLButtonElement>(".lr-toast button").click();
    await settle();
    expect(view.one("[aria-label='Captions from a template']").hidden).toBe(false);
    expect(opens?.getAttribute("aria-expanded")).toBe("true");
  });

  it("leave the keyboard to who writes elsewhere while a panel is on its way", async () => {
    const { model } = variants();
    const view = open(model);
    await settle();
    view
      .all("button")
      .find((press) => press.textContent === "Template…")
      ?.click();
    view.one("textarea").focus();
    await settle();
    expect(document.activeElement).toBe(view.one("textarea"));
    expect(view.one("[aria-label='Captions from a template']").hidden).toBe(true);
  });
});

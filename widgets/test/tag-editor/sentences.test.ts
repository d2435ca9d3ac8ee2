import { describe, expect, it } from "vitest";
import type { Sentence } from "../../src/protocol/tagging.ts";
import { details, type Kernel, kernel } from "./kernel.ts";
import { eachTest, open, press, settle } from "./page.ts";

eachTest();

const SAID: Sentence[] = [
  { by: "gpt", text: "A dog.", state: "" },
  { by: "gpt", text: "A watermark is visible.", state: "" },
  { by: "blip", text: "It runs.", state: "accepted" },
];

/** A kernel whose models said something, and that keeps what is decided. */
function talking(source = "gpt"): Kernel {
  const model = kernel(1);
  let sentences = SAID;
  model.handlers.set("details", ({ id }) => ({
    ...details(id as number, {
      caption: { variant: "default", text: "A dog.", source, variants: [], said: [], sentences },
    }),
  }));
  model.handlers.set("edit", ({ action, sentence }) => {
    const state = { "sentences.accept": "accepted", "sentences.strike": "struck" }[action as string] ?? "";
    sentences = sentences.map((one) => (one.text === sentence ? { ...one, state } : one)) as Sentence[];
    return { message: "Struck 1 sentence of 1 image", count: 1, operation: 1, can_undo: null, can_redo: null };
  });
  return model;
}

async function opened(model: Kernel) {
  const view = open(model);
  await settle();
  const press = view.all("button").find((one) => one.textContent === "Sentences");
  if (!press) throw new Error("no button");
  press.click();
  await settle();
  return { view, press, rows: () => view.all(".te-sentence") };
}

const edits = (model: Kernel) => model.of("edit").map(({ action, sentence, target }) => [action, sentence, target]);

describe("sentences of models", () => {
  it("are listed under the name of who said them, with what was decided", async () => {
    const { view, rows } = await opened(talking());
    expect(view.all(".te-sentences-by").map((one) => one.textContent)).toEqual(["by gpt", "by blip"]);
    expect(rows().map((row) => row.querySelector(".te-sentence-text")?.textContent)).toEqual(
      SAID.map((one) => one.text),
    );
    expect(rows().map((row) => row.dataset.state)).toEqual(["", "", "accepted"]);
    expect(rows()[2]?.getAttribute("aria-label")).toBe("It runs. Accepted");
  });

  it("are accepted, struck and left again by the keys of their row", async () => {
    const model = talking();
    const { rows } = await opened(model);
    expect(document.activeElement).toBe(rows()[0]);
    press(rows()[0] as HTMLElement, "ArrowDown");
    press(rows()[1] as HTMLElement, "-");
    await settle();
    expect(rows()[1]?.dataset.state).toBe("struck");
    press(rows()[1] as HTMLElement, "-");
    await settle();
    press(rows()[1] as HTMLElement, "Home");
    press(rows()[0] as HTMLElement, "Enter");
    await settle();
    expect(edits(model)).toEqual([
      ["sentences.strike", "A watermark is visible.", { id: 1 }],
      ["sentences.clear", "A watermark is visible.", { id: 1 }],
      ["sentences.accept", "A dog.", { id: 1 }],
    ]);
    expect(model.of("edit")[2]?.variant).toBe("default");
  });

  it("have a button for each key, which says whether it holds", async () => {
    const model = talking();
    const { rows } = await opened(model);
    const strike = () => rows()[0]?.querySelector<HTMLButtonElement>("[aria-label='Strike (-)']");
    strike()?.click();
    await settle();
    expect(strike()?.getAttribute("aria-pressed")).toBe("true");
    expect(edits(model)).toEqual([["sentences.strike", "A dog.", { id: 1 }]]);
  });

  it("go at Esc, and the button has the keyboard again", async () => {
    const { view, press: from, rows } = await opened(talking());
    press(rows()[0] as HTMLElement, "Escape");
    expect(view.one<HTMLElement>(".te-sentences-panel").hidden).toBe(true);
    expect(from.getAttribute("aria-expanded")).toBe("false");
  });

  it("say that a caption by hand counts before them", async () => {
    const { view } = await opened(talking("hand"));
    expect(view.one(".te-sentences-panel .te-panel-state").textContent).toMatch(/caption by hand counts/);
  });

  it("are offered only where a model said something", async () => {
    const view = open(kernel(1));
    await settle();
    expect(view.all("button").find((one) => one.textContent === "Sentences")?.hidden).toBe(true);
  });
});

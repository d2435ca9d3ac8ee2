import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { laboratory } from "../../src/components/laboratory/laboratory.ts";
import { alone } from "../../src/part.ts";
import type { LabBallot, LabRow, LabState } from "../../src/protocol/laboratory.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null, parts: {} };
const STATE: LabState = {
  images: 3,
  over: 1284,
  prompts: 2,
  models: 1,
  asked: 6,
  questions: 6,
  running: false,
  problems: {},
  paid: true,
  ballots: ["x", "y", "z"].map((id, at) => ({ id, image: 11 + at, choice: null })),
};
const QUOTE = { send: 1281, cost: 0.42, at_most: 0.6, seconds: 130, leaves: "1,281 pictures go to OpenAI" };

const ballot = (id: string): LabBallot => ({
  id,
  image: 11,
  name: "a.jpg",
  width: 300,
  height: 200,
  a: `<b>${id}</b> a red dog`,
  b: `<b>${id}</b> a blue dog`,
});
const row = (key: string, more: Partial<LabRow> = {}): LabRow => ({
  key,
  prompt: "plain",
  text: "Say it.",
  model: `openai/${key}`,
  free: false,
  obstacle: null,
  answered: 3,
  refused: 0,
  failed: 0,
  tokens: 41,
  limit: 75,
  words: 30,
  over: 0,
  lint: { "over budget": 0, repeated: 0 },
  cost: 1.2,
  seconds: 1.4,
  votes: 3,
  share: 0.5,
  low: 0.1,
  high: 0.9,
  ...more,
});

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const tick = () => vi.advanceTimersByTimeAsync(0);
const last = (kind: string) => model.of(kind).at(-1) as Sent;
async function answer(kind: string, ok: object): Promise<void> {
  model.ok(last(kind), ok);
  await tick();
}
/** Answers every request for ballots that has none. */
async function texts(): Promise<void> {
  for (const sent of model.of("lab.ballots").slice(answered)) {
    answered += 1;
    model.ok(sent, { ballots: (sent.payload.ids as string[]).map(ballot) });
    await tick();
  }
}
let answered = 0;
const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string): HTMLElement => {
  const found = el.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const named = (text: string): HTMLElement => {
  const found = all("button").find(
    (button) => button.querySelector("span")?.textContent === text || button.textContent === text,
  );
  if (!found) throw new Error(`no button ${text}`);
  return found;
};
async function press(key: string): Promise<void> {
  one(".lb").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await tick();
  await texts();
}
async function open(state: Partial<LabState> = {}): Promise<void> {
  dispose = widget(alone(laboratory, "lorairo laboratory")).render({ model, el });
  await answer("hello", HELLO);
  await answer("lab.open", { ...STATE, ...state });
  await texts();
}
const votes = () => model.of("lab.vote").map(({ payload }) => [payload.id, payload.choice]);
const shown = () => all(".lb-side .lb-text").map(({ textContent }) => textContent);

beforeEach(() => {
  vi.useFakeTimers();
  answered = 0;
  el = document.createElement("div");
  document.body.append(el);
  model = new FakeModel();
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("the votes", () => {
  it("begin blind with two answers as text", async () => {
    await open();
    expect(one(".lb-head").textContent).toContain("Which answer is better?");
    expect(shown()).toEqual(["<b>x</b> a red dog", "<b>x</b> a blue dog"]);
    expect(one(".lb-progress").textContent).toBe("0 of 3 votes");
    expect(el.textContent).not.toContain("openai");
    expect(all("mark")).toEqual([]);
  });

  it("take one key each, and go on before the kernel has answered", async () => {
    await open();
    await press("1");
    await press("2");
    expect(shown()[0]).toBe("<b>z</b> a red dog");
    expect(votes()).toEqual([
      ["x", "a"],
      ["y", "b"],
    ]);
    expect(one(".lb-progress").textContent).toBe("2 of 3 votes");
  });

  it("know ties and neither, skip, and take back", async () => {
    await open();
    await press(" ");
    expect(votes()).toEqual([]);
    await press("0");
    expect(votes()).toEqual([["y", "tie"]]);
    await press("x");
    expect(votes().at(-1)).toEqual(["z", "neither"]);
    expect(shown()[0]).toBe("<b>x</b> a red dog"); // the one skipped comes last
    await press("u");
    expect(votes().at(-1)).toEqual(["z", null]);
    expect(shown()[0]).toBe("<b>z</b> a red dog");
    expect(one(".lb-progress").textContent).toBe("1 of 3 votes");
  });

  it("mark the words that differ only when asked to", async () => {
    await open();
    await press("d");
    expect(all("mark").map(({ textContent }) => textContent)).toEqual(["red", "blue"]);
    await press("d");
    expect(all("mark")).toEqual([]);
  });

  it("say which vote could not be saved, and ask again", async () => {
    await open();
    await press("1");
    model.fail(last("lab.vote"), { kind: "error", message: "disk is full" });
    await tick();
    expect(one(".lr-toast").textContent).toContain("Could not save 1 vote: disk is full");
    expect(one(".lb-progress").textContent).toBe("0 of 3 votes");
  });

  it("go on with the first that has none", async () => {
    const ballots = STATE.ballots.map((each, at) => ({ ...each, choice: at === 0 ? ("tie" as const) : null }));
    await open({ ballots });
    expect(shown()[0]).toBe("<b>y</b> a red dog");
    expect(one(".lb-progress").textContent).toBe("1 of 3 votes");
  });

  it("stay where they are while new answers come", async () => {
    await open({ asked: 4 });
    await press("1");
    model.receive({
      v: 1,
      event: "changed",
      payload: { version: 1, kinds: ["annotations"], images: null, can_undo: null, can_redo: null },
    });
    await tick();
    const ballots = [{ id: "w", image: 9, choice: null }, ...STATE.ballots];
    await answer("lab.open", { ...STATE, ballots });
    expect(shown()[0]).toBe("<b>y</b> a red dog");
    expect(one(".lb-progress").textContent).toBe("1 of 4 votes");
  });
});

describe("the figures", () => {
  const rows = [row("mini", { share: 0.25 }), row("maxi", { share: 0.75, refused: 1, lint: { repeated: 2 } })];

  async function reveal(): Promise<void> {
    await open();
    await press("r");
    await answer("lab.figures", { rows, best: "maxi" });
  }

  it("come at the end of the votes, with names", async () => {
    await open();
    for (const key of ["1", "0", "x"]) await press(key);
    await answer("lab.figures", { rows, best: "maxi" });
    expect(one(".lb-head").textContent).toContain("Prompts by models");
    expect(all('[role="radio"]').map((each) => each.getAttribute("aria-label"))).toEqual([
      "plain, openai/mini, preferred 25% of decided, 3 votes, 3 answered, 41 tokens, 0% over 75, cost for 1,000 images $1.20",
      "plain, openai/maxi, preferred 75% of decided, 3 votes, 3 answered, 1 refused, 41 tokens, 0% over 75, 2 repeated, cost for 1,000 images $1.20, preferred",
    ]);
  });

  it("can be revealed before, and left again", async () => {
    await reveal();
    expect(one(".lb-results").hidden).toBe(false);
    await press("r");
    expect(one(".lb-results").hidden).toBe(true);
    expect(shown()[0]).toBe("<b>x</b> a red dog");
  });

  it("never show an unknown price as nothing", async () => {
    await open({ ballots: [] });
    await answer("lab.figures", { rows: [row("mini", { cost: null, share: null, votes: 0 })], best: null });
    expect(one(".lb-row .lb-cost").textContent).toBe("unknown");
    expect(one(".lb-row .lb-share").textContent).toBe("no votes");
  });

  it("open the answers of a row, as text", async () => {
    await reveal();
    all('[role="radio"]')[0]?.click();
    await tick();
    expect(last("lab.answers").payload).toEqual({ cell: "mini" });
    const text = { variant: "default", text: "<i>a dog</i>", tokens: 80, limit: 75, words: 2, lint: ["over budget"] };
    const answers = [
      { image: 11, name: "a.jpg", ending: "answered", why: "", cost: 0.001, seconds: 1.4, texts: [text] },
      { image: 12, name: "b.jpg", ending: "refused", why: "policy_block", cost: null, seconds: null, texts: [] },
    ];
    await answer("lab.answers", { answers });
    expect(one(".lb-answer-text").textContent).toBe("<i>a dog</i>");
    expect(one(".lb-figures").textContent).toBe("80 / 752 words · $0.001 · 1.4 sover budget");
    expect(all(".lb-answer")[1]?.textContent).toBe("Refused: policy block");
    await press("Escape");
    expect(one(".lb-detail").hidden).toBe(true);
  });

  it("lead to the run of the best, whose quote is the confirmation", async () => {
    await reveal();
    named("Use this for 1,284 images").click();
    await tick();
    const run = one(".lb-results .lb-actions .lr-btn-primary");
    expect(run.textContent).toBe("Working out the price");
    expect(run.getAttribute("aria-disabled")).toBe("true");
    await answer("lab.plan", {
      code: "lab.best.annotate(view)",
      images: 1284,
      obstacle: null,
      free: false,
      quote: QUOTE,
    });
    expect(one(".lb-results .lb-quote").textContent).toBe("about $0.42, at most $0.60 · 3 min");
    expect(one(".lb-results .lb-code-text").textContent).toBe("lab.best.annotate(view)");
    expect(run.textContent).toBe("Send 1,281 images");
    expect(one(".lb-results input").getAttribute("aria-label")).toBe("Stop before, in USD");
    run.click();
    run.click();
    await tick();
    expect(model.of("lab.use").map(({ payload }) => payload)).toEqual([{ cell: "maxi", budget: 0.6, quoted: 1281 }]);
  });

  it("start nothing that cannot run, and say why", async () => {
    await reveal();
    named("Use this for 1,284 images").click();
    await tick();
    const obstacle = "Needs OPENAI_API_KEY. Set it";
    await answer("lab.plan", { code: "x", images: 1284, obstacle, free: false, quote: QUOTE });
    const run = one(".lb-results .lb-actions .lr-btn-primary");
    expect([run.getAttribute("aria-disabled"), run.title]).toEqual(["true", obstacle]);
    run.click();
    await tick();
    expect(model.of("lab.use")).toEqual([]);
  });
});

describe("before there are answers", () => {
  const none = { asked: 0, ballots: [] };

  it("says what asking takes, and asks once", async () => {
    await open(none);
    expect(one(".lb-start").textContent).toContain("2 prompts by 1 model on 3 images, which stand for 1,284 images.");
    await answer("lab.quote", { code: "lab.run(budget=0.60)", quote: { ...QUOTE, send: 6 } });
    named("Ask 6 questions").click();
    await tick();
    expect(last("lab.run").payload).toEqual({ budget: 0.6, quoted: 6 });
    await answer("lab.run", {});
    await answer("lab.open", { ...STATE, ...none, running: true });
    expect(one(".lb-start").textContent).toContain("Asking: 0 of 6 answers");
    named("Stop").click();
    await tick();
    expect(model.of("lab.stop")).toHaveLength(1);
  });

  it("says what kept a cell from being asked", async () => {
    await open({ ...none, problems: { "plain · openai/mini": "needs a key" } });
    expect(one(".lb-problems").textContent).toBe("plain · openai/mini: needs a key");
  });

  it("goes to the votes when all is answered", async () => {
    await open({ ...none, running: true });
    model.receive({
      v: 1,
      event: "job",
      payload: { id: 1, label: "x", state: "done", done: 6, total: 6, failed: 0, seconds_left: null },
    });
    await tick();
    await answer("lab.open", STATE);
    await texts();
    expect(shown()[0]).toBe("<b>x</b> a red dog");
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onePass } from "../../src/components/passes/passes.ts";
import { alone } from "../../src/part.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null, parts: {} };
const NONE = { can_undo: null, can_redo: null };
const COUNTS = { images: 3, yes: 0, no: 0 };
const OPENED = {
  ...COUNTS,
  pass: 7,
  tag: "smile",
  category: 0,
  category_name: "general",
  model: "local/wd",
  models: ["local/wd"],
  questions: 3,
};
const REPORT = {
  ...COUNTS,
  tag: "smile",
  model: "local/wd",
  left: 2,
  threshold: 0.35,
  shown: 1,
  right: 1,
  precision: 1,
  low: 0.2,
  high: 1,
  suggestion: { threshold: 0.4, precision: 1, recall: 0.5, f1: 0.67, answers: 2, wanted: null },
};

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const tick = () => vi.advanceTimersByTimeAsync(0);
async function answer(kind: string, ok: object, buffers: DataView[] = []): Promise<void> {
  model.ok(model.of(kind).at(-1) as Sent, ok, buffers);
  await tick();
}
const one = <T extends HTMLElement = HTMLElement>(selector: string): T => {
  const found = el.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
async function press(key: string): Promise<void> {
  one(".ps").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await tick();
}
const told = () => one(".ps-progress").textContent;
const answered = () => model.of("pass.answer").map(({ payload }) => [payload.image, payload.yes]);

beforeEach(async () => {
  vi.useFakeTimers();
  el = document.createElement("div");
  document.body.append(el);
  const task = { kind: "tag", tag: "smile", model: null, order: "uncertain", again: false };
  model = new FakeModel({ protocol: 1, task });
  dispose = widget(alone(onePass, "lorairo pass")).render({ model, el });
  await answer("hello", HELLO);
  await answer("pass.open", OPENED);
  const page = new DataView(new ArrayBuffer(24));
  for (const [at, id] of [11, 12, 13].entries()) page.setInt32(4 * at, id, true);
  for (const [at, score] of [0.36, 0.34, -1].entries()) page.setFloat32(12 + 4 * at, score, true);
  await answer("pass.questions", { start: 0, count: 3 }, [page]);
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a yes / no pass", () => {
  it("asks at once for what its trait says, blind", () => {
    expect(model.of("pass.open")[0]?.payload).toEqual({ tag: "smile", model: null, order: "uncertain", again: false });
    expect(told()).toBe("1 of 3 · 3 left");
    expect(one(".ps-score").hidden).toBe(true);
    expect(one(".ps-stage").getAttribute("aria-label")).toBe("Is smile right? Image 1 of 3");
  });

  it("goes on with each key, before the kernel has answered", async () => {
    await press("y");
    await press("n");
    expect(told()).toBe("3 of 3 · 1 left");
    expect(answered()).toEqual([
      [11, true],
      [12, false],
    ]);
  });

  it("shows the score when it is asked for", async () => {
    await press("s");
    expect(one(".ps-score").hidden).toBe(false);
    expect(one(".ps-score").textContent).toBe("wd 0.36");
    await press("ArrowRight");
    await press(" ");
    expect(one(".ps-score").textContent).toBe("wd has not looked at it");
    expect(answered()).toEqual([]); // skipping answers nothing
  });

  it("takes the last answer back by its own operation, once that is known", async () => {
    await press("y");
    await press("z");
    expect(told()).toBe("1 of 3 · 3 left");
    expect(model.of("pass.back")).toEqual([]);
    await answer("pass.answer", { ...COUNTS, ...NONE, yes: 1, message: "Answered", count: 1, operation: 42 });
    expect(model.of("pass.back")[0]?.payload).toEqual({ pass: 7, operation: 42 });
  });

  it("asks again at the end where an answer could not be saved, and says so", async () => {
    await press("y");
    await press("n");
    model.fail(model.of("pass.answer")[0] as Sent, { kind: "error", message: "disk is full" });
    await tick();
    expect(told()).toBe("3 of 3 · 2 left"); // not under the hand: at the end
    expect(one(".lr-toast").textContent).toContain("Could not save 1 answer: disk is full");
    await press("n");
    expect(told()).toBe("1 of 3 · 1 left");
  });

  it("reports at the end, after the last answer is saved", async () => {
    for (const key of ["y", " ", "n"]) await press(key);
    expect(model.of("pass.report")).toEqual([]);
    for (const sent of model.of("pass.answer")) {
      model.ok(sent, { ...COUNTS, ...NONE, message: "Answered", count: 1, operation: 1 });
    }
    await tick();
    await answer("pass.report", REPORT);
    expect(one(".ps-report").hidden).toBe(false);
    expect(one(".ps-report").textContent).toContain("smile: all asked");
    expect(one(".ps-report").textContent).toContain("100% (20% to 100%): 1 of 1 answered image over 0.35 is right");
  });

  it("pauses on Esc, sets the suggested threshold, and goes on", async () => {
    await press("Escape");
    await answer("pass.report", REPORT);
    const adopt = [...el.querySelectorAll("button")].find(({ textContent }) => textContent === "Set general to 0.4");
    adopt?.click();
    await tick();
    expect(model.of("pass.adopt")[0]?.payload).toEqual({ pass: 7, threshold: 0.4 });
    await answer("pass.adopt", { ...COUNTS, ...NONE, message: "Set wd to general 0.4", count: 2, operation: 9 });
    await answer("pass.report", { ...REPORT, threshold: 0.4 });
    expect(one(".lr-toast").textContent).toContain("Set wd to general 0.4");
    await press("Enter");
    expect(told()).toBe("1 of 3 · 3 left");
    expect(one(".ps-report").hidden).toBe(true);
  });

  it("judges another model by the same answers, where several named the tag", async () => {
    await press("Escape");
    await answer("pass.report", REPORT);
    expect(el.querySelector("[aria-label=Model]")).toBeNull();
    const again = [...el.querySelectorAll("button")].find(({ textContent }) => textContent === "Another pass");
    again?.click();
    const field = one<HTMLInputElement>("[aria-label='Tag to ask about']");
    field.value = "smile";
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    await tick();
    await answer("pass.open", { ...OPENED, pass: 8, models: ["local/other", "local/wd"], questions: 0 });
    await answer("pass.report", REPORT);
    one<HTMLButtonElement>("[aria-label=Model] [title='local/other']").click();
    await tick();
    expect(model.of("pass.open").at(-1)?.payload).toMatchObject({ tag: "smile", model: "local/other", again: false });
    await answer("pass.open", { ...OPENED, pass: 9, model: "local/other", questions: 0 });
    expect(model.of("pass.report").at(-1)?.payload).toEqual({ pass: 9, precision: null });
    await answer("pass.report", { ...REPORT, model: "local/other" });
    expect(one(".ps-report").textContent).toContain("Precision of other");
  });

  it("asks for a wanted precision", async () => {
    await press("Escape");
    await answer("pass.report", REPORT);
    const wanted = [...el.querySelectorAll("button")].find(({ textContent }) => textContent === "Precision 95%");
    wanted?.click();
    await tick();
    expect(model.of("pass.report").at(-1)?.payload).toEqual({ pass: 7, precision: 0.95 });
    await answer("pass.report", { ...REPORT, suggestion: null });
    expect(one(".ps-report").textContent).toContain("No threshold meets this on the answers.");
  });
});

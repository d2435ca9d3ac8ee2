import { describe, expect, it } from "vitest";
import { CLOSED, type Draft, type Event, type Step, step } from "../../src/components/tag-editor/caption-draft.ts";

/** Runs events and gives the saves that were asked for. */
function run(events: readonly Event[], from: Draft = CLOSED) {
  const saves: { id: number; text: string }[] = [];
  let last: Step = { draft: from, save: null, timer: "keep" };
  for (const event of events) {
    last = step(last.draft, event);
    if (last.save) saves.push({ ...last.save });
  }
  return { ...last, saves };
}

const open: Event = { type: "open", id: 1, text: "a dog" };
const typed = (text: string): Event => ({ type: "typed", text });

describe("the caption draft", () => {
  it("saves after calm, once", () => {
    const typing = run([open, typed("a dog r"), typed("a dog runs")]);
    expect(typing.timer).toBe("start");
    expect(typing.draft.phase).toBe("dirty");
    const calm = run([open, typed("a dog runs"), { type: "calm" }, { type: "flush" }]);
    expect(calm.saves).toEqual([{ id: 1, text: "a dog runs" }]);
    expect(calm.draft.phase).toBe("saving");
    const done = run([open, typed("x"), { type: "calm" }, { type: "saved", id: 1, text: "x" }]);
    expect(done.draft).toMatchObject({ phase: "saved", stored: "x", text: "x", sent: null });
  });

  it("sends nothing when the text is back where it was", () => {
    const back = run([open, typed("a dog!"), typed("a dog"), { type: "flush" }]);
    expect(back.saves).toEqual([]);
    expect(back.draft.phase).toBe("clean");
  });

  it("keeps one save on its way and sends what was typed meanwhile after it", () => {
    const first = run([open, typed("one"), { type: "calm" }, typed("two"), { type: "calm" }]);
    expect(first.saves).toEqual([{ id: 1, text: "one" }]);
    const second = run([{ type: "saved", id: 1, text: "one" }], first.draft);
    expect(second.saves).toEqual([{ id: 1, text: "two" }]);
    expect(run([{ type: "saved", id: 1, text: "two" }], second.draft).draft.phase).toBe("saved");
  });

  it("keeps the text when a save fails, and tries again", () => {
    const failed = run([open, typed("one"), { type: "calm" }, { type: "failed", id: 1, message: "disk is full" }]);
    expect(failed.draft).toMatchObject({ phase: "failed", text: "one", stored: "a dog", error: "disk is full" });
    expect(run([{ type: "flush" }], failed.draft).saves).toEqual([{ id: 1, text: "one" }]);
  });

  it("saves the draft of the image before when another one opens", () => {
    const next = run([open, typed("one"), { type: "open", id: 2, text: "a cat" }]);
    expect(next.saves).toEqual([{ id: 1, text: "one" }]);
    expect(next.draft).toMatchObject({ id: 2, text: "a cat", phase: "clean" });
    const late = run(
      [
        { type: "saved", id: 1, text: "one" },
        { type: "failed", id: 1, message: "no" },
      ],
      next.draft,
    );
    expect(late.draft).toEqual(next.draft);
  });

  it("saves the unsaved rest when an image is left during a save, and a failed draft again", () => {
    const left = run([open, typed("one"), { type: "calm" }, typed("two"), { type: "open", id: null, text: "" }]);
    expect(left.saves).toEqual([
      { id: 1, text: "one" },
      { id: 1, text: "two" },
    ]);
    const failed = run([
      open,
      typed("one"),
      { type: "calm" },
      { type: "failed", id: 1, message: "no" },
      { type: "open", id: 2, text: "" },
    ]);
    expect(failed.saves).toEqual([
      { id: 1, text: "one" },
      { id: 1, text: "one" },
    ]);
  });

  it("takes a change from outside only into an untouched box", () => {
    expect(run([open, { type: "stored", id: 1, text: "a wolf" }]).draft).toMatchObject({
      text: "a wolf",
      stored: "a wolf",
    });
    const dirty = run([open, typed("mine"), { type: "stored", id: 1, text: "a wolf" }]);
    expect(dirty.draft).toMatchObject({ text: "mine", stored: "a wolf", phase: "dirty" });
    expect(run([{ type: "calm" }], dirty.draft).saves).toEqual([{ id: 1, text: "mine" }]);
    expect(run([{ type: "stored", id: 1, text: "mine" }], dirty.draft).draft.phase).toBe("clean");
  });

  it("does not take the box back to the old text while a save is on its way", () => {
    const saving = run([open, typed("one"), { type: "calm" }, { type: "stored", id: 1, text: "a dog" }]);
    expect(saving.draft).toMatchObject({ text: "one", sent: "one" });
    // The answer of the save comes before or after the state that contains it.
    const both = run(
      [
        { type: "stored", id: 1, text: "one" },
        { type: "saved", id: 1, text: "one" },
      ],
      saving.draft,
    );
    expect(both.draft).toMatchObject({ text: "one", stored: "one", phase: "saved" });
  });

  it("sends nothing without an image", () => {
    expect(run([typed("x"), { type: "flush" }]).saves).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { duplicates } from "../../src/components/duplicates/duplicates.ts";
import { alone } from "../../src/part.ts";
import { DECISIONS, type Decision, type Search } from "../../src/protocol/duplicates.ts";
import { widget } from "../../src/widget.ts";
import { FakeModel, type Sent } from "../fake-model.ts";
import { picture } from "./kernel.ts";

const HELLO = { project: "my-dog", readonly: false, job: null, can_undo: null, can_redo: null };
const FOUND: Search = {
  search: 1,
  state: "found",
  radius: 6,
  images: 1284,
  done: 10,
  steps: 10,
  looked: 9,
  groups: 3,
  message: "",
};

let model: FakeModel;
let el: HTMLElement;
let dispose: () => void;

const tick = () => vi.advanceTimersByTimeAsync(0);
const text = (selector: string) => el.querySelector(selector)?.textContent ?? "";
const last = (kind: string): Sent => {
  const sent = model.of(kind).at(-1);
  if (!sent) throw new Error(`${kind} was not asked`);
  return sent;
};
const codes = (decisions: Decision[]) => [
  new DataView(Uint8Array.from(decisions.map((d) => DECISIONS.indexOf(d))).buffer),
];
const stands = (decisions: Decision[], excluded = 0) =>
  model.ok(last("duplicates.standing"), { excluded }, codes(decisions));

async function answer(kind: string, ok: object, decisions?: Decision[]): Promise<void> {
  model.ok(last(kind), ok, decisions && codes(decisions));
  await tick();
}

async function group(number: number, count = 2): Promise<void> {
  const pictures = Array.from({ length: count }, (_, at) =>
    picture(number * 10 + at, { tags: at === 0 ? [] : [`tag${at}`] }),
  );
  await answer("duplicates.group", { group: number, images: count, kind: "same", bits: 2, pictures });
}

async function press(
  key: string,
  target: Element | null = el.querySelector(".dp-stage"),
  more = {},
): Promise<KeyboardEvent> {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target?.dispatchEvent(event);
  await tick();
  return event;
}

const DECIDED = { message: "Excluded 1 image", count: 1, operation: 5, excluded: 1, can_undo: null, can_redo: null };

async function begin(search: Partial<Search> = {}, readonly = false): Promise<void> {
  model = new FakeModel({ protocol: 1 });
  dispose = widget(alone(duplicates, "lorairo duplicates")).render({ model, el });
  model.ok(last("hello"), { ...HELLO, readonly });
  await answer("duplicates.find", { ...FOUND, ...search });
}

async function start(decisions: Decision[] = ["", "", ""], readonly = false): Promise<void> {
  await begin({ groups: decisions.length }, readonly);
  stands(decisions);
  await tick();
}

beforeEach(() => {
  vi.useFakeTimers();
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  dispose();
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("a search", () => {
  it("tells how far it is until it is over", async () => {
    await begin({ state: "looking", done: 5, looked: 1204 });
    expect(text(".dp-note-title")).toBe("Looking for duplicates");
    expect(text(".dp-note")).toContain("1,284 images, 1,204 near another and looked at");
    expect(el.querySelector('[role="progressbar"][aria-label="Search"]')?.getAttribute("aria-valuenow")).toBe("50");
    await vi.advanceTimersByTimeAsync(400);
    expect(model.of("duplicates.find")).toHaveLength(2);
    await answer("duplicates.find", FOUND);
    expect(model.of("duplicates.standing")).toHaveLength(1);
  });

  it("that finds nothing says what was looked at", async () => {
    await begin({ groups: 0, looked: 0 });
    stands([]);
    await tick();
    expect(text(".dp-note-title")).toBe("No duplicates");
    expect(text(".dp-note")).toContain("Among 1,284 images. None lies near another, within 6 bits of 64.");
  });

  it("that fails says why", async () => {
    await begin({ state: "failed", message: "disk is away" });
    expect(text(".dp-note")).toContain("disk is away");
  });
});

describe("the review", () => {
  it("begins with the first group that is not decided", async () => {
    await start(["variant", "", ""]);
    expect(last("duplicates.group").payload).toEqual({ search: 1, group: 2 });
    await group(2);
    expect(text(".dp-main .lr-strong")).toBe("Group 2");
    expect(text(".dp-like")).toBe("near, 2 of 64 bits differ");
    expect(text(".dp-progress")).toBe("1 of 3 decided");
    expect([...el.querySelectorAll(".dp-state")].map((badge) => badge.textContent)).toEqual(["Keep", "Exclude"]);
  });

  it("keeps one, merges tags and goes on", async () => {
    await start();
    await group(1, 3);
    expect(text(".dp-merge")).toBe("Move 2 tags to the kept image");
    expect(text(".dp-acts .lr-btn-primary")).toBe("Keep A, exclude 2K");
    await press("k");
    expect(last("duplicates.keep").payload).toEqual({ search: 1, group: 1, image: 10, merge: true });
    await answer("duplicates.keep", DECIDED, ["kept", "", ""]);
    expect(last("duplicates.group").payload).toEqual({ search: 1, group: 2 });
    expect(text(".lr-toast")).toContain("Excluded 1 image");
  });

  it("decides nothing about a group that is not shown yet", async () => {
    await start();
    await group(1);
    await press("ArrowDown");
    await press("k");
    expect(model.of("duplicates.keep")).toHaveLength(0);
    await group(2);
    await press("n");
    expect(last("duplicates.mark").payload).toEqual({ search: 1, group: 2, verdict: "different" });
  });

  it("keeps another one by its number, and goes through the copies", async () => {
    await start();
    await group(1, 4);
    expect(text(".dp-main")).toContain("1 of 3");
    await press("ArrowRight");
    expect(text(".dp-main")).toContain("2 of 3");
    await press("3");
    await press("l");
    expect(last("duplicates.mark").payload).toEqual({ search: 1, group: 1, verdict: "variant" });
  });

  it("lets Tab choose each picture once, and then leave", async () => {
    await start();
    await group(1, 2);
    expect((await press("Tab")).defaultPrevented).toBe(true);
    expect((await press("Tab")).defaultPrevented).toBe(false);
    await press("k");
    expect(last("duplicates.keep").payload).toMatchObject({ image: 11 });
  });

  it("says what came of it when all are decided", async () => {
    await start(["", "variant", "different"]);
    await group(1);
    await press("k");
    await answer("duplicates.keep", DECIDED, ["kept", "variant", "different"]);
    expect(text(".dp-note-title")).toBe("All 3 groups decided. 1 image excluded, 1 tag moved.");
    await press("k", el.querySelector(".dp"));
    expect(model.of("duplicates.keep")).toHaveLength(1);
  });

  it("comes back to the group that an undo leaves open", async () => {
    await start(["kept", "", ""]);
    await group(2);
    await press("u");
    await answer("undo", { message: "Undone: excluded 1 image", can_undo: null, can_redo: null });
    stands(["", "", ""]);
    await tick();
    expect(last("duplicates.group").payload).toEqual({ search: 1, group: 1 });
  });

  it("takes a key at once in a group that was seen before, and says so where one is on its way", async () => {
    await start();
    await group(1);
    await press("l");
    await answer("duplicates.mark", DECIDED, ["variant", "", ""]);
    await press("n"); // group 2 is on its way
    await vi.advanceTimersByTimeAsync(1000); // one announcement a second
    expect(el.textContent).toContain("nothing is decided unseen");
    await press("u");
    await answer("undo", { message: "Undone", can_undo: null, can_redo: null });
    stands(["", "", ""]);
    await tick();
    await press("n"); // group 1 is asked for again, and shown as it was
    expect(model.of("duplicates.mark")).toHaveLength(2);
    expect(last("duplicates.mark").payload).toEqual({ search: 1, group: 1, verdict: "different" });
  });

  it("says so when a decision could not be saved", async () => {
    await start();
    await group(1);
    await press("l");
    model.fail(last("duplicates.mark"), { kind: "error", message: "disk is full" });
    await tick();
    expect(text(".lr-toast")).toContain("Could not save the decision: disk is full");
    expect(text(".dp-progress")).toBe("0 of 3 decided");
  });

  it("only looks where the project is read only", async () => {
    await start(["", "", ""], true);
    await group(1);
    await press("k");
    expect(model.of("duplicates.keep")).toHaveLength(0);
    expect(el.querySelector(".dp-foot")?.hasAttribute("data-readonly")).toBe(true);
    expect([...el.querySelectorAll<HTMLElement>(".dp-state")].every((badge) => badge.hidden)).toBe(true);
  });

  it("looks again with another radius", async () => {
    await start();
    await group(1);
    el.querySelector<HTMLElement>(".dp-side .lr-btn")?.click();
    [...el.querySelectorAll<HTMLElement>('[role="menuitemradio"]')]
      .find((item) => item.textContent === "10 bits")
      ?.click();
    await tick();
    expect(last("duplicates.find").payload).toEqual({ radius: 10, again: false });
  });

  it("starts anew where other groups were found meanwhile", async () => {
    await start();
    model.fail(last("duplicates.group"), { kind: "stale", message: "look again" });
    await tick();
    expect(model.of("duplicates.find")).toHaveLength(2);
  });
});

describe("the stage", () => {
  it("shows two side by side, one over the other, or the difference", async () => {
    await start();
    await group(1);
    const stage = el.querySelector<HTMLElement>(".dp-stage");
    expect(stage?.dataset.mode).toBe("side");
    [...el.querySelectorAll<HTMLElement>(".dp-mode")][1]?.click();
    expect(stage?.dataset.mode).toBe("swipe");
    expect([...el.querySelectorAll(".dp-mode")].map((mode) => mode.getAttribute("aria-checked"))).toEqual([
      "false",
      "true",
      "false",
    ]);
  });

  it("changes them over while Space is held", async () => {
    await start();
    await group(1);
    const stage = el.querySelector(".dp-stage");
    await press(" ");
    expect(stage?.classList.contains("dp-flicker")).toBe(true);
    stage?.dispatchEvent(new KeyboardEvent("keyup", { key: " ", bubbles: true }));
    expect(stage?.classList.contains("dp-flicker")).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { afterEdit, afterEditOfAll, normal, Pending } from "../../src/components/tag-editor/optimistic.ts";
import type { Details, EditAction, TagsOk } from "../../src/protocol.ts";

const details: Details = {
  id: 7,
  name: "a.jpg",
  path: "photos/a.jpg",
  width: 10,
  height: 20,
  format: "JPEG",
  bytes: 1,
  stars: 0,
  excluded: false,
  reason: null,
  reviewed: false,
  caption: { variant: "default", text: "a dog", source: "gpt", variants: [], said: [], sentences: [] },
  tags: [
    { name: "dog", category: 0, source: "model", score: 0.9 },
    { name: "solo", category: 0, source: "file" },
  ],
  suggested: [{ name: "miku", category: 4, source: "model", score: 0.3 }],
  rejected: [{ name: "cat", category: 0, source: "model", score: 0.8 }],
  scores: {},
};
const tags: TagsOk = {
  count: 4,
  revision: 1,
  on_all: [{ name: "dog", category: 0, source: "model" }],
  on_some: [
    { name: "solo", category: 0, count: 3 },
    { name: "grass", category: 0, count: 1 },
  ],
  suggested: [
    { name: "solo", category: 0, count: 1, score: 0.3 },
    { name: "miku", category: 4, count: 2, score: 0.2 },
  ],
  judged: true,
  rejected: [{ name: "cat", category: 0, count: 2 }],
  captions: { different: 4, empty: 0, text: null, variant: "default" },
  sample: [1, 2, 3, 4],
  limits: { min: 1, median: 2, max: 3 },
  tokens: null,
};
const names = (list: readonly { name: string }[]) => list.map((tag) => tag.name);

const EDITS: EditAction[] = [
  { action: "tags.add", names: ["dog", "hat"] },
  { action: "tags.accept", names: ["miku", "solo"] },
  { action: "tags.remove", names: ["dog", "nothing"] },
  { action: "tags.reject", names: ["miku", "dog"] },
  { action: "tags.rename", old: "dog", new: "puppy" },
  { action: "tags.rename", old: "dog", new: "solo" },
  { action: "stars", value: 4 },
  { action: "exclude", reason: "blurry" },
  { action: "include" },
  { action: "reviewed", value: true },
  { action: "caption", text: "a wolf", variant: "default" },
  { action: "dataset.add", name: "x" },
  { action: "tags.add", names: ["cat"], where: "rejected" },
  { action: "tags.clear", names: ["cat"] },
  { action: "tags.order", names: ["solo", "nothing"] },
  { action: "tags.set", names: ["hat", "dog"] },
];

describe("an edit of one image", () => {
  it("adds at the end, by hand, and takes the name out of the other lists", () => {
    const after = afterEdit(details, { action: "tags.add", names: ["hat", "cat", "dog"] });
    expect(names(after.tags)).toEqual(["dog", "solo", "hat", "cat"]);
    expect(after.tags[2]).toEqual({ name: "hat", category: 0, source: "hand" });
    expect(after.rejected).toEqual([]);
  });

  it("puts the named tags first, sets them, and takes a rejection back", () => {
    expect(names(afterEdit(details, { action: "tags.order", names: ["solo"] }).tags)).toEqual(["solo", "dog"]);
    const set = afterEdit(details, { action: "tags.set", names: ["hat", "dog"] });
    expect(set.tags.map(({ name, source }) => [name, source])).toEqual([
      ["hat", "hand"],
      ["dog", "model"],
    ]);
    expect(afterEdit(details, { action: "tags.clear", names: ["cat"] }).rejected).toEqual([]);
    const other: EditAction = { action: "caption", text: "x", variant: "short" };
    expect(afterEdit(details, other).caption.text).toBe("a dog");
  });

  it("accepts and rejects suggestions, keeping their category", () => {
    expect(afterEdit(details, { action: "tags.accept", names: ["miku"] }).tags.at(-1)).toEqual({
      name: "miku",
      category: 4,
      source: "hand",
    });
    const rejected = afterEdit(details, { action: "tags.reject", names: ["miku"] });
    expect(names(rejected.rejected)).toEqual(["cat", "miku"]);
    expect(rejected.suggested).toEqual([]);
  });

  it("renames in place, and into a tag that is there already", () => {
    expect(names(afterEdit(details, { action: "tags.rename", old: "dog", new: "puppy" }).tags)).toEqual([
      "puppy",
      "solo",
    ]);
    expect(names(afterEdit(details, { action: "tags.rename", old: "dog", new: "solo" }).tags)).toEqual(["solo"]);
  });

  it.each(EDITS)("is idempotent: $action", (edit) => {
    const once = afterEdit(details, edit);
    expect(afterEdit(once, edit)).toEqual(once);
    const onceAll = afterEditOfAll(tags, edit);
    expect(afterEditOfAll(onceAll, edit)).toEqual(onceAll);
  });
});

describe("an edit of several images", () => {
  it("adds to the rest", () => {
    const rejected = afterEditOfAll(tags, { action: "tags.add", names: ["cat"], where: "rejected" });
    expect(rejected.on_some.at(-1)).toEqual({ name: "cat", category: 0, count: 2 });
    expect(rejected.rejected).toEqual([]);
    const after = afterEditOfAll(tags, { action: "tags.add", names: ["grass"] });
    expect(names(after.on_all)).toEqual(["dog", "grass"]);
    expect(names(after.on_some)).toEqual(["solo"]);
  });

  it("removes everywhere", () => {
    const after = afterEditOfAll(tags, { action: "tags.remove", names: ["dog", "solo"] });
    expect(after.on_all).toEqual([]);
    expect(names(after.on_some)).toEqual(["grass"]);
  });

  it("accepts where suggested: onto all when that completes it, else onto some", () => {
    const after = afterEditOfAll(tags, { action: "tags.accept", names: ["solo", "miku"] });
    expect(names(after.on_all)).toEqual(["dog", "solo"]);
    expect(after.on_some).toEqual([
      { name: "grass", category: 0, count: 1 },
      { name: "miku", category: 4, count: 2 },
    ]);
    expect(after.suggested).toEqual([]);
  });
});

describe("pending edits", () => {
  const shown = (pending: Pending, loaded = details) => names(pending.apply(loaded, afterEdit).tags);

  it("shows an edit at once and takes a refused one back", () => {
    const pending = new Pending();
    const settle = pending.add({ action: "tags.add", names: ["hat"] });
    pending.add({ action: "tags.remove", names: ["dog"] });
    expect(shown(pending)).toEqual(["solo", "hat"]);
    settle(false);
    expect(shown(pending)).toEqual(["solo"]);
  });

  it("keeps a confirmed edit until a state asked for after it has come", () => {
    const pending = new Pending();
    const settle = pending.add({ action: "tags.add", names: ["hat"] });
    const early = pending.now();
    settle(true);
    const late = pending.now();
    pending.loaded(early);
    expect(shown(pending)).toEqual(["dog", "solo", "hat"]);
    pending.loaded(late);
    expect(shown(pending)).toEqual(["dog", "solo"]);
  });

  it("keeps an unanswered edit whatever is loaded", () => {
    const pending = new Pending();
    pending.add({ action: "tags.add", names: ["hat"] });
    pending.loaded(pending.now());
    expect(shown(pending)).toEqual(["dog", "solo", "hat"]);
  });
});

describe("normal", () => {
  it("writes names as the project keeps them", () => {
    expect(normal({ action: "tags.add", names: ["Long Hair", "long_hair", " "] })).toEqual({
      action: "tags.add",
      names: ["long_hair"],
    });
    expect(normal({ action: "tags.rename", old: "a", new: "B c" })).toEqual({
      action: "tags.rename",
      old: "a",
      new: "b_c",
    });
  });
});

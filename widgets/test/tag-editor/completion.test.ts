import { describe, expect, it } from "vitest";
import * as completion from "../../src/components/tag-editor/completion.ts";

const option = (name: string, extra: Partial<completion.Option> = {}): completion.Option => ({
  name,
  category: 0,
  count: 1,
  in_target: 0,
  alias: null,
  ...extra,
});
const typed = (text: string, names: readonly string[] = []) => {
  const state = completion.type(completion.EMPTY, text);
  return completion.answer(
    state,
    completion.prefix(text),
    names.map((name) => option(name)),
  );
};

describe("the completion", () => {
  it("highlights the first option and Enter takes it", () => {
    const state = typed("pup", ["puppy", "puppet"]);
    expect(state).toMatchObject({ open: true, active: 0 });
    expect(completion.names(state, false)).toEqual(["puppy"]);
    expect(completion.names(state, true)).toEqual(["pup"]);
  });

  it("highlights an exact name although it is not the first", () => {
    const state = typed("cat", ["cat_ears", "cat"]);
    expect(state.active).toBe(1);
    expect(completion.newName(state)).toBeNull();
  });

  it("takes the text as typed before any option has come", () => {
    const state = completion.type(completion.EMPTY, "Blue Sky");
    expect(completion.names(state, false)).toEqual(["blue_sky"]);
    expect(completion.newName(state)).toBe("blue_sky");
    expect(completion.rowCount(state)).toBe(1);
  });

  it("keeps those old options that still match while new ones are on their way", () => {
    const state = completion.type(typed("pu", ["puppy", "pumpkin"]), "pup");
    expect(state.options.map((entry) => entry.name)).toEqual(["puppy"]);
    expect(completion.names(state, false)).toEqual(["puppy"]);
  });

  it("drops an answer to an older text", () => {
    const state = completion.type(typed("pu", ["puppy"]), "cat");
    expect(completion.answer(state, "pu", [option("puppy")])).toBe(state);
  });

  it("keeps the highlighted row when a newer answer has it too", () => {
    const moved = completion.move(typed("pup", ["puppy", "puppet"]), 1);
    const later = completion.answer(moved, "pup", [option("pup_ears"), option("puppy"), option("puppet")]);
    expect(later.options[later.active]?.name).toBe("puppet");
  });

  it("moves around the ends, through the row of the new tag", () => {
    let state = typed("pup", ["puppy", "puppet"]);
    expect(completion.rowCount(state)).toBe(3);
    state = completion.move(state, -1);
    expect(state.active).toBe(2);
    expect(completion.names(state, false)).toEqual(["pup"]);
    expect(completion.move(state, 1).active).toBe(0);
  });

  it("completes behind the last comma and adds all names", () => {
    const state = typed("dog, Blue sky, pup", ["puppy"]);
    expect(completion.prefix(state.text)).toBe("pup");
    expect(completion.names(state, false)).toEqual(["dog", "blue_sky", "puppy"]);
  });

  it("adds a pasted list with a trailing comma", () => {
    const state = typed("dog, solo, dog,");
    expect(state.open).toBe(false);
    expect(completion.names(state, false)).toEqual(["dog", "solo"]);
  });

  it("finds an option by its alias and closes without losing the text", () => {
    const aliased = completion.answer(completion.type(completion.EMPTY, "pup"), "pup", [
      option("pochita", { alias: "pup-devil" }),
    ]);
    const next = completion.type(aliased, "pup-");
    expect(next.options).toHaveLength(1);
    expect(completion.close(next)).toMatchObject({ open: false, text: "pup-" });
    expect(completion.names(completion.close(next), false)).toEqual(["pup-"]);
  });
});

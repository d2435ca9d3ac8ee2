import { beforeEach, describe, expect, it } from "vitest";
import { type Folded, Folding } from "../../src/components/workbench/folding.ts";

let folding: Folding;
let remembered: Folded[];

const open = (): string => ["filters", "inspector"].filter((side) => folding.isOpen(side as "filters")).join(" ");

beforeEach(() => {
  folding = new Folding();
  remembered = [];
  folding.onFold = (folded) => remembered.push(folded);
});

describe("side panels", () => {
  it("stand beside the stage where there is room", () => {
    folding.width = 1400;
    expect(open()).toBe("filters inspector");
    folding.width = 900;
    expect(open()).toBe("inspector");
    folding.width = 360;
    expect(open()).toBe("");
  });

  it("stay folded at any width once a person folded them, and that is remembered", () => {
    folding.width = 1400;
    folding.toggle("inspector");
    expect(remembered).toEqual([{ inspector: true }]);
    folding.width = 900;
    expect(open()).toBe("");
    folding.width = 1400;
    expect(open()).toBe("filters");
    folding.toggle("inspector");
    expect(remembered.at(-1)).toEqual({ inspector: false });
    expect(open()).toBe("filters inspector");
  });

  it("lie over the stage where there is no room, one at a time, and that is not remembered", () => {
    folding.width = 360;
    folding.toggle("filters");
    expect(open()).toBe("filters");
    folding.toggle("inspector");
    expect(open()).toBe("inspector");
    expect(remembered).toEqual([]);
    expect(folding.uncover()).toBe(true);
    expect(open()).toBe("");
    expect(folding.uncover()).toBe(false);
  });

  it("let go of what lies over the stage when the width asks for another layout", () => {
    folding.width = 900;
    folding.toggle("filters");
    folding.width = 950;
    expect(open()).toBe("filters inspector");
    folding.width = 1400;
    folding.width = 900;
    expect(open()).toBe("inspector");
  });

  it("take what the project remembers", () => {
    folding.width = 1400;
    folding.folded = { filters: true };
    expect(open()).toBe("inspector");
  });
});

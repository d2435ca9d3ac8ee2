import { describe, expect, it } from "vitest";
import { amount, priced, stopAbove, tokens } from "../../src/components/models/money.ts";
import { dollars } from "../../src/format.ts";

describe("amounts", () => {
  it("are cents, and finer below ten cents, never 0 for what is more", () => {
    expect([0.42, 1204.5, 0.0134, 0.0996, 0.00000123].map(dollars)).toEqual([
      "$0.42",
      "$1,204.50",
      "$0.013",
      "$0.10",
      "$0.0000012",
    ]);
  });

  it("say what is free and what nobody knows, which is not the same", () => {
    expect([priced(0), priced(null), priced(0.42)]).toEqual(["free", "price unknown", "$0.42"]);
  });

  it("of tokens are rounded", () => {
    expect([812, 11_400, 118_000, 1_040_000, 24_000_000].map(tokens)).toEqual([
      "812",
      "11.4 k",
      "0.12 M",
      "1.04 M",
      "24.0 M",
    ]);
  });

  it("to stop at are round and above what a run takes at most", () => {
    const most = [0.55, 1.31, 0.6, 12, 0.004, 0.0123];
    expect(most.map(stopAbove)).toEqual([0.6, 1.5, 0.65, 15, 0.01, 0.02]);
    for (const each of most) expect(stopAbove(each)).toBeGreaterThan(each);
  });

  it("are read as they are typed; a comma could be either", () => {
    expect(["0.60", "$ 2", "1e2", "0,60", "-1", "0", "no", ""].map(amount)).toEqual([
      0.6,
      2,
      100,
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

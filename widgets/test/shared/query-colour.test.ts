import { describe, expect, it } from "vitest";
import { colourQuery, markError } from "../../src/components/shared/query-colour.ts";

const kinds = (query: string): string[] => colourQuery(query).map(({ kind, text }) => `${kind}:${text}`);

describe("colourQuery", () => {
  it("shows negated terms with their minus and the names of fields", () => {
    expect(kinds("dog -blurry sharpness:>0.4")).toEqual([
      "plain:dog ",
      "negated:-blurry",
      "plain: ",
      "field:sharpness:",
      "plain:>0.4",
    ]);
  });

  it("knows a field by its name or by what follows the colon; other colons belong to tags", () => {
    expect(kinds("re:zero")).toEqual(["plain:re:zero"]);
    expect(kinds(":d")).toEqual(["plain::d"]);
    expect(kinds("stars:4..5")).toEqual(["field:stars:", "plain:4..5"]);
    expect(kinds("warmth:<1")).toEqual(["field:warmth:", "plain:<1"]);
    expect(kinds("score(smile):>0.8")).toEqual(["field:score(smile):", "plain:>0.8"]);
    expect(kinds('-caption:"red hat"')).toEqual(['negated:-caption:"red hat"']);
    expect(kinds("order:-sharpness")).toEqual(["field:order:", "plain:-sharpness"]);
  });

  it("marks OR, and leaves a lone minus and faces alone", () => {
    expect(kinds("( a OR b )")).toEqual(["plain:( a ", "operator:OR", "plain: b )"]);
    expect(kinds("- (o)_(o)").join("")).not.toContain("negated");
  });

  it("joined is the text again, whatever was typed", () => {
    for (const query of [
      "",
      " ",
      '"open',
      "-",
      "((",
      "a:b:c",
      "ü-日本 -x",
      "score(",
      "x  y\tz",
      '-"a b" (c OR -d)',
      "<b>",
    ]) {
      expect(
        colourQuery(query)
          .map(({ text }) => text)
          .join(""),
      ).toBe(query);
    }
  });
});

describe("markError", () => {
  it("cuts out the wrong place, across parts", () => {
    const marked = markError(colourQuery("dog sharpness:>hi"), 15, 2);
    expect(marked.filter(({ wrong }) => wrong).map(({ text }) => text)).toEqual(["hi"]);
    expect(marked.map(({ text }) => text).join("")).toBe("dog sharpness:>hi");
    const across = markError(colourQuery("stars:x"), 4, 3);
    expect(across.filter(({ wrong }) => wrong).map(({ text }) => text)).toEqual(["s:", "x"]);
  });

  it("past the end marks nothing and loses nothing", () => {
    expect(markError(colourQuery("dog"), 9, 1)).toEqual([{ text: "dog", kind: "plain", wrong: false }]);
  });
});

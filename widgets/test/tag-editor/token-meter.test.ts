import { describe, expect, it } from "vitest";
import { tightest, tokenText, tokenWords } from "../../src/components/tag-editor/token-meter.ts";
import { kernel } from "./kernel.ts";
import { eachTest, open, settle, type } from "./page.ts";

eachTest();

const clip = { count: 34, limit: 75, exact: true, encoder: "CLIP", cut: null };
const t5 = { count: 1800, limit: 512, exact: false, encoder: "T5", cut: 3 };

describe("tokens", () => {
  it("are those of the encoder that stops reading first", () => {
    expect(tightest([clip, t5])).toBe(t5);
    expect(tightest([])).toBeNull();
  });

  it("are marked where they are an estimate", () => {
    expect(tokenText(clip)).toBe("34 / 75");
    expect(tokenText(t5)).toBe("≈1,800 / 512");
    expect(tokenWords(clip)).toBe("34 of 75 tokens of CLIP");
    expect(tokenWords(t5)).toBe("about 1,800 of 512 tokens of T5, estimated: the rest is not read");
  });

  it("are counted while a caption is typed, and what is not read is marked", async () => {
    const model = kernel(1);
    model.handlers.set("captions.tokens", ({ text }) => ({
      tokens: [{ ...clip, count: (text as string).length, limit: 4, cut: (text as string).length > 4 ? 4 : null }],
    }));
    const view = open(model);
    await settle(200);
    const text = view.one<HTMLTextAreaElement>("textarea");
    type(text, "a");
    type(text, "a do");
    await settle(200);
    expect(view.one(".te-tokens").textContent).toBe("4 / 4");
    expect(view.all(".te-unread")).toHaveLength(0);
    type(text, "a dog runs");
    await settle(200);
    expect(view.one(".te-unread").textContent).toBe("g runs");
    expect(model.of("captions.tokens").map((asked) => asked.text)).toEqual(["caption 1", "a do", "a dog runs"]);
    type(text, "");
    await settle(200);
    expect(view.one(".te-tokens").hidden).toBe(true);
    expect(view.all(".te-unread")).toHaveLength(0);
  });
});

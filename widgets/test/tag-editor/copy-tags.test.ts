import { describe, expect, it } from "vitest";
import { kernel } from "./kernel.ts";
import { chip, eachTest, open, press, settle, type } from "./page.ts";

eachTest();

/** The host's event with a clipboard that holds a text. */
function clipboard(kind: "copy" | "paste", text = "") {
  const event = new Event(kind, { bubbles: true, cancelable: true });
  const held = { text };
  const clipboardData = {
    getData: () => held.text,
    setData: (_type: string, given: string) => {
      held.text = given;
    },
  };
  Object.assign(event, { clipboardData });
  return { event, held };
}

describe("tags", () => {
  it("are copied as text, and added to others", async () => {
    const one = open(kernel(1));
    await settle();
    const copied = clipboard("copy");
    chip(one, "dog").dispatchEvent(copied.event);
    expect(copied.held.text).toBe("dog, solo");
    expect(one.one(".lr-toast").textContent).toBe("Copied 2 tags of image_1.jpg");
    const model = kernel(3);
    const several = open(model);
    await settle();
    several.one(".te").dispatchEvent(clipboard("paste", "dog, Blue Sky").event);
    expect(model.of("edit")).toEqual([
      { action: "tags.add", names: ["dog", "blue_sky"], target: "selected", revision: 1 },
    ]);
  });

  it("replace those of others with Shift, also where the host's clipboard is empty", async () => {
    const one = open(kernel(1));
    await settle();
    chip(one, "dog").dispatchEvent(clipboard("copy").event);
    const model = kernel(3);
    const several = open(model);
    await settle();
    press(several.one(".te"), "V", { ctrlKey: true, shiftKey: true });
    several.one(".te").dispatchEvent(clipboard("paste").event);
    expect(model.of("edit")).toEqual([{ action: "tags.set", names: ["dog", "solo"], target: "selected", revision: 1 }]);
    expect(several.names(".te-several .lr-chip-set")).toEqual(["dog", "solo"]);
  });

  it("are left to the text fields there", async () => {
    const model = kernel(1);
    const view = open(model);
    await settle();
    const copied = clipboard("copy");
    view.one("textarea").dispatchEvent(copied.event);
    view.one("textarea").dispatchEvent(clipboard("paste", "a, b").event);
    expect(copied.held.text).toBe("");
    expect(model.of("edit")).toEqual([]);
  });

  it("stay a list when lines are pasted into the tag field", async () => {
    const model = kernel(1);
    const view = open(model);
    await settle();
    const input = view.one<HTMLInputElement>(".te-one .te-input input");
    type(input, "");
    input.dispatchEvent(clipboard("paste", "blue sky\nbig hat\n").event);
    expect(input.value).toBe("blue_sky, big_hat");
    press(input, "Enter");
    expect(model.of("edit")).toEqual([{ action: "tags.add", names: ["blue_sky", "big_hat"], target: { id: 1 } }]);
  });
});

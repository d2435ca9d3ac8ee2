import { expect, it } from "vitest";
import { kernel } from "./kernel.ts";
import { eachTest, open, press, settle, type } from "./page.ts";

eachTest();

const option = (name: string, pinned: boolean) => ({
  name,
  category: 0,
  count: 3,
  in_target: 0,
  alias: null,
  new: false,
  pinned,
});

it("offers pinned and recent tags before anything is typed, and pins by Ctrl Enter", async () => {
  const model = kernel(1);
  model.handlers.set("complete", ({ text }) => ({
    options: text === "" ? [option("sks", true), option("hat", false)] : [],
  }));
  model.handlers.set("tags.pin", () => ({ pinned: [] }));
  const view = open(model);
  await settle();
  const input = view.one<HTMLInputElement>(".te-one .te-input input");
  input.focus();
  press(input, "ArrowDown", { altKey: true });
  await settle();
  const rows = () => view.all(".te-one .te-options [role=option]").map((row) => row.textContent);
  expect(rows()).toEqual(["sks3", "hat3"]);
  expect(input.getAttribute("aria-activedescendant")).toBeNull();
  press(input, "Enter");
  expect(model.of("edit")).toEqual([]);
  press(input, "ArrowDown");
  press(input, "ArrowDown");
  press(input, "Enter", { ctrlKey: true });
  await settle();
  expect(model.of("tags.pin")).toEqual([{ tag: "hat", pinned: true }]);
  press(input, "Enter");
  expect(model.of("edit")).toEqual([{ action: "tags.add", names: ["hat"], target: { id: 1 } }]);
  type(input, "x");
  await settle(100);
  type(input, "");
  await settle(100);
  expect(rows()).toEqual(["sks3", "hat3"]);
});

import { beforeEach, expect, it } from "vitest";
import { type Tab, Tabs } from "../../src/components/workbench/tabs.ts";

let tabs: Tabs;
let chosen: Tab[];

beforeEach(() => {
  chosen = [];
  tabs = new Tabs((tab) => chosen.push(tab));
  document.body.replaceChildren(tabs.element);
});

const tab = (name: string): HTMLElement =>
  [...tabs.element.querySelectorAll<HTMLElement>("[role=tab]")].find((each) =>
    each.textContent?.startsWith(name),
  ) as HTMLElement;

it("shows which one is chosen, and only that one is a stop for Tab", () => {
  expect(tab("Images").getAttribute("aria-selected")).toBe("true");
  expect([tab("Images").tabIndex, tab("History").tabIndex]).toEqual([0, -1]);
  tab("History").click();
  expect(chosen).toEqual(["history"]);
  expect([tab("Images").tabIndex, tab("History").tabIndex]).toEqual([-1, 0]);
});

it("moves by arrows, and the keyboard goes along", () => {
  tab("Images").focus();
  tab("Images").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
  expect(chosen).toEqual(["duplicates"]);
  expect(document.activeElement).toBe(tab("Duplicates"));
});

it("names the panel of each tab", () => {
  const panel = document.createElement("section");
  tabs.bind("history", panel);
  expect(tab("History").getAttribute("aria-controls")).toBe(panel.id);
  expect(panel.getAttribute("aria-labelledby")).toBe(tab("History").id);
});

it("counts the images", () => {
  tabs.images = 1284;
  expect(tab("Images").textContent).toBe("Images1,284");
});

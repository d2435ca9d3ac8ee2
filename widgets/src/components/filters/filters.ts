import "./filters.css";
import type { Channel } from "../../channel.ts";
import { h, isTextInput, keepFocus, setText } from "../../dom.ts";
import type { Around, Part } from "../../part.ts";
import type { Cleanup } from "../../signal.ts";
import { button, enable, iconButton } from "../shared/button.ts";
import { Menu } from "../shared/menu.ts";
import { FacetList } from "./facet-list.ts";
import { Histograms } from "./histograms.ts";
import { Narrower } from "./narrower.ts";
import { scaleButton } from "./scale.ts";

/** The filters of the workbench: what narrows the search, with the control beside the data. */
export const filters: Part = (channel: Channel, cleanup: Cleanup, around: Around) => {
  const narrower = new Narrower(channel, around);
  const element = h("div", { class: "lf" });
  const menu = new Menu(element, cleanup);
  const stack = new Histograms(channel, narrower, [], cleanup);
  const facets = new FacetList(channel, around, narrower, menu, cleanup);
  const clear = button("Clear", { kind: "link", onClick: () => narrower.narrow({ kind: "clear" }) });
  clear.hidden = true;
  facets.onTerms = (terms) => {
    setText(clear, `Clear ${terms}`);
    if (clear.hidden !== (terms === 0)) {
      keepFocus(clear, () => {
        clear.hidden = terms === 0;
      });
    }
  };
  const choose = (columns: string[]): void => {
    stack.columns = columns;
    channel.request("setting", { key: "histograms", value: columns }).catch((error: unknown) => narrower.failed(error));
  };
  const add = iconButton("plus", "Add a score", () => openColumns(menu, add, stack, choose), { small: true });
  const lock = (): void => {
    for (const control of [clear, add]) enable(control, narrower.locked === null, narrower.locked ?? "");
    if (narrower.locked === null) {
      clear.title = "Leave every filter out of the search";
      add.title = "Add a score";
    }
  };
  cleanup.add(channel.health.subscribe(lock, true));
  element.prepend(
    h(
      "header",
      { class: "lf-head" },
      h("span", { class: "lr-strong" }, "Filters"),
      h("span", { class: "lr-space" }),
      clear,
      scaleButton(channel, stack.scale, (error) => narrower.failed(error)),
      add,
    ),
    stack.element,
    facets.element,
  );
  return {
    element,
    focus: () => facets.input.focus(),
    key: (event) => {
      if (event.key.toLowerCase() !== "f" || event.ctrlKey || event.metaKey || event.altKey) return false;
      if (isTextInput(event.target)) return false;
      facets.input.focus();
      facets.input.select();
      return true;
    },
  };
};

/** A menu of all columns; those on the screen are checked, and chosen again they go. */
function openColumns(menu: Menu, under: HTMLElement, stack: Histograms, choose: (columns: string[]) => void): void {
  const { columns } = stack;
  menu.openUnder(
    under,
    [...new Set([...stack.available, ...columns])].map((column) => {
      const checked = columns.includes(column);
      return {
        label: column,
        checked,
        run: () => choose(checked ? columns.filter((each) => each !== column) : [...columns, column]),
      };
    }),
  );
}

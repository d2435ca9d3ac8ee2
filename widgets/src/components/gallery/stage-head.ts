import { h, setText } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { SearchOption } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { enable, iconButton } from "../shared/button.ts";
import type { Menu, MenuItem } from "../shared/menu.ts";
import { LARGEST_CELL, SMALLEST_CELL } from "./geometry.ts";

export interface StageHeadOptions {
  /** Completions of `order:`; the kernel knows the scores. */
  orders(): Promise<readonly SearchOption[]>;
  /** The query in force. */
  query(): string;
  search(query: string): void;
  setCell(cell: number): void;
  setFill(fill: boolean): void;
}

const ORDER = /(^|\s)order:(\S+)/;
const KNOWN_ORDERS = ["name", "-stars", "-bytes", "-width", "random:1"];

/** The sort key of a query, without its sign: "sharpness" of "dog order:-sharpness"; "" when there is none. */
export function sortKey(query: string): string {
  return ORDER.exec(query)?.[2]?.replace(/^-/, "") ?? "";
}

/** The query with its order replaced; "" takes it out. */
export function withOrder(query: string, order: string): string {
  const rest = query.replace(ORDER, " ").replace(/\s+/g, " ").trim();
  return order ? `${rest} order:${order}`.trim() : rest;
}

/** The line above the grid: project, sort, fit or fill, size of the cells. */
export class StageHead {
  readonly element: HTMLElement;
  readonly #options: StageHeadOptions;
  readonly #menu: Menu;
  readonly #project = h("span", { class: "lr-strong lr-cut" });
  readonly #sortName = h("b", {});
  readonly #sort: HTMLButtonElement;
  readonly #fill: HTMLButtonElement;
  readonly #slider: HTMLInputElement;
  #query = "";
  #own = "added";

  constructor(menu: Menu, options: StageHeadOptions, cleanup: Cleanup) {
    this.#options = options;
    this.#menu = menu;
    this.#sort = h(
      "button",
      {
        class: "lr-btn lr-btn-quiet lr-sort",
        attrs: { type: "button", "aria-haspopup": "menu", "aria-label": "Sort" },
        title: "Sort",
      },
      icon("sort"),
      this.#sortName,
      icon("down", 12),
    );
    cleanup.listen(this.#sort, "click", () => {
      if (this.#sort.getAttribute("aria-disabled") === null) void this.#openSorts();
    });
    this.#fill = iconButton("crop", "Fill the cells", () => this.#toggleFill());
    this.#fill.setAttribute("aria-pressed", "false");
    this.#slider = h("input", {
      class: "lr-slider",
      attrs: { type: "range", min: SMALLEST_CELL, max: LARGEST_CELL, step: 4, "aria-label": "Cell size" },
      title: "Cell size ( [ and ] )",
    });
    cleanup.listen(this.#slider, "input", () => options.setCell(Number(this.#slider.value)));
    this.element = h(
      "div",
      { class: "lr-head" },
      this.#project,
      h("span", { class: "lr-space" }),
      this.#sort,
      h("span", { class: "lr-rule lr-wide-only" }),
      h("span", { class: "lr-row lr-t3 lr-wide-only" }, this.#fill, icon("gridSmall"), this.#slider, icon("gridLarge")),
    );
  }

  /** Sorting asks the kernel: off while it does not answer. */
  set enabled(enabled: boolean) {
    enable(this.#sort, enabled, "The kernel is not answering");
    if (enabled) this.#sort.title = "Sort";
  }

  setProject(name: string): void {
    setText(this.#project, name);
    this.#project.title = name;
  }

  setQuery(query: string): void {
    this.#query = query;
    setText(this.#sortName, sortKey(query) || this.#own);
  }

  /** The order of the view itself, which a search without one shows. */
  setOwnOrder(order: string): void {
    this.#own = sortKey(`order:${order}`) || "added";
    this.setQuery(this.#query);
  }

  setCell(cell: number): void {
    this.#slider.value = String(cell);
  }

  /** What the narrow bar's menu takes over from here. */
  narrowItems(): MenuItem[] {
    const cell = Number(this.#slider.value);
    const step =
      (by: number): (() => void) =>
      () =>
        this.#options.setCell(Math.min(Math.max(cell + by, SMALLEST_CELL), LARGEST_CELL));
    const filled = this.#fill.getAttribute("aria-pressed") === "true";
    return [
      { label: "Smaller", icon: "gridSmall", key: "[", run: step(-40) },
      { label: "Larger", icon: "gridLarge", key: "]", run: step(40) },
      { label: filled ? "Whole pictures" : "Fill the cells", icon: "crop", run: () => this.#toggleFill() },
    ];
  }

  #toggleFill(): void {
    const on = this.#fill.getAttribute("aria-pressed") !== "true";
    this.#fill.setAttribute("aria-pressed", String(on));
    this.#options.setFill(on);
  }

  async #openSorts(): Promise<void> {
    const query = this.#options.query();
    const current = ORDER.exec(query)?.[2] ?? "";
    const known = (await this.#options.orders()).map((option) => option.text.replace(/^order:/, ""));
    const orders = [...new Set([...(known.length > 0 ? known : KNOWN_ORDERS), ...(current ? [current] : [])])];
    const item = (order: string, label: string): MenuItem => ({
      label,
      checked: order === current,
      run: () => this.#options.search(withOrder(query, order)),
    });
    this.#menu.openUnder(this.#sort, [item("", this.#own), ...orders.slice(0, 14).map((order) => item(order, order))]);
  }
}

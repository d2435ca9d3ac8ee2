import { focused, h, setAttribute, uniqueId } from "../../dom.ts";
import type { Operation } from "../../protocol/history.ts";
import type { Cleanup } from "../../signal.ts";
import { VirtualList } from "../shared/virtual-list.ts";
import type { HistoryPages, Item } from "./history-pages.ts";
import { type Act, emptyRow, historyRow, nowRow } from "./history-row.ts";

export const ROW = 30;

export interface ListActions {
  readonly readonly: boolean;
  readonly why: string;
  show(row: Operation): void;
  act(row: Operation, act: Act): void;
  leave(): void;
}

/**
 * The table of changes. It is one tab stop: up and down go through the rows, left and right to what a row offers, Enter
 * presses it, or shows the images of the row.
 */
export class HistoryList {
  readonly element: HTMLElement;
  /** The change whose undo waits for an answer about later ones, and how many these are. */
  #question: { id: number; later: number } | null = null;
  /** The change whose images were shown last. */
  chosen: number | null = null;
  readonly #pages: HistoryPages;
  readonly #actions: ListActions;
  readonly #list: VirtualList<Item>;
  readonly #name = uniqueId("change");
  #active = -1;
  #act = -1;

  constructor(pages: HistoryPages, actions: ListActions, cleanup: Cleanup) {
    this.#pages = pages;
    this.#actions = actions;
    this.#list = new VirtualList<Item>({ rowHeight: ROW, render: (item, at) => this.#row(item, at) }, cleanup);
    this.#list.element.classList.add("hi-list");
    this.#list.element.setAttribute("role", "rowgroup");
    this.element = h(
      "div",
      { class: "hi-table", attrs: { role: "grid", "aria-label": "Changes", tabindex: 0 } },
      head(),
      this.#list.element,
    );
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.#list.element, "click", (event) => this.#onClick(event));
    cleanup.listen(this.element, "focus", () => {
      if (this.#active < 0) this.#move(this.#pages.undone > 0 ? this.#pages.undone + 1 : 0, 1);
    });
  }

  /** The item at the upper edge. */
  get top(): number {
    return Math.floor(this.#list.element.scrollTop / ROW);
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  /** Paints what the pages hold now. */
  refresh(): void {
    const held = this.#list.items[this.#active];
    const keyboard = this.element.contains(focused(this.element));
    const items = this.#pages.items;
    const same = isChange(held) ? items.findIndex((item) => isChange(item) && item.id === held.id) : -1;
    this.#active = same >= 0 ? same : Math.min(this.#active, items.length - 1);
    setAttribute(this.element, "aria-rowcount", items.length - (this.#pages.undone > 0 ? 1 : 0) + 1);
    this.#list.items = items;
    this.#mark();
    if (keyboard && !this.element.contains(focused(this.element))) this.focus(); // on a button of a row built anew
  }

  ask(id: number | null, later = 0): void {
    this.#question = id === null ? null : { id, later };
    this.#act = id === null ? -1 : 0;
    if (id !== null) this.#active = this.#list.items.findIndex((item) => isChange(item) && item.id === id);
    this.refresh();
  }

  /** Scrolls so that the line "Now" is in sight, with the newest undone above it. */
  showNow(): void {
    this.#list.element.scrollTop = Math.max(0, this.#pages.undone - 2) * ROW;
  }

  #row(item: Item, at: number): HTMLElement {
    if (item === "now") return nowRow();
    const place = at - (this.#pages.undone > 0 && at > this.#pages.undone ? 1 : 0) + 1;
    if (item === null) {
      this.#pages.need(at);
      return emptyRow(place);
    }
    const { readonly, why } = this.#actions;
    const later = this.#question?.id === item.id ? this.#question.later : 0;
    const chosen = this.chosen === item.id;
    const state = { at: place, later, readonly, why, chosen };
    const row = historyRow(item, state, (act) => this.#actions.act(item, act));
    row.id = this.#idOf(item);
    row.classList.toggle("hi-active", at === this.#active && this.#act < 0);
    return row;
  }

  #idOf(row: Operation): string {
    return `${this.#name}-${row.id}`;
  }

  get #activeRow(): HTMLElement | null {
    const item = this.#list.items[this.#active];
    return isChange(item) ? this.#list.element.querySelector<HTMLElement>(`[data-id="${item.id}"]`) : null;
  }

  get #acts(): HTMLButtonElement[] {
    return [...(this.#activeRow?.querySelectorAll<HTMLButtonElement>("[data-act]") ?? [])];
  }

  /** Goes to an item; past the line "Now" in the way it went. */
  #move(to: number, way: 1 | -1): void {
    const { items } = this.#list;
    let at = Math.max(0, Math.min(items.length - 1, to));
    if (items[at] === "now") at += way;
    if (items[at] === undefined) return;
    this.#active = at;
    this.#act = -1;
    this.#list.reveal(at);
    this.#mark();
  }

  #mark(): void {
    const item = this.#list.items[this.#active];
    const act = this.#acts[this.#act];
    for (const old of this.#list.element.querySelectorAll(".hi-active")) old.classList.remove("hi-active");
    (act ?? this.#activeRow)?.classList.add("hi-active");
    // The row may come into sight only with the next frame: its name is known before.
    const row = isChange(item) ? this.#idOf(item) : null;
    setAttribute(this.element, "aria-activedescendant", act?.id ?? row);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = Math.max(1, Math.floor(this.#list.element.clientHeight / ROW) - 1);
    const by = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: rows,
      PageUp: -rows,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    }[event.key];
    if (by !== undefined) this.#move(this.#active + by, by < 0 ? -1 : 1);
    else if (event.key === "ArrowRight") this.#act = Math.min(this.#acts.length - 1, this.#act + 1);
    else if (event.key === "ArrowLeft") this.#act = Math.max(-1, this.#act - 1);
    else if (event.key === "Enter" || event.key === " ") this.#press();
    else if (event.key === "Escape") this.#escape();
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.#mark();
  }

  #press(): void {
    const act = this.#acts[this.#act];
    const item = this.#list.items[this.#active];
    if (act) act.click();
    else if (isChange(item)) this.#actions.show(item);
  }

  #escape(): void {
    if (this.#question) this.ask(null);
    else this.#actions.leave();
  }

  #onClick(event: MouseEvent): void {
    if (!(event.target instanceof Element) || event.target.closest("[data-act]")) return;
    const row = event.target.closest<HTMLElement>("[data-id]");
    const found = row && this.#pages.find(Number(row.dataset.id));
    if (!found) return;
    this.#active = this.#list.items.indexOf(found);
    this.#act = -1;
    this.#actions.show(found);
  }
}

function isChange(item: Item | undefined): item is Operation {
  return item !== undefined && item !== null && item !== "now";
}

function head(): HTMLElement {
  const column = (classes: string, text: string): HTMLElement =>
    h("div", { class: `hi-cell ${classes}`, attrs: { role: "columnheader" } }, text);
  return h(
    "div",
    { class: "hi-head", attrs: { role: "row", "aria-rowindex": 1 } },
    column("hi-when", "When"),
    column("hi-who", "Who"),
    column("hi-what", "Change"),
    column("hi-images", "Images"),
    h("div", { class: "hi-cell hi-act", attrs: { role: "columnheader" } }, h("span", { class: "lr-hidden" }, "Undo")),
  );
}

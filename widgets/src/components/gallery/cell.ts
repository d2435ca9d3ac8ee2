import { fill, h, setAttribute, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import { icon } from "../../icons.ts";
import { type Details, Flag } from "../../protocol.ts";
import { fitted } from "./geometry.ts";
import type { Entry } from "./index-pages.ts";
import type { Thumb } from "./thumbs.ts";

/** A picture that comes later than this after its cell fades in; an earlier one is simply there. */
const LATE_MS = 120;

export interface CellState {
  position: number;
  count: number;
  entry: Entry | null;
  thumb: Thumb | undefined;
  selected: boolean;
  active: boolean;
  details: Details | undefined;
  /** The value sorted by, in words; shown on the active cell. */
  value: string;
}

/** One cell of the grid. Rows are recycled, so a cell shows many images in its life; it writes only what differs. */
export class Cell {
  readonly element: HTMLElement;
  position = -1;
  id = -1;
  readonly #mean = h("div", { class: "lr-mean" });
  readonly #corners = h("div", { class: "lr-corners" });
  #picture: HTMLImageElement | null = null;
  #url = "";
  #since = 0;
  #marks = "";
  #label = "";

  constructor(id: string) {
    this.element = h(
      "div",
      { class: "lr-cell", attrs: { role: "gridcell", id } },
      this.#mean,
      this.#corners,
      h("span", { class: "lr-check" }, icon("check", 12)),
    );
  }

  update(state: CellState): void {
    const { entry, position, count } = state;
    this.position = position;
    this.element.hidden = position >= count;
    if (this.element.hidden) return;
    const id = entry?.id ?? -1;
    if (id !== this.id) this.#assign(id);
    if (entry) this.#proportions(entry);
    if (state.thumb) this.#show(state.thumb);
    this.element.classList.toggle("lr-on", state.selected);
    this.element.classList.toggle("lr-active", state.active);
    this.element.classList.toggle("lr-off", ((entry?.flags ?? 0) & Flag.excluded) !== 0);
    this.#corner(state);
    this.#name(state);
  }

  #assign(id: number): void {
    this.id = id;
    this.#since = performance.now();
    this.#picture?.remove();
    this.#picture = null;
    this.#url = "";
    this.element.classList.remove("lr-shown", "lr-broken");
    this.#mean.style.cssText = "";
    if (this.#mean.firstChild) fill(this.#mean);
  }

  #proportions({ aspect, color }: Entry): void {
    const { style } = this.#mean;
    if (style.backgroundColor || this.element.classList.contains("lr-broken")) return;
    const { width, height } = fitted(aspect);
    style.backgroundColor = color;
    style.width = `${100 * width}%`;
    style.height = `${100 * height}%`;
    style.left = `${50 * (1 - width)}%`;
    style.top = `${50 * (1 - height)}%`;
  }

  #show(thumb: Thumb): void {
    if ("error" in thumb) {
      if (this.element.classList.contains("lr-broken")) return;
      this.element.classList.add("lr-broken");
      fill(this.#mean, icon("error"), h("span", {}, "Cannot be read"), h("span", {}, thumb.error));
      this.#mean.style.cssText = "";
      return;
    }
    if (thumb.url === this.#url) return;
    this.#url = thumb.url;
    const picture = h("img", { class: "lr-picture", attrs: { alt: "", draggable: "false" } });
    picture.decoding = "async";
    if (performance.now() - this.#since > LATE_MS) picture.classList.add("lr-late");
    picture.addEventListener("load", () => this.element.classList.toggle("lr-shown", picture === this.#picture), {
      once: true,
    });
    picture.src = thumb.url;
    this.#picture?.remove();
    this.#picture = picture;
    this.#mean.after(picture);
  }

  #corner({ entry, details, value, active }: CellState): void {
    const flags = entry?.flags ?? 0;
    const stars = entry?.stars ?? 0;
    const reason = flags & Flag.excluded ? (details?.reason ?? "") : "";
    const shown = active ? value : "";
    const marks = `${flags & ~Flag.selected} ${stars} ${reason} ${shown}`;
    if (marks === this.#marks) return;
    this.#marks = marks;
    fill(
      this.#corners,
      h("span", { class: "lr-corner lr-corner-state" }, ...stateBadges(flags, reason)),
      stars > 0 && h("span", { class: "lr-corner lr-corner-stars lr-badge" }, stars, icon("star", 12)),
      shown && h("span", { class: "lr-corner lr-corner-value lr-badge" }, shown),
    );
  }

  #name({ entry, position, count, selected, details }: CellState): void {
    setAttribute(this.element, "aria-selected", selected);
    const parts = [details?.name ?? "Image", `${number(position + 1)} of ${number(count)}`];
    if (selected) parts.push("selected");
    if (entry) {
      if (entry.stars > 0) parts.push(`rated ${entry.stars}`);
      if (entry.flags & Flag.excluded) parts.push("excluded");
      if (entry.flags & Flag.duplicate) parts.push("has near-duplicates");
      if (entry.flags & Flag.refused) parts.push("refused");
      if (entry.flags & Flag.missing) parts.push("file missing");
    }
    if (details) parts.push(details.tags.length === 1 ? "1 tag" : `${details.tags.length} tags`);
    const label = parts.join(", ");
    if (label === this.#label) return;
    this.#label = label;
    this.element.setAttribute("aria-label", label);
    this.element.title = details ? details.name : "";
  }
}

function stateBadges(flags: number, reason: string): HTMLElement[] {
  const badges: HTMLElement[] = [];
  const add = (bit: number, name: "exclude" | "duplicate" | "refused" | "error", title: string, text = ""): void => {
    if (!(flags & bit)) return;
    const badge = h("span", { class: "lr-badge", title }, icon(name, 12));
    if (text) badge.append(h("span", { class: "lr-cut" }, text));
    badges.push(badge);
  };
  add(Flag.excluded, "exclude", reason ? `Excluded: ${reason}` : "Excluded", reason);
  // An excluded image says that and why; its other states wait until it is back.
  if (badges.length === 0) {
    add(Flag.duplicate, "duplicate", "Has near-duplicates");
    add(Flag.refused, "refused", "Refused by a provider");
    add(Flag.missing, "error", "The file is missing");
  }
  return badges;
}

/** A row of the grid and its cells. */
export class Row {
  readonly element = h("div", { class: "lr-gridrow", attrs: { role: "row" } });
  readonly cells: Cell[] = [];
  index = -1;

  /** Gives the row its place and as many cells as there are columns. */
  place(index: number, columns: number, prefix: string): void {
    this.index = index;
    this.element.setAttribute("aria-rowindex", String(index + 1));
    while (this.cells.length > columns) this.cells.pop()?.element.remove();
    while (this.cells.length < columns) {
      const cell = new Cell("");
      this.cells.push(cell);
      this.element.append(cell.element);
    }
    for (const [column, cell] of this.cells.entries()) {
      cell.element.id = `${prefix}-${index * columns + column}`;
      setAttribute(cell.element, "aria-colindex", column + 1);
    }
  }
}

/** The bubble beside the scroll bar while scrolling fast: "412 of 1,284". */
export function describePlace(bubble: HTMLElement, position: number, count: number): void {
  const [first, rest] = bubble.children;
  if (first) setText(first, number(position + 1));
  if (rest) setText(rest, ` of ${number(count)}`);
}

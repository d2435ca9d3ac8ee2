import { h, setAttribute, uniqueId } from "../../dom.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { type Cell, describePlace, Row } from "./cell.ts";
import { type Geometry, layout, rowOf, rowsIn, rowTop } from "./geometry.ts";
import { ScrollMap } from "./scroll-map.ts";
import type { Session } from "./session.ts";
import type { Thumb } from "./thumbs.ts";

const OVERSCAN_ROWS = 2;
/** A pause this long is calm: time to ask for what is in sight. */
const CALM_MS = 70;
/** Slower than this many rows per frame, pictures are asked for while scrolling. */
const SLOW_ROWS = 3;
/** Rows may lie this far from the layer's base before the base moves: transforms stay small and exact. */
const BASE_SPAN = 400;
const BUBBLE_MS = 700;
const SETTLE_MS = 200;

/**
 * The scrolling grid: elements only for the rows in sight, placed by transform; a million images are a number.
 * The scroll handler only asks for a frame; the frame reads the scroll position once and then only writes.
 */
export class Grid {
  readonly element: HTMLElement;
  readonly bubble = h(
    "div",
    { class: "lr-bubble lr-pop", attrs: { hidden: true, "aria-hidden": "true" } },
    h("b"),
    h("span"),
  );
  geometry: Geometry = layout(0, 0, 120, 0);
  /** The value sorted by, of the active image. */
  valueOf: (position: number) => string = () => "";
  readonly #space = h("div", { class: "lr-space-v" });
  readonly #layer = h("div", { class: "lr-layer", attrs: { role: "rowgroup" } });
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #map = new ScrollMap();
  readonly #rows = new Map<number, Row>();
  readonly #pool: Row[] = [];
  readonly #prefix = uniqueId("cell");
  #wish = 120;
  #narrow = false;
  #width = 0;
  #height = 0;
  #bar = 0;
  #base = 0;
  #frame = 0;
  #calm: Dispose | null = null;
  #hideBubble: Dispose | null = null;
  #settle: Dispose | null = null;
  #moved = false;
  #onScreen = true;
  #direction = 1;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
    this.#space.append(this.#layer);
    this.element = h(
      "div",
      {
        class: "lr-grid",
        attrs: { role: "grid", tabindex: 0, "data-home": true, "aria-multiselectable": true, "aria-label": "Images" },
      },
      this.#space,
    );
    cleanup.listen(this.element, "scroll", () => this.#scrolled(), { passive: true });
    // Reached by Tab the ring must be somewhere; a click puts it itself.
    cleanup.listen(this.element, "focus", () => {
      if (session.selection.active < 0 && this.element.matches(":focus-visible"))
        session.selection.moveTo(this.#firstSeen());
    });
    this.#observe();
    cleanup.add(() => cancelAnimationFrame(this.#frame));
  }

  get top(): number {
    return this.#map.top;
  }

  get viewport(): { width: number; height: number } {
    return { width: this.#width, height: this.#height };
  }

  get wish(): number {
    return this.#wish;
  }

  set narrow(narrow: boolean) {
    if (narrow === this.#narrow) return;
    this.#narrow = narrow;
    this.#layout();
  }

  /** Another cell size; the active image, or the first in sight, keeps its place on the screen. */
  resize(wish: number): void {
    this.#wish = wish;
    this.#layout();
  }

  /** After a change of count, selection, flags or pictures: paint in the next frame. */
  paint(): void {
    if (this.#frame === 0 && !this.#cleanup.done) this.#frame = requestAnimationFrame(() => this.#paint());
  }

  /** Another order: to the top for a search of one's own, else the place stays. */
  reorder(toTop: boolean): void {
    this.#layout();
    if (toTop) this.scrollTo(0);
    this.#ask();
  }

  scrollTo(top: number): void {
    this.element.scrollTop = this.#map.jump(top);
    this.paint();
  }

  scrollBy(step: number): void {
    this.scrollTo(this.#map.top + step);
  }

  /** Scrolls as little as shows the image, or not at all. */
  reveal(position: number): void {
    const { geometry } = this;
    const top = rowTop(geometry, rowOf(geometry, position));
    if (top - geometry.gap < this.#map.top) this.scrollTo(top - geometry.top);
    else if (top + geometry.rowHeight > this.#map.top + this.#height) {
      this.scrollTo(top + geometry.rowHeight + geometry.gap - this.#height);
    }
  }

  /** Rows that fit the view: how far PgUp and PgDn go. */
  get page(): number {
    return Math.max(1, Math.floor(this.#height / this.geometry.rowHeight));
  }

  /** The cell an event happened on. */
  cellOf(target: EventTarget | null): Cell | null {
    const element = target instanceof Element ? target.closest(".lr-cell") : null;
    for (const row of this.#rows.values()) {
      for (const cell of row.cells) if (cell.element === element) return cell;
    }
    return null;
  }

  /** A picture came: only its cell is painted. */
  show(id: number, thumb: Thumb): void {
    for (const row of this.#rows.values()) {
      for (const cell of row.cells) if (cell.id === id) this.#update(cell, cell.position, thumb);
    }
  }

  #observe(): void {
    const sizes = new ResizeObserver(() => {
      const { clientWidth, clientHeight, offsetWidth } = this.element;
      if (clientWidth === 0) return;
      this.#bar = offsetWidth - clientWidth;
      this.#width = clientWidth;
      this.#height = clientHeight;
      this.#layout();
    });
    sizes.observe(this.element);
    const sight = new IntersectionObserver(([entry]) => {
      this.#onScreen = entry?.isIntersecting ?? true;
      if (this.#onScreen) this.#ask();
    });
    sight.observe(this.element);
    this.#cleanup.add(() => {
      sizes.disconnect();
      sight.disconnect();
    });
  }

  #layout(): void {
    if (this.#width === 0) return;
    const { active } = this.#session.selection;
    const before = this.geometry;
    const activeTop = rowTop(before, rowOf(before, active));
    const seen =
      active >= 0 && activeTop >= this.#map.top - before.rowHeight && activeTop < this.#map.top + this.#height;
    const anchor = seen ? active : this.#firstSeen();
    const onScreen = rowTop(before, rowOf(before, anchor)) - this.#map.top;
    const { count } = this.#session.counts.value;
    const geometry = layout(this.#width, this.#bar, this.#wish, count, this.#narrow);
    this.geometry = geometry;
    this.#map.resize(geometry.content, this.#height);
    this.#space.style.height = `${this.#map.height}px`;
    const changed = geometry.rowHeight !== before.rowHeight || geometry.columns !== before.columns;
    const top = changed && this.#map.top > 0 ? rowTop(geometry, rowOf(geometry, anchor)) - onScreen : this.#map.top;
    this.element.scrollTop = this.#map.jump(top);
    const { style } = this.element;
    style.setProperty("--columns", String(geometry.columns));
    style.setProperty("--gap", `${geometry.gap}px`);
    style.setProperty("--cell", `${geometry.cellHeight}px`);
    style.setProperty("--left", `${geometry.left}px`);
    style.setProperty("--right", `${Math.max(2, geometry.left - this.#bar)}px`);
    setAttribute(this.element, "aria-rowcount", geometry.rows);
    setAttribute(this.element, "aria-colcount", geometry.columns);
    for (const row of [...this.#rows.values()]) this.#unmount(row);
    this.paint();
  }

  #firstSeen(): number {
    const { columns, top, rowHeight } = this.geometry;
    return Math.max(0, Math.ceil((this.#map.top - top) / rowHeight)) * columns;
  }

  #scrolled(): void {
    this.#moved = true;
    this.paint();
  }

  #paint(): void {
    this.#frame = 0;
    if (this.#width === 0) return;
    const from = this.#map.top;
    if (this.#moved) this.#map.scrolled(this.element.scrollTop);
    this.#moved = false;
    const step = this.#map.top - from;
    this.#mount();
    if (step !== 0) this.#direction = Math.sign(step);
    const rows = Math.abs(step) / this.geometry.rowHeight;
    if (rows < SLOW_ROWS) this.#ask();
    else this.#askLater();
    if (rows > 2 * this.page) this.#showBubble();
    if (step !== 0) this.#settleLater();
  }

  #mount(): void {
    const { geometry } = this;
    const [first, last] = rowsIn(geometry, this.#map.top, this.#height, OVERSCAN_ROWS);
    const { active } = this.#session.selection;
    const activeRow = active >= 0 && active < this.#session.counts.value.count ? rowOf(geometry, active) : -1;
    if (Math.abs(first - this.#base) > BASE_SPAN) this.#base = first;
    this.#layer.style.transform = `translateY(${rowTop(geometry, this.#base) - this.#map.offset}px)`;
    for (const [index, row] of [...this.#rows]) {
      if ((index < first || index >= last) && index !== activeRow) this.#unmount(row);
    }
    const update = (index: number): void => {
      const row = this.#rows.get(index) ?? this.#take(index);
      // The active row stays mounted out of sight for the screen reader, but never far away.
      const shown = Math.min(Math.max(index, first - 4), last + 3);
      row.element.style.transform = `translateY(${(shown - this.#base) * geometry.rowHeight}px)`;
      for (const [column, cell] of row.cells.entries()) this.#update(cell, index * geometry.columns + column);
    };
    for (let index = first; index < last; index += 1) update(index);
    if (activeRow >= 0 && (activeRow < first || activeRow >= last)) update(activeRow);
    setAttribute(this.element, "aria-activedescendant", activeRow >= 0 ? `${this.#prefix}-${active}` : null);
  }

  #take(index: number): Row {
    const row = this.#pool.pop() ?? new Row();
    row.place(index, this.geometry.columns, this.#prefix);
    this.#rows.set(index, row);
    this.#layer.append(row.element);
    return row;
  }

  #unmount(row: Row): void {
    row.element.remove();
    this.#rows.delete(row.index);
    if (this.#pool.length < 8) this.#pool.push(row);
  }

  #update(cell: Cell, position: number, thumb?: Thumb): void {
    const session = this.#session;
    const { set, active } = session.selection.state.value;
    const entry = session.pages.at(position);
    cell.update({
      position,
      count: session.counts.value.count,
      entry,
      thumb: thumb ?? (entry ? session.thumbs.get(entry.id) : undefined),
      selected: set.has(position),
      active: position === active,
      details: entry ? session.known(entry.id) : undefined,
      value: position === active ? this.valueOf(position) : "",
    });
  }

  #askLater(): void {
    this.#calm?.();
    this.#calm = this.#cleanup.after(CALM_MS, () => this.#ask());
  }

  /** Asks for the pages and pictures in sight, visible ones first, then a screen ahead. */
  #ask(): void {
    this.#calm?.();
    this.#calm = null;
    const session = this.#session;
    const { count } = session.counts.value;
    if (!this.#onScreen || this.#width === 0 || count === 0) return;
    const { columns } = this.geometry;
    const [first, last] = rowsIn(this.geometry, this.#map.top, this.#height, 0);
    const screen = (last - first) * columns;
    const start = first * columns;
    const stop = Math.min(count, last * columns);
    session.pages.want(Math.max(0, start - screen), Math.min(count, stop + screen));
    const ahead: [number, number] = this.#direction > 0 ? [stop, stop + screen] : [start - screen, start];
    const behind: [number, number] = [start - OVERSCAN_ROWS * columns, stop + OVERSCAN_ROWS * columns];
    const ids = new Set<number>();
    for (const [from, to] of [[start, stop], ahead, behind] as const) {
      for (let position = Math.max(0, from); position < Math.min(count, to); position += 1) {
        const id = session.pages.idAt(position);
        if (id !== null) ids.add(id);
      }
    }
    session.thumbs.want([...ids], Math.ceil(this.geometry.cellHeight * (globalThis.devicePixelRatio || 1)));
  }

  #showBubble(): void {
    const { columns, top, rowHeight } = this.geometry;
    const position = Math.max(0, Math.round((this.#map.top - top) / rowHeight)) * columns;
    describePlace(
      this.bubble,
      Math.min(position, this.#session.counts.value.count - 1),
      this.#session.counts.value.count,
    );
    const share = this.#map.maxTop > 0 ? this.#map.top / this.#map.maxTop : 0;
    this.bubble.style.transform = `translateY(${Math.round(8 + share * (this.#height - 44))}px)`;
    this.bubble.hidden = false;
    this.#hideBubble?.();
    this.#hideBubble = this.#cleanup.after(BUBBLE_MS, () => {
      this.bubble.hidden = true;
    });
  }

  /** In scaled content the bar drifts from its place with small steps: it is put right in a pause, or at once at an end. */
  #settleLater(): void {
    if (!this.#map.scaled) return;
    const settle = (): void => {
      const { settled, top } = this.#map;
      if (this.element.scrollTop === settled) return;
      this.element.scrollTop = this.#map.jump(top);
      this.paint();
    };
    this.#settle?.();
    if (this.#map.stuck) settle();
    else this.#settle = this.#cleanup.after(SETTLE_MS, settle);
  }
}

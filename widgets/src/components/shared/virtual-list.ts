import { h } from "../../dom.ts";
import type { Cleanup } from "../../signal.ts";

export interface VirtualListOptions<T> {
  rowHeight: number;
  overscan?: number;
  /** Builds the element of one row; called as rows come into sight. */
  render(item: T, index: number): HTMLElement;
}

/** A scrolling list that holds elements only for the rows in sight. Rows have one height; ten thousand are no work. */
export class VirtualList<T> {
  readonly element: HTMLElement;
  readonly #space = h("div", { class: "lr-vlist-space" });
  readonly #options: VirtualListOptions<T>;
  readonly #rows = new Map<number, HTMLElement>();
  #items: readonly T[] = [];
  #height = 0;
  #top = 0;
  #frame = 0;

  constructor(options: VirtualListOptions<T>, cleanup: Cleanup) {
    this.#options = options;
    this.element = h("div", { class: "lr-vlist" }, this.#space);
    cleanup.listen(this.element, "scroll", () => this.#later(), { passive: true });
    const observer = new ResizeObserver((entries) => {
      this.#height = entries[0]?.contentRect.height ?? 0;
      this.#later();
    });
    observer.observe(this.element);
    cleanup.add(() => {
      observer.disconnect();
      cancelAnimationFrame(this.#frame);
    });
  }

  get items(): readonly T[] {
    return this.#items;
  }

  set items(items: readonly T[]) {
    this.#items = items;
    this.#space.style.height = `${items.length * this.#options.rowHeight}px`;
    this.refresh();
  }

  /** Builds the rows in sight anew: their content changed. */
  refresh(): void {
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#paint();
  }

  /** Scrolls as little as shows the row. */
  reveal(index: number): void {
    const { rowHeight } = this.#options;
    const top = index * rowHeight;
    if (top < this.#top) this.element.scrollTop = top;
    else if (top + rowHeight > this.#top + this.#height) this.element.scrollTop = top + rowHeight - this.#height;
  }

  #later(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#top = this.element.scrollTop;
      this.#paint();
    });
  }

  #paint(): void {
    const { rowHeight, overscan = 4, render } = this.#options;
    const first = Math.max(0, Math.floor(this.#top / rowHeight) - overscan);
    const last = Math.min(this.#items.length, Math.ceil((this.#top + this.#height) / rowHeight) + overscan);
    for (const [index, row] of this.#rows) {
      if (index < first || index >= last) {
        row.remove();
        this.#rows.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) {
      const item = this.#items[index];
      if (item === undefined || this.#rows.has(index)) continue;
      const row = render(item, index);
      row.style.position = "absolute";
      row.style.transform = `translateY(${index * rowHeight}px)`;
      this.#rows.set(index, row);
      this.#space.append(row);
    }
  }
}

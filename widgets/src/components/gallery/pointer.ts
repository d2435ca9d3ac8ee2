import { h } from "../../dom.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { cellsTouched } from "./geometry.ts";
import type { Grid } from "./grid.ts";
import { RangeSet } from "./ranges.ts";
import type { Session } from "./session.ts";

const DRAG_FROM = 4;
const LONG_PRESS_MS = 450;
/** Pixels per frame at which the edge scrolls, at most. */
const EDGE_SPEED = 24;
const EDGE = 28;

export interface PointerActions {
  open(position: number): void;
  menu(event: MouseEvent): void;
}

/** Mouse and touch on the grid: click, Ctrl and Shift, double click, long press, and the marquee. */
export class Pointing {
  readonly marquee = h("div", { class: "lr-marquee", attrs: { hidden: true } });
  readonly #session: Session;
  readonly #grid: Grid;
  readonly #cleanup: Cleanup;
  readonly #actions: PointerActions;
  #touch = false;
  #pressed = false;
  #press: Dispose | null = null;
  #dragged = false;

  constructor(session: Session, grid: Grid, actions: PointerActions, cleanup: Cleanup) {
    this.#session = session;
    this.#grid = grid;
    this.#actions = actions;
    this.#cleanup = cleanup;
    const { element } = grid;
    cleanup.listen(element, "pointerdown", (event) => this.#down(event));
    cleanup.listen(element, "click", (event) => this.#click(event));
    cleanup.listen(element, "dblclick", (event) => {
      const cell = grid.cellOf(event.target);
      if (cell && !isCheck(event.target)) actions.open(cell.position);
    });
    cleanup.listen(element, "contextmenu", (event) => this.#context(event));
    for (const type of ["pointerup", "pointercancel", "pointermove"] as const) {
      cleanup.listen(element, type, (event) => {
        if (type !== "pointermove" || Math.hypot(event.movementX, event.movementY) > 2) this.#release();
      });
    }
  }

  #release(): void {
    this.#press?.();
    this.#press = null;
  }

  #down(event: PointerEvent): void {
    this.#touch = event.pointerType === "touch";
    this.#pressed = false;
    this.#dragged = false;
    const cell = this.#grid.cellOf(event.target);
    if (this.#touch) {
      if (!cell) return;
      const { position } = cell;
      this.#press = this.#cleanup.after(LONG_PRESS_MS, () => {
        this.#pressed = true;
        this.#session.selection.toggle(position);
      });
    } else if (event.button === 0 && (!cell || event.shiftKey) && !this.#onBar(event)) this.#drag(event);
  }

  /** The scroll bar belongs to the browser. */
  #onBar(event: PointerEvent): boolean {
    const { element } = this.#grid;
    return event.target === element && event.offsetX >= element.clientWidth;
  }

  #click(event: MouseEvent): void {
    if (this.#dragged || this.#pressed) return;
    const { selection } = this.#session;
    const cell = this.#grid.cellOf(event.target);
    if (!cell) {
      if (!(event.ctrlKey || event.metaKey || event.shiftKey)) selection.clear();
    } else if (this.#touch && selection.set.count === 0 && !isCheck(event.target)) {
      selection.moveTo(cell.position);
      this.#actions.open(cell.position);
    } else {
      const toggle = event.ctrlKey || event.metaKey || isCheck(event.target) || this.#touch;
      selection.click(cell.position, { toggle, extend: event.shiftKey });
    }
  }

  #context(event: MouseEvent): void {
    event.preventDefault();
    event.stopPropagation();
    if (this.#touch) return;
    const cell = this.#grid.cellOf(event.target);
    const { selection } = this.#session;
    if (cell && !selection.set.has(cell.position)) selection.click(cell.position, { toggle: false, extend: false });
    if (cell) this.#actions.menu(event);
  }

  /** Draws a box from here; touching counts. Ctrl adds to what is selected. */
  #drag(start: PointerEvent): void {
    const grid = this.#grid;
    const { selection } = this.#session;
    const base = start.ctrlKey || start.metaKey ? selection.set : RangeSet.empty;
    const box = grid.element.getBoundingClientRect();
    const from = { x: start.clientX - box.left, y: start.clientY - box.top + grid.top };
    const at = { x: start.clientX - box.left, y: start.clientY - box.top };
    let frame = 0;
    const over = new AbortController();
    const draw = (): void => {
      frame = 0;
      const speed = edgeSpeed(at.y, box.height);
      if (speed !== 0) grid.scrollBy(speed);
      const to = at.y + grid.top;
      const [left, right] = [Math.min(from.x, at.x), Math.max(from.x, at.x)];
      const [top, bottom] = [Math.min(from.y, to), Math.max(from.y, to)];
      const touched = cellsTouched(grid.geometry, { left, top, right, bottom }, this.#session.counts.value.count);
      selection.replace(base.union(RangeSet.of(touched)), selection.active);
      const shownTop = Math.max(0, top - grid.top);
      this.marquee.hidden = false;
      this.marquee.style.transform = `translate(${left}px, ${shownTop}px)`;
      this.marquee.style.width = `${Math.min(right, box.width) - left}px`;
      this.marquee.style.height = `${Math.min(bottom - grid.top, box.height) - shownTop}px`;
      if (speed !== 0) again();
    };
    const again = (): void => {
      if (frame === 0 && !over.signal.aborted) frame = requestAnimationFrame(draw);
    };
    const stop = (): void => {
      over.abort();
      cancelAnimationFrame(frame);
      this.marquee.hidden = true;
    };
    const move = (event: PointerEvent): void => {
      at.x = Math.max(0, event.clientX - box.left);
      at.y = event.clientY - box.top;
      if (!this.#dragged && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < DRAG_FROM)
        return;
      if (!this.#dragged) grid.element.setPointerCapture(start.pointerId);
      this.#dragged = true;
      again();
    };
    grid.element.addEventListener("pointermove", move, { signal: over.signal });
    for (const type of ["pointerup", "pointercancel"])
      grid.element.addEventListener(type, stop, { signal: over.signal });
    this.#cleanup.signal.addEventListener("abort", stop, { once: true, signal: over.signal });
  }
}

function isCheck(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(".lr-check") !== null;
}

/** How fast the edge scrolls with the pointer there: nearer or beyond is faster. */
export function edgeSpeed(y: number, height: number): number {
  if (y < EDGE) return -Math.min(EDGE_SPEED, Math.ceil((EDGE - y) / 2));
  if (y > height - EDGE) return Math.min(EDGE_SPEED, Math.ceil((y - height + EDGE) / 2));
  return 0;
}

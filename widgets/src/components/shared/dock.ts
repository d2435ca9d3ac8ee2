import { h } from "../../dom.ts";
import type { Toast } from "./toast.ts";

/** Floats over the last row: the toast at the left, a toolbar (a selection bar) at the right. Wraps when narrow. */
export class Dock {
  readonly element: HTMLElement;

  constructor(toast: Toast, ...bars: HTMLElement[]) {
    this.element = h("div", { class: "lr-dock" }, toast.element, ...bars);
  }
}

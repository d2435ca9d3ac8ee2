import { h, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import type { Chip, ChipList } from "./chips.ts";
import { fitRows } from "./fit-rows.ts";

const ROWS = 2;
const GAP = 4;
/** Chips drawn when folded: more never fit into two rows. Unfolded, each press shows so many more. */
const FIRST = 80;
const PAGE = 400;

/** Chips in two rows, the others behind `31 more`. */
export class FoldedChips {
  readonly element: HTMLElement;
  readonly #list: ChipList;
  readonly #more: HTMLButtonElement;
  #chips: readonly Chip[] = [];
  #label: string | undefined;
  #width = 0;
  /** How many are shown; null while folded. */
  #unfolded: number | null = null;

  constructor(list: ChipList, cleanup: Cleanup) {
    this.#list = list;
    this.#more = button("", { kind: "link", onClick: () => this.#unfold() });
    this.element = h("div", { class: "te-folded" }, list.element, this.#more);
    const observer = new ResizeObserver((entries) => {
      const width = entries[0]?.contentRect.width ?? 0;
      if (width === 0 || width === this.#width) return;
      this.#width = width;
      this.#draw();
    });
    observer.observe(this.element);
    cleanup.add(() => observer.disconnect());
  }

  show(chips: readonly Chip[], label: string): void {
    this.#chips = chips;
    this.#label = label;
    this.#draw();
  }

  fold(): void {
    this.#unfolded = null;
  }

  #unfold(): void {
    const from = this.#list.names.length;
    this.#unfolded = Math.max(PAGE, (this.#unfolded ?? 0) + PAGE);
    this.#draw();
    this.#list.element.children.item(from)?.scrollIntoView({ block: "nearest" });
    this.#list.focus();
  }

  #draw(): void {
    const shown = this.#chips.slice(0, this.#unfolded ?? FIRST);
    this.#list.show(shown, this.#label);
    this.#say(this.#chips.length - shown.length);
    if (this.#unfolded !== null || this.#width === 0) return;
    const boxes = [...this.#list.element.children].filter((child) => child instanceof HTMLElement);
    const widths = boxes.map((box) => box.offsetWidth);
    this.#say(this.#chips.length - 1);
    const fitting = fitRows(widths, this.#width, GAP, ROWS, this.#more.offsetWidth);
    if (fitting < shown.length) this.#list.show(shown.slice(0, fitting), this.#label);
    this.#say(this.#chips.length - Math.min(fitting, shown.length));
  }

  #say(rest: number): void {
    this.#more.hidden = rest <= 0;
    const text = this.#more.firstElementChild;
    if (text) setText(text, `${number(rest)} more`);
  }
}

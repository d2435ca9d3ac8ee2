import { Signal } from "../../signal.ts";

export type Side = "filters" | "inspector";
/** Three columns from here; below, the filters lie over the stage. */
export const WIDE = 1100;
export const NARROW = 700;

/** What a person folded, which holds at any width; absent: whatever suits the width. */
export type Folded = { readonly [side in Side]?: boolean };

/**
 * Which of the two side panels are open. Side by side where there is room; else one at a time over the stage, and
 * that is not remembered: it was opened to look something up.
 */
export class Folding {
  readonly changed = new Signal(0);
  onFold: (folded: Folded) => void = () => undefined;
  #folded: Folded = {};
  #width = 0;
  #over: Side | null = null;

  get folded(): Folded {
    return this.#folded;
  }

  set folded(folded: Folded) {
    this.#folded = folded;
    this.#tell();
  }

  set width(width: number) {
    if (this.#layout(width) !== this.#layout(this.#width)) this.#over = null;
    this.#width = width;
    this.#tell();
  }

  get narrow(): boolean {
    return this.#width < NARROW;
  }

  /** Whether a side stands beside the stage at this width, if it is not folded. */
  beside(side: Side): boolean {
    return this.#width >= (side === "filters" ? WIDE : NARROW);
  }

  isOpen(side: Side): boolean {
    return this.beside(side) ? !this.#folded[side] : this.#over === side;
  }

  set(side: Side, open: boolean): void {
    if (open === this.isOpen(side)) return;
    if (this.beside(side)) {
      this.#folded = { ...this.#folded, [side]: !open };
      this.onFold(this.#folded);
    } else this.#over = open ? side : null;
    this.#tell();
  }

  toggle(side: Side): void {
    this.set(side, !this.isOpen(side));
  }

  /** Closes what lies over the stage; false when nothing does. */
  uncover(): boolean {
    if (this.#over === null) return false;
    this.#over = null;
    this.#tell();
    return true;
  }

  #layout(width: number): number {
    return Number(width >= NARROW) + Number(width >= WIDE);
  }

  #tell(): void {
    this.changed.value += 1;
  }
}

import type { Range, SelectPayload } from "../../protocol.ts";
import { Signal } from "../../signal.ts";
import { RangeSet } from "./ranges.ts";

export interface Selected {
  set: RangeSet;
  /** Position with the keyboard's ring; -1 when there is none. */
  active: number;
}

export interface Modifiers {
  /** Ctrl or Cmd: keep the rest. */
  toggle: boolean;
  /** Shift: from the anchor to here. */
  extend: boolean;
}

const NOTHING: Selected = { set: RangeSet.empty, active: -1 };
/** More ranges than this do not fit one message of 64 KB. */
const MAX_RANGES = 3000;

/** What is selected and which image is active, by position in the shown order. */
export class Selection {
  readonly state = new Signal<Selected>(NOTHING);
  #anchor = -1;
  /** What was selected before the range that Shift drags along. */
  #base = RangeSet.empty;
  /** One image chosen by a plain click goes along with the keyboard, as in file managers; a built selection stays. */
  #follows = false;

  get set(): RangeSet {
    return this.state.value.set;
  }

  get active(): number {
    return this.state.value.active;
  }

  get anchor(): number {
    return this.#anchor;
  }

  /** A click: one, toggle one (Ctrl), or from the anchor to here (Shift). */
  click(position: number, { toggle, extend }: Modifiers): void {
    if (extend) this.extendTo(position, toggle);
    else if (toggle) this.toggle(position);
    else {
      this.#pin(position);
      this.#base = RangeSet.empty;
      this.#follows = true;
      this.state.value = { set: RangeSet.span(position, position + 1), active: position };
    }
  }

  toggle(position: number): void {
    this.#pin(position);
    this.state.value = { set: this.set.toggle(position), active: position };
    this.#base = this.set;
  }

  /** The keyboard moves the ring; what is selected stays, unless it is the one image clicked last. */
  moveTo(position: number): void {
    const follows = this.#follows && this.set.count === 1;
    const set = follows ? RangeSet.span(position, position + 1) : this.set;
    this.#pin(position);
    this.#follows = follows;
    this.#base = set;
    this.state.value = { set, active: position };
  }

  /** Everything between anchor and `position`; with `keep`, besides what was selected before. */
  extendTo(position: number, keep = false): void {
    if (this.#anchor < 0) this.#pin(this.active < 0 ? position : this.active);
    const span = RangeSet.span(Math.min(this.#anchor, position), Math.max(this.#anchor, position) + 1);
    this.state.value = { set: keep ? this.#base.union(span) : span, active: position };
  }

  all(count: number): void {
    this.replace(RangeSet.span(0, count), this.active);
  }

  clear(): void {
    this.replace(RangeSet.empty, this.active);
  }

  replace(set: RangeSet, active: number): void {
    this.#base = set;
    if (!set.equals(this.set)) this.#follows = false;
    if (set.equals(this.set) && active === this.active) return;
    this.state.value = { set, active };
  }

  #pin(position: number): void {
    this.#anchor = position;
    this.#base = this.set;
    this.#follows = false;
  }
}

/** The shortest way to say it: the ranges, or all but a few. Null when neither fits one message. */
export function selectPayload(
  set: RangeSet,
  count: number,
  version: number,
  active: number | null,
): SelectPayload | null {
  const ranges: Range[] = set.ranges;
  const except = set.complement(count).ranges;
  if (except.length < ranges.length) {
    return except.length > MAX_RANGES ? null : { version, active, all: true, except };
  }
  return ranges.length > MAX_RANGES ? null : { version, active, ranges };
}

import type { Range } from "../../protocol.ts";

/**
 * An immutable set of positions, kept as sorted disjoint half-open ranges: a million selected images are one pair of
 * numbers. `bounds` holds start, stop, start, stop, ...
 */
export class RangeSet {
  static readonly empty = new RangeSet([]);
  readonly #bounds: readonly number[];
  readonly count: number;

  private constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    let count = 0;
    for (let at = 0; at < bounds.length; at += 2) count += (bounds[at + 1] as number) - (bounds[at] as number);
    this.count = count;
  }

  /** From ranges in any order, overlapping or not; empty ones are dropped. */
  static of(ranges: readonly Range[]): RangeSet {
    const sorted = ranges.filter(([start, stop]) => start < stop).sort((a, b) => a[0] - b[0]);
    const bounds: number[] = [];
    for (const [start, stop] of sorted) {
      const last = bounds.length - 1;
      if (last > 0 && start <= (bounds[last] as number)) bounds[last] = Math.max(bounds[last] as number, stop);
      else bounds.push(start, stop);
    }
    return new RangeSet(bounds);
  }

  static span(start: number, stop: number): RangeSet {
    return start < stop ? new RangeSet([start, stop]) : RangeSet.empty;
  }

  get ranges(): Range[] {
    const ranges: Range[] = [];
    for (let at = 0; at < this.#bounds.length; at += 2) {
      ranges.push([this.#bounds[at] as number, this.#bounds[at + 1] as number]);
    }
    return ranges;
  }

  get first(): number | undefined {
    return this.#bounds[0];
  }

  has(position: number): boolean {
    return this.#insertion(position) % 2 === 1;
  }

  /** Whether every position of the set lies in [start, stop). */
  within(start: number, stop: number): boolean {
    return this.count === 0 || ((this.#bounds[0] as number) >= start && (this.#bounds.at(-1) as number) <= stop);
  }

  union(other: RangeSet): RangeSet {
    return RangeSet.of([...this.ranges, ...other.ranges]);
  }

  /** The positions of this set that are not in `other`. */
  minus(other: RangeSet): RangeSet {
    const result: Range[] = [];
    const cuts = other.ranges;
    let cut = 0;
    for (const [from, stop] of this.ranges) {
      let start = from;
      while (cut < cuts.length && (cuts[cut] as Range)[1] <= start) cut += 1;
      for (let at = cut; at < cuts.length && (cuts[at] as Range)[0] < stop; at += 1) {
        const [cutStart, cutStop] = cuts[at] as Range;
        if (cutStart > start) result.push([start, cutStart]);
        start = Math.max(start, cutStop);
      }
      if (start < stop) result.push([start, stop]);
    }
    return RangeSet.of(result);
  }

  toggle(position: number): RangeSet {
    const one = RangeSet.span(position, position + 1);
    return this.has(position) ? this.minus(one) : this.union(one);
  }

  /** The part that lies in [start, stop). */
  clip(start: number, stop: number): RangeSet {
    return RangeSet.of(this.ranges.map(([from, to]): Range => [Math.max(from, start), Math.min(to, stop)]));
  }

  complement(count: number): RangeSet {
    return RangeSet.span(0, count).minus(this);
  }

  equals(other: RangeSet): boolean {
    return (
      this.#bounds.length === other.#bounds.length && this.#bounds.every((value, at) => value === other.#bounds[at])
    );
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [start, stop] of this.ranges) for (let position = start; position < stop; position += 1) yield position;
  }

  /** How many bounds are <= position: odd means inside. */
  #insertion(position: number): number {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bounds[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What was done with a question. */
export type Verdict = "yes" | "no" | "skip";

export interface Turn {
  readonly place: number;
  readonly image: number;
  readonly verdict: Verdict;
}

/** The questions of a pass, which of them is asked now, and the turns taken, so that the last can be taken back. */
export class Queue {
  readonly #ids: number[] = [];
  readonly #scores: number[] = [];
  readonly #settled = new Map<number, Verdict>();
  readonly #turns: Turn[] = [];
  readonly total: number;
  #place = 0;

  /** @param total how many there are; they come with `add` */
  constructor(total: number) {
    this.total = total;
  }

  add(ids: Iterable<number>, scores: Iterable<number>): void {
    this.#ids.push(...ids);
    this.#scores.push(...scores);
  }

  /** How many came until now. */
  get loaded(): number {
    return this.#ids.length;
  }

  get place(): number {
    return this.#place;
  }

  /** Questions not answered and not skipped. */
  get left(): number {
    return this.total - this.#settled.size;
  }

  get done(): boolean {
    return this.left === 0;
  }

  get image(): number | null {
    return this.#ids[this.#place] ?? null;
  }

  /** Of the model; null where it never looked at the image, or nobody asks. */
  get score(): number | null {
    const score = this.#scores[this.#place];
    return score === undefined || score < 0 ? null : score;
  }

  /** The last turn, which `back` would take back. */
  get last(): Turn | null {
    return this.#turns.at(-1) ?? null;
  }

  /** The images of this question and the next ones. */
  ahead(count: number): number[] {
    const found: number[] = [];
    for (let place = this.#place; place < this.#ids.length && found.length < count; place++) {
      const image = this.#ids[place];
      if (image !== undefined && !this.#settled.has(place)) found.push(image);
    }
    return found;
  }

  /** Settles the question asked now and goes to the next open one. */
  settle(verdict: Verdict): Turn | null {
    const image = this.image;
    if (image === null) return null;
    const turn = { place: this.#place, image, verdict };
    this.#settled.set(turn.place, verdict);
    this.#turns.push(turn);
    this.#place = this.#open(turn.place + 1) ?? this.#open(0) ?? this.total;
    return turn;
  }

  /** Asks the last question again. */
  back(): Turn | null {
    const turn = this.#turns.pop() ?? null;
    if (turn) {
      this.#settled.delete(turn.place);
      this.#place = turn.place;
    }
    return turn;
  }

  /** Asks one question again at the end, as its answer was not saved: now somebody looks at another image. */
  reopen(turn: Turn): void {
    const at = this.#turns.indexOf(turn);
    if (at >= 0) this.#turns.splice(at, 1);
    this.#settled.delete(turn.place);
    if (this.#place >= this.total) this.#place = turn.place;
  }

  /** The first place from `from` on that is not settled. */
  #open(from: number): number | null {
    for (let place = from; place < this.total; place++) if (!this.#settled.has(place)) return place;
    return null;
  }
}

import { type Channel, isAbort, KernelError } from "../../channel.ts";
import { fill, h, setAttribute, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import type { Around } from "../../part.ts";
import type { Choice, LabBallot, LabState } from "../../protocol/laboratory.ts";
import type { Cleanup } from "../../signal.ts";
import { BigPicture } from "../shared/big-picture.ts";
import { enable, iconButton } from "../shared/button.ts";
import { keyed } from "../shared/keyed.ts";
import { Pictures } from "../shared/pictures.ts";
import { wordDiff } from "../tag-editor/word-diff.ts";

const AHEAD = 8;
const LARGEST = 1200;
const KEPT = 12;
const SAID: Record<Choice, string> = { a: "left", b: "right", tie: "tie", neither: "neither" };

type Listed = LabState["ballots"][number];

/** One image, two answers without names, and a key for each vote. */
export class Vote {
  readonly element: HTMLElement;
  /** The last ballot has a vote, or a vote was given or taken back. */
  onVoted: () => void = () => undefined;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #around: Around;
  readonly #pictures: Pictures;
  readonly #picture: BigPicture;
  readonly #sides = { a: new Side("1", "Left answer"), b: new Side("2", "Right answer") };
  readonly #stage: HTMLElement;
  readonly #last = h("span", { class: "lr-t3 lr-cut lb-last" });
  readonly #buttons: Record<Choice | "back", HTMLButtonElement>;
  readonly #held = new Map<string, LabBallot>();
  /** Texts on their way, by ballot. */
  readonly #coming = new Map<string, Promise<void>>();
  readonly #given: string[] = [];
  #ballots: Listed[] = [];
  #at = 0;
  #diff = false;
  #asking: AbortController | null = null;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#around = around;
    this.#pictures = new Pictures(channel, cleanup, LARGEST, KEPT);
    this.#picture = new BigPicture(this.#pictures, cleanup);
    this.#buttons = {
      a: keyed("Left", "1", () => void this.vote("a")),
      tie: keyed("Tie", "0", () => void this.vote("tie")),
      neither: keyed("Neither", "X", () => void this.vote("neither")),
      b: keyed("Right", "2", () => void this.vote("b")),
      back: iconButton("undo", "Take the last vote back (U)", () => void this.back()),
    };
    const { a, b, tie, neither, back } = this.#buttons;
    this.#stage = h(
      "div",
      { class: "lb-stage", attrs: { role: "group", tabindex: 0 } },
      this.#picture.element,
      this.#sides.a.element,
      this.#sides.b.element,
    );
    this.element = h(
      "div",
      { class: "lb-view", attrs: { hidden: true } },
      this.#stage,
      h(
        "div",
        { class: "lb-foot", attrs: { role: "group", "aria-label": "Vote" } },
        h("span", { class: "lb-side-left" }, back, this.#last),
        a,
        tie,
        neither,
        b,
        h("span", { class: "lb-side-right" }),
      ),
    );
    for (const choice of ["a", "b"] as const) {
      cleanup.listen(this.#sides[choice].element, "dblclick", () => void this.vote(choice));
    }
    cleanup.add(channel.health.subscribe(() => this.#enable()));
    cleanup.add(() => this.#asking?.abort());
  }

  /** The ballots as they are now; stays with the one that is shown. */
  show(ballots: readonly Listed[]): void {
    const shown = this.#ballots[this.#at]?.id;
    const known = new Map(this.#ballots.map(({ id, choice }) => [id, choice]));
    // A vote that is on its way counts already.
    this.#ballots = ballots.map((ballot) => ({ ...ballot, choice: known.get(ballot.id) ?? ballot.choice }));
    const same = this.#ballots.findIndex(({ id }) => id === shown);
    this.#at = same >= 0 ? same : this.#next(-1);
    if (same < 0 || !this.#held.has(shown ?? "")) void this.#draw();
    else {
      this.#enable();
      void this.#load(this.#ahead().map(({ id }) => id)).catch(() => undefined); // told when one is looked at
    }
  }

  get left(): number {
    return this.#ballots.filter(({ choice }) => choice === null).length;
  }

  get done(): boolean {
    return this.#ballots.length > 0 && this.left === 0;
  }

  /** "3 of 66 votes". */
  get words(): string {
    const { length } = this.#ballots;
    return length === 0 ? "" : `${number(length - this.left)} of ${number(length)} votes`;
  }

  focus(): void {
    this.#stage.focus({ preventScroll: true });
  }

  set diff(on: boolean) {
    this.#diff = on;
    this.#texts();
  }

  /** What a bare key does; null where it is none of ours. */
  command(key: string): (() => void) | null {
    switch (key) {
      case "1":
      case "ArrowLeft":
        return () => void this.vote("a");
      case "2":
      case "ArrowRight":
        return () => void this.vote("b");
      case "0":
        return () => void this.vote("tie");
      case "x":
        return () => void this.vote("neither");
      case "u":
      case "Backspace":
        return () => void this.back();
      case " ":
        return () => this.#skip();
      case "+":
      case "=":
      case "-":
        return () => this.#picture.key(key);
      default:
        return null;
    }
  }

  async vote(choice: Choice): Promise<void> {
    const ballot = this.#ballots[this.#at];
    if (this.#locked || !(ballot && this.#held.has(ballot.id))) return;
    this.#given.push(ballot.id);
    await this.#keep(ballot, choice, () => {
      this.#at = this.#next(this.#at);
      setText(this.#last, `Last: ${SAID[choice]}`);
    });
  }

  async back(): Promise<void> {
    const last = this.#given.pop();
    const at = this.#ballots.findIndex(({ id }) => id === last);
    const ballot = this.#ballots[at];
    if (this.#locked || !ballot) return;
    await this.#keep(ballot, null, () => {
      this.#at = at;
      setText(this.#last, "Taken back");
    });
  }

  /** Paints at once; where the kernel refuses, the ballot is as it was. */
  async #keep(ballot: Listed, choice: Choice | null, move: () => void): Promise<void> {
    const before = ballot.choice;
    const at = this.#ballots.indexOf(ballot);
    this.#ballots[at] = { ...ballot, choice };
    move();
    const shown = this.#draw();
    this.onVoted();
    try {
      await this.#channel.request("lab.vote", { id: ballot.id, choice });
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      const place = this.#ballots.findIndex(({ id }) => id === ballot.id);
      if (place >= 0) this.#ballots[place] = { ...ballot, choice: before };
      this.#around.toast(`Could not save 1 vote: ${error.message}`, null, true);
      this.onVoted();
    }
    await shown;
  }

  #skip(): void {
    if (this.left === 0) return;
    this.#at = this.#next(this.#at);
    void this.#draw();
  }

  /** The next ballot without a vote after a place, from the start again at the end. */
  #next(after: number): number {
    const { length } = this.#ballots;
    for (let step = 1; step <= length; step++) {
      const at = (after + step + length) % length;
      if (this.#ballots[at]?.choice === null) return at;
    }
    return Math.max(0, after);
  }

  async #draw(): Promise<void> {
    this.#enable();
    const listed = this.#ballots[this.#at];
    this.#asking?.abort();
    if (!listed) return;
    const asking = new AbortController();
    this.#asking = asking;
    const ahead = this.#ahead();
    try {
      await this.#load([listed.id, ...ahead.map(({ id }) => id)]);
      const ballot = this.#held.get(listed.id);
      if (asking.signal.aborted || !ballot) return;
      this.#texts();
      this.#enable();
      this.#around.say(`Image ${ballot.name}. Left: ${ballot.a}. Right: ${ballot.b}`);
      await this.#paint(ballot, asking.signal);
      this.#pictures.ahead(ahead.map(({ image }) => image));
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      if (error.kind !== "stale") this.#around.toast(error.message, null, true);
    }
  }

  async #paint({ image, name, width, height }: LabBallot, signal: AbortSignal): Promise<void> {
    const held = this.#pictures.held(image);
    this.#picture.zoom.fitted = true;
    this.#picture.begin({ name, size: held ?? { width, height }, ...(held && { url: held.url }) });
    const size = await this.#picture.load(image, signal);
    if (size && !signal.aborted) this.#picture.size = size;
  }

  #ahead(): Listed[] {
    const found: Listed[] = [];
    for (let at = this.#at + 1; at < this.#ballots.length && found.length < AHEAD; at++) {
      const ballot = this.#ballots[at];
      if (ballot?.choice === null) found.push(ballot);
    }
    return found;
  }

  /** Resolves when the texts of the first are there; the others come with it, and are never asked for twice. */
  async #load(ids: readonly string[]): Promise<void> {
    const [now = ""] = ids;
    const wanted = ids.filter((id) => !(this.#held.has(id) || this.#coming.has(id)));
    if (wanted.length > 0) {
      const coming = this.#fetch(wanted).finally(() => {
        for (const id of wanted) this.#coming.delete(id);
      });
      coming.catch(() => undefined); // told where the texts are waited for
      for (const id of wanted) this.#coming.set(id, coming);
    }
    if (!this.#held.has(now)) await this.#coming.get(now);
  }

  async #fetch(ids: string[]): Promise<void> {
    const { ok } = await this.#channel.request("lab.ballots", { ids }, this.#cleanup.signal);
    for (const ballot of ok.ballots) this.#held.set(ballot.id, ballot);
  }

  #texts(): void {
    const ballot = this.#held.get(this.#ballots[this.#at]?.id ?? "");
    if (!ballot) return;
    this.#sides.a.show(ballot.a, this.#diff ? ballot.b : null);
    this.#sides.b.show(ballot.b, this.#diff ? ballot.a : null);
    setAttribute(this.#stage, "aria-label", `Which answer is better? ${ballot.name}`);
  }

  get #locked(): boolean {
    return this.#channel.health.value === "gone" || (this.#around.hello.value?.readonly ?? false);
  }

  #enable(): void {
    const gone = this.#channel.health.value === "gone";
    const why = gone ? "Kernel not answering: editing is off." : "";
    const readonly = this.#around.hello.value?.readonly ?? false;
    const listed = this.#ballots[this.#at];
    for (const choice of ["a", "b", "tie", "neither"] as const) {
      const element = this.#buttons[choice];
      element.hidden = readonly;
      enable(element, why === "", why);
      setAttribute(element, "aria-pressed", listed?.choice === choice ? true : null);
    }
    this.#buttons.back.hidden = readonly;
    enable(this.#buttons.back, why === "" && this.#given.length > 0, why || "Nothing to take back");
  }
}

/** One of the two answers, in a frame that does not change with its length. */
class Side {
  readonly element: HTMLElement;
  readonly #text = h("div", { class: "lb-text", attrs: { tabindex: -1 } });

  constructor(key: string, label: string) {
    this.element = h(
      "section",
      { class: "lb-side", attrs: { "aria-label": label } },
      h("kbd", { class: "lr-kbd", attrs: { "aria-hidden": "true" } }, key),
      this.#text,
    );
  }

  /** @param other what it is compared with; null shows the text alone */
  show(text: string, other: string | null): void {
    this.#text.scrollTop = 0;
    if (other === null) {
      fill(this.#text, text);
      return;
    }
    fill(
      this.#text,
      ...wordDiff(text, other)
        .filter(({ kind }) => kind !== "added")
        .map(({ kind, text: piece }) => (kind === "same" ? piece : h("mark", { class: "lb-only" }, piece))),
    );
  }
}

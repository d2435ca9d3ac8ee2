import { toBytes } from "../../buffers.ts";
import { type Channel, isAbort, KernelError } from "../../channel.ts";
import { fill, h, setAttribute, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import { categoryMark } from "../../icons.ts";
import type { Around } from "../../part.ts";
import type { PassCounts, PassOpened } from "../../protocol/passes.ts";
import type { Cleanup } from "../../signal.ts";
import { BigPicture } from "../shared/big-picture.ts";
import { button, enable, iconButton } from "../shared/button.ts";
import { keyed } from "../shared/keyed.ts";
import type { Pictures } from "../shared/pictures.ts";
import { Queue, type Turn } from "./queue.ts";
import { scoreWords } from "./told.ts";

const AHEAD = 5;
/** Questions left in what was loaded, below which the next are asked for. */
const RESERVE = 200;
const SQUARE = { width: 1024, height: 1024 };

/** One tag, image after image: a large picture, and a key for each answer. */
export class TagPass {
  readonly element: HTMLElement;
  /** Paused, or at the end: the report is due. */
  onPause: () => void = () => undefined;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #around: Around;
  readonly #pictures: Pictures;
  readonly #picture: BigPicture;
  readonly #stage: HTMLElement;
  readonly #tag = h("span", { class: "lr-row lr-strong ps-tag" });
  readonly #progress = h("span", { class: "lr-t2 ps-progress" });
  readonly #bar = h("i");
  readonly #score = h("span", { class: "ps-score", attrs: { hidden: true } });
  readonly #showScore: HTMLButtonElement;
  readonly #last = h("span", { class: "lr-t3 lr-cut ps-last" });
  readonly #buttons: Record<"yes" | "no" | "skip" | "back", HTMLButtonElement>;
  /** The operation of each answer, as soon as the kernel has told it. */
  readonly #saved = new Map<Turn, Promise<number | null>>();
  #opened: PassOpened | null = null;
  #queue = new Queue(0);
  #loading = false;
  #asking: AbortController | null = null;

  constructor(channel: Channel, cleanup: Cleanup, around: Around, pictures: Pictures) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#around = around;
    this.#pictures = pictures;
    this.#picture = new BigPicture(pictures, cleanup);
    this.#showScore = button("Score", {
      kind: "quiet",
      small: true,
      title: "Show the model's score (S)",
      onClick: () => this.#toggleScore(),
    });
    this.#showScore.setAttribute("aria-pressed", "false");
    this.#buttons = {
      no: keyed("No", "N", () => this.#answer(false)),
      skip: keyed("Skip", "Space", () => this.#skip()),
      yes: keyed("Yes", "Y", () => this.#answer(true)),
      back: iconButton("undo", "Take the last one back (Z)", () => void this.#back()),
    };
    this.#picture.element.append(this.#score);
    this.#stage = h("div", { class: "ps-stage", attrs: { role: "group", tabindex: 0 } }, this.#picture.element);
    const { no, skip, yes, back } = this.#buttons;
    this.element = h(
      "div",
      { class: "ps-view", attrs: { hidden: true } },
      h(
        "div",
        { class: "ps-head" },
        iconButton("previous", "Pause (Esc)", () => this.onPause(), { small: true }),
        this.#tag,
        h("span", { class: "lr-space" }),
        this.#progress,
        this.#showScore,
      ),
      h("div", { class: "ps-bar", attrs: { "aria-hidden": "true" } }, this.#bar),
      this.#stage,
      h(
        "div",
        { class: "ps-foot", attrs: { role: "group", "aria-label": "Answer" } },
        h("span", { class: "ps-side" }, back, this.#last),
        no,
        skip,
        yes,
        h("span", { class: "ps-side" }),
      ),
    );
    cleanup.add(channel.health.subscribe(() => this.#enable()));
    cleanup.add(() => this.#asking?.abort());
  }

  get opened(): PassOpened | null {
    return this.#opened;
  }

  get done(): boolean {
    return this.#queue.done;
  }

  /** Begins with the questions of a pass. */
  async begin(opened: PassOpened): Promise<void> {
    this.#opened = opened;
    this.#queue = new Queue(opened.questions);
    this.#saved.clear();
    fill(this.#tag, categoryMark(opened.category), h("span", { class: "lr-cut" }, `${opened.tag}?`));
    setText(this.#last, "");
    await this.#load();
  }

  focus(): void {
    this.#stage.focus({ preventScroll: true });
  }

  /** What a bare key does; null where it is none of ours. */
  command(key: string): (() => void) | null {
    switch (key) {
      case "y":
        return () => this.#answer(true);
      case "n":
        return () => this.#answer(false);
      case " ":
      case "ArrowRight":
        return () => this.#skip();
      case "z":
      case "u":
      case "Backspace":
      case "ArrowLeft":
        return () => void this.#back();
      case "s":
        return () => this.#toggleScore();
      case "Escape":
        return () => this.onPause();
      case "+":
      case "=":
      case "-":
        return () => this.#picture.key(key);
      default:
        return null;
    }
  }

  /** The answers still on their way. */
  async settled(): Promise<void> {
    await Promise.all(this.#saved.values());
  }

  #toggleScore(): void {
    this.#score.hidden = !this.#score.hidden;
    this.#showScore.setAttribute("aria-pressed", String(!this.#score.hidden));
    if (!this.#score.hidden) this.#around.say(this.#score.textContent ?? "");
  }

  get #locked(): boolean {
    return this.#channel.health.value === "gone" || (this.#around.hello.value?.readonly ?? false);
  }

  #answer(yes: boolean): void {
    if (this.#locked || this.#opened === null) return;
    const turn = this.#queue.settle(yes ? "yes" : "no");
    if (!turn) return;
    this.#saved.set(turn, this.#save(turn, yes, this.#opened.pass));
    this.#next();
  }

  async #save(turn: Turn, yes: boolean, pass: number): Promise<number | null> {
    try {
      const { ok } = await this.#channel.request("pass.answer", { pass, image: turn.image, yes });
      this.#count(ok);
      return ok.operation;
    } catch (error) {
      if (isAbort(error)) return null;
      if (!(error instanceof KernelError)) throw error;
      this.#around.toast(`Could not save 1 answer: ${error.message}`, null, true);
      this.#queue.reopen(turn);
      this.#saved.delete(turn);
      this.#draw();
      return null;
    }
  }

  #skip(): void {
    if (this.#queue.settle("skip")) this.#next();
  }

  async #back(): Promise<void> {
    const turn = this.#queue.back();
    if (!turn || this.#opened === null) return;
    this.#show();
    const operation = await this.#saved.get(turn);
    this.#saved.delete(turn);
    if (!operation) return;
    try {
      const { ok } = await this.#channel.request("pass.back", { pass: this.#opened.pass, operation });
      this.#count(ok);
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      this.#around.toast(`Could not take it back: ${error.message}`, null, true);
    }
  }

  #count({ images, yes, no }: PassCounts): void {
    if (this.#opened) this.#opened = { ...this.#opened, images, yes, no };
  }

  #next(): void {
    if (this.#queue.done) {
      this.onPause();
      return;
    }
    this.#show();
    if (this.#queue.loaded - this.#queue.place < RESERVE) void this.#load();
  }

  async #load(): Promise<void> {
    const opened = this.#opened;
    if (this.#loading || !opened || this.#queue.loaded >= this.#queue.total) return;
    this.#loading = true;
    try {
      const ask = { pass: opened.pass, start: this.#queue.loaded };
      const { ok, buffers } = await this.#channel.request("pass.questions", ask, this.#cleanup.signal);
      const bytes = toBytes(buffers[0] ?? new Uint8Array());
      const body = bytes.slice().buffer; // aligned, whatever the host gave
      const waited = this.#queue.image === null;
      this.#queue.add(new Int32Array(body, 0, ok.count), new Float32Array(body, 4 * ok.count, ok.count));
      if (waited) this.#show();
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      this.#around.toast(error.message, null, true);
    } finally {
      this.#loading = false;
    }
  }

  get #words(): string {
    const { place, total } = this.#queue;
    return `${number(Math.min(place + 1, total))} of ${number(total)}`;
  }

  #show(): void {
    this.#draw();
    const { image } = this.#queue;
    this.#around.say(`Image ${this.#words}`);
    if (image !== null) void this.#showPicture(image, this.#words);
  }

  #draw(): void {
    const { total, left, score, last } = this.#queue;
    const words = this.#words;
    setText(this.#progress, `${words} · ${number(left)} left`);
    this.#bar.style.transform = `scaleX(${total > 0 ? (total - left) / total : 0})`;
    setText(this.#score, scoreWords(this.#opened?.model ?? null, score));
    setText(this.#last, last ? `Last: ${last.verdict === "skip" ? "skipped" : last.verdict}` : "");
    setAttribute(this.#stage, "aria-label", `Is ${this.#opened?.tag ?? "the tag"} right? Image ${words}`);
    this.#enable();
  }

  async #showPicture(image: number, words: string): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const held = this.#pictures.held(image);
    this.#picture.zoom.fitted = true;
    this.#picture.begin({ name: `Image ${words}`, size: held ?? SQUARE, ...(held && { url: held.url }) });
    const size = await this.#picture.load(image, asking.signal);
    if (asking.signal.aborted) return;
    if (size) this.#picture.size = size;
    this.#pictures.ahead(this.#queue.ahead(AHEAD));
  }

  #enable(): void {
    const why = this.#locked ? "Kernel not answering: editing is off." : "";
    const readonly = this.#around.hello.value?.readonly ?? false;
    for (const name of ["yes", "no", "back"] as const) this.#buttons[name].hidden = readonly;
    for (const name of ["yes", "no"] as const) enable(this.#buttons[name], why === "", why);
    enable(this.#buttons.back, why === "" && this.#queue.last !== null, why || "Nothing to take back");
  }
}

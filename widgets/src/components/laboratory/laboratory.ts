import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./laboratory.css";
import "./results.css";
import type { Channel } from "../../channel.ts";
import { h, isTextInput, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { Around, Part } from "../../part.ts";
import type { LabState } from "../../protocol/laboratory.ts";
import type { Cleanup } from "../../signal.ts";
import { button, iconButton } from "../shared/button.ts";
import { KeySheet } from "../shared/key-sheet.ts";
import { Latest } from "../shared/latest.ts";
import { refused } from "../shared/refused.ts";
import { KEYS } from "./keys.ts";
import { Results } from "./results.ts";
import { Start } from "./start.ts";
import { Vote } from "./vote.ts";
import { madeOf } from "./wording.ts";

type Mode = "start" | "vote" | "results";

/** The prompt laboratory: blind votes first, then names, figures, and the run of the best over all images. */
class Laboratory {
  readonly element: HTMLElement;
  readonly #around: Around;
  readonly #start: Start;
  readonly #vote: Vote;
  readonly #results: Results;
  readonly #sheet: KeySheet;
  readonly #latest: Latest;
  readonly #title = h("span", { class: "lr-strong lr-cut" });
  readonly #progress = h("span", { class: "lr-t2 lb-progress" });
  readonly #bar = h("i");
  readonly #diff: HTMLButtonElement;
  readonly #reveal: HTMLButtonElement;
  #state: LabState | null = null;
  #mode: Mode | null = null;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#around = around;
    this.#start = new Start(channel, cleanup, around);
    this.#vote = new Vote(channel, cleanup, around);
    this.#results = new Results(channel, cleanup, around);
    this.#sheet = new KeySheet(KEYS, () => this.focus());
    this.#latest = new Latest(
      async () => {
        const { ok } = await channel.request("lab.open", {}, cleanup.signal);
        this.#show(ok);
      },
      (error) => refused(this.#around, error),
    );
    this.#vote.onVoted = () => this.#voted();
    this.#start.onStarted = () => this.#latest.ask();
    this.#diff = button("Differences", {
      kind: "quiet",
      small: true,
      title: "Show the words that differ (D)",
      onClick: () => this.#toggleDiff(),
    });
    this.#diff.setAttribute("aria-pressed", "false");
    this.#reveal = button("Reveal", { small: true, onClick: () => this.#toggle() });
    this.element = h(
      "div",
      { class: "lb", attrs: { role: "region", "aria-label": "Prompt laboratory", tabindex: -1 } },
      h(
        "div",
        { class: "lb-head" },
        this.#title,
        h("span", { class: "lr-space" }),
        this.#progress,
        this.#diff,
        this.#reveal,
        iconButton("help", "Keyboard (?)", () => this.#sheet.toggle(), { small: true }),
      ),
      h("div", { class: "lb-bar", attrs: { "aria-hidden": "true" } }, this.#bar),
      this.#start.element,
      this.#vote.element,
      this.#results.element,
      this.#sheet.element,
    );
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.add(
      channel.on("changed", ({ kinds }) => {
        if (kinds.some((kind) => kind === "annotations" || kind === "failures")) this.#latest.ask();
      }),
    );
    cleanup.add(
      channel.on("job", ({ state }) => {
        if (state !== "running") this.#latest.ask();
      }),
    );
    // Until the kernel said hello the widget shows nothing.
    const stop = around.hello.subscribe((hello) => {
      if (!hello) return;
      stop();
      this.#latest.ask();
    }, true);
    cleanup.add(stop);
  }

  focus(): void {
    if (this.#mode === "vote") this.#vote.focus();
    else if (this.#mode === "results") this.#results.focus();
    else this.#start.focus();
  }

  #show(state: LabState): void {
    const first = this.#state === null;
    this.#state = state;
    this.#vote.show(state.ballots);
    this.#start.show(state);
    if (this.#mode === null || this.#mode === "start") this.#open(this.#beginning(state));
    else if (this.#mode === "results") this.#results.show(state.over);
    this.#draw();
    if (first && this.#mode === "vote") this.focus();
  }

  /** Votes while there are some to give; a laboratory of one cell, or where all are given, has figures alone. */
  #beginning(state: LabState): Mode {
    if (state.ballots.length > 0 && !this.#vote.done && !(this.#around.hello.value?.readonly ?? false)) return "vote";
    if (state.asked === 0 || (state.running && state.asked < state.questions)) return "start";
    return "results";
  }

  #voted(): void {
    this.#draw();
    if (this.#vote.done && this.#mode === "vote") {
      this.#around.say("All votes are given");
      this.#open("results");
      this.focus();
    }
  }

  #toggle(): void {
    this.#open(this.#mode === "results" ? "vote" : "results");
    this.focus();
  }

  #toggleDiff(): void {
    const on = this.#diff.getAttribute("aria-pressed") !== "true";
    setAttribute(this.#diff, "aria-pressed", on);
    this.#vote.diff = on;
  }

  #open(mode: Mode): void {
    this.#mode = mode;
    const views = { start: this.#start, vote: this.#vote, results: this.#results };
    for (const [name, { element }] of Object.entries(views)) element.hidden = name !== mode;
    if (mode === "results" && this.#state) this.#results.show(this.#state.over);
    this.#draw();
  }

  #draw(): void {
    const state = this.#state;
    if (!state) return;
    const { asked, questions } = state;
    const title = { start: "Laboratory", vote: "Which answer is better?", results: "Prompts by models" };
    setText(this.#title, title[this.#mode ?? "start"]);
    const answers = `${number(asked)} of ${counted(questions, "answer")}`;
    setText(this.#progress, asked < questions ? answers : this.#vote.words);
    this.#progress.title = madeOf(state);
    const { length } = state.ballots;
    this.#bar.style.transform = `scaleX(${length > 0 ? (length - this.#vote.left) / length : 0})`;
    this.#diff.hidden = this.#mode !== "vote";
    this.#reveal.hidden = this.#mode === "start" || (this.#mode === "results" && length === 0);
    setText(this.#reveal, this.#mode === "results" ? "Votes" : "Reveal");
    this.#reveal.title = this.#mode === "results" ? "Back to the votes (R)" : "Show names and figures (R)";
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (isTextInput(event.target) && event.key !== "Escape") return;
    const run = this.#command(event);
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #command(event: KeyboardEvent): (() => void) | null {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "?") return () => this.#sheet.toggle();
    if (this.#sheet.open) return key === "Escape" ? () => this.#sheet.close() : null;
    if (key === "Escape") return () => this.#escape();
    if (key === "r" && !this.#reveal.hidden) return () => this.#toggle();
    if (this.#mode !== "vote") return null;
    const onControl = event.target instanceof Element && event.target.closest("button") !== null;
    if (onControl && (key === "Enter" || key === " ")) return null;
    return key === "d" ? () => this.#toggleDiff() : this.#vote.command(key);
  }

  #escape(): void {
    if (this.#mode === "results" && this.#results.close()) return;
    this.#around.leave();
  }
}

export const laboratory: Part = (channel, cleanup, around) => {
  const made = new Laboratory(channel, cleanup, around);
  return { element: made.element, focus: () => made.focus() };
};

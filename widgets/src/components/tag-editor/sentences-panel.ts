import "./sentences-panel.css";
import { fill, h, setAttribute, setText } from "../../dom.ts";
import { counted } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Sentence } from "../../protocol/tagging.ts";
import type { Details, EditAction } from "../../protocol.ts";
import { type Cleanup, Signal } from "../../signal.ts";
import { enable, iconButton } from "../shared/button.ts";
import { authorWords } from "./describe.ts";
import type { Session } from "./session.ts";

type Verdict = Exclude<Sentence["state"], "">;

const WORDS: Readonly<Record<Sentence["state"], string>> = { "": "", accepted: "Accepted", struck: "Struck" };

/** What models said of the image, sentence by sentence: each is accepted, struck, or left to the models. */
export class SentencesPanel {
  readonly element: HTMLElement;
  readonly open = new Signal(false);
  readonly #session: Session;
  readonly #title = h("span", { class: "lr-strong lr-cut" });
  readonly #note = h("div", { class: "te-panel-state lr-t2" });
  readonly #list = h("div", { class: "te-sentences", attrs: { role: "list", "aria-label": "Sentences of models" } });
  #rows: Row[] = [];
  /** The row that Tab comes to. */
  #at = 0;
  #details: Details | null = null;
  #back: HTMLElement | null = null;
  #why = "";

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.element = h(
      "section",
      { class: "te-panel te-sentences-panel", attrs: { "aria-label": "Sentences of models", hidden: true } },
      h(
        "div",
        { class: "te-panel-head" },
        this.#title,
        h("span", { class: "lr-space" }),
        iconButton("close", "Close (Esc)", () => this.close(), { small: true }),
      ),
      this.#note,
      this.#list,
    );
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.#list, "focusin", (event) => {
      const at = this.#rows.findIndex(({ element }) => element.contains(event.target as Node));
      if (at >= 0) this.#stop(at);
    });
  }

  /** As the other panels of captions. */
  get panel(): this {
    return this;
  }

  /** @param from the button that opens it, which has the keyboard again after it. */
  toggle(from: HTMLElement): void {
    if (this.open.value) {
      this.close();
      return;
    }
    this.#back = from;
    this.element.hidden = false;
    this.open.value = true;
    this.#rows[this.#at]?.element.focus();
  }

  close(): void {
    if (!this.open.value) return;
    const held = this.element.matches(":focus-within");
    this.element.hidden = true;
    this.open.value = false;
    if (held) this.#back?.focus();
  }

  /** @param why says in words why nothing may be decided */
  refresh(details: Details | null, why: string): void {
    const another = details?.id !== this.#details?.id;
    this.#details = details;
    this.#why = why;
    const sentences = details?.caption.sentences ?? [];
    setText(this.#title, counted(sentences.length, "sentence"));
    setText(this.#note, noteOf(details));
    const held = this.#list.matches(":focus-within");
    if (another || !this.#sameRows(sentences)) {
      this.#rows = sentences.map((sentence) => new Row(sentence, (verdict) => this.#decide(sentence.text, verdict)));
      this.#at = another ? 0 : Math.min(this.#at, Math.max(0, this.#rows.length - 1));
      fill(this.#list, ...this.#grouped());
    }
    for (const [at, row] of this.#rows.entries()) row.show(sentences[at]?.state ?? "", why);
    this.#stop(this.#at);
    if (held) this.#rows[this.#at]?.element.focus();
  }

  #sameRows(sentences: readonly Sentence[]): boolean {
    const same = (row: Row, at: number) => row.text === sentences[at]?.text && row.by === sentences[at]?.by;
    return sentences.length === this.#rows.length && this.#rows.every(same);
  }

  /** The rows under the name of who said them. */
  #grouped(): HTMLElement[] {
    return this.#rows.flatMap((row, at) => {
      const first = this.#rows[at - 1]?.by !== row.by;
      return first ? [h("div", { class: "te-sentences-by lr-t3" }, authorWords(row.by)), row.element] : [row.element];
    });
  }

  #stop(at: number): void {
    this.#at = at;
    for (const [place, { element }] of this.#rows.entries()) element.tabIndex = place === at ? 0 : -1;
  }

  #decide(text: string, verdict: Verdict): void {
    if (this.#details === null || this.#why !== "") return;
    const { id, caption } = this.#details;
    const now = caption.sentences.find((one) => one.text === text)?.state;
    let edit: EditAction = { action: "sentences.accept", sentence: text, variant: caption.variant };
    if (verdict === "struck") edit = { action: "sentences.strike", sentence: text };
    if (now === verdict) edit = { action: "sentences.clear", sentence: text };
    void this.#session.edit({ id }, edit, { quiet: true });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.#rows.find(({ element }) => element === event.target);
    if (event.key === "Escape") this.close();
    else if (!row || !this.#rowKey(event.key, row)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #rowKey(key: string, row: Row): boolean {
    const last = this.#rows.length - 1;
    const to = { ArrowDown: this.#at + 1, ArrowUp: this.#at - 1, Home: 0, End: last }[key];
    if (to !== undefined) this.#rows[Math.max(0, Math.min(last, to))]?.element.focus();
    else if (key === "Enter") this.#decide(row.text, "accepted");
    else if (key === "-") this.#decide(row.text, "struck");
    else return false;
    return true;
  }
}

/** One sentence with its two buttons, which the keys of the row stand for. */
class Row {
  readonly element: HTMLElement;
  readonly by: string;
  readonly text: string;
  readonly #state = h("span", { class: "te-sentence-state" });
  readonly #presses: readonly (readonly [Verdict, HTMLButtonElement])[];

  constructor({ by, text }: Sentence, decide: (verdict: Verdict) => void) {
    this.by = by;
    this.text = text;
    this.#presses = [
      ["accepted", iconButton("check", "Accept (Enter)", () => decide("accepted"), { small: true })],
      ["struck", iconButton("minus", "Strike (-)", () => decide("struck"), { small: true })],
    ];
    for (const [, press] of this.#presses) press.tabIndex = -1;
    this.element = h(
      "div",
      { class: "te-sentence", attrs: { role: "listitem", "aria-keyshortcuts": "Enter -" } },
      h("span", { class: "te-sentence-text" }, text),
      this.#state,
      ...this.#presses.map(([, press]) => press),
    );
  }

  show(state: Sentence["state"], why: string): void {
    this.element.dataset.state = state;
    setAttribute(this.element, "aria-label", state === "" ? this.text : `${this.text} ${WORDS[state]}`);
    fill(this.#state, state === "accepted" && icon("person", 12), WORDS[state]);
    for (const [verdict, press] of this.#presses) {
      setAttribute(press, "aria-pressed", verdict === state);
      enable(press, why === "", why);
    }
  }
}

function noteOf(details: Details | null): string {
  if (details === null) return "";
  return details.caption.source === "hand"
    ? "A caption by hand counts: what is decided here counts once it is taken back."
    : "Struck ones are left out, whoever says them again. Accepted ones join the caption.";
}

import { fill, h, setText } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { LabQuote } from "../../protocol/laboratory.ts";
import { button, enable } from "../shared/button.ts";
import { copyButton } from "../shared/copy.ts";
import { Budget } from "./budget.ts";
import { quoteWords } from "./wording.ts";

/** What is about to be asked: by which line, for how much, and what leaves the machine. */
export interface Asking {
  code: string;
  quote: LabQuote;
  free: boolean;
  obstacle: string | null;
  /** On the button, such as "Run on 1,284 images". */
  label: string;
}

/** The quote of a run and the button that starts it: the quote is the confirmation. */
export class AskingPanel {
  readonly element = h("div", { class: "lb-asking" });
  readonly #code = h("code", { class: "lr-mono lb-code-text" });
  readonly #quote = h("div", { class: "lb-quote" });
  readonly #leaves = h("div", { class: "lr-row lr-t2" });
  readonly #problem = h("div", { class: "lr-row lr-warn", attrs: { hidden: true } });
  readonly #budget = new Budget();
  readonly #run: HTMLButtonElement;
  readonly #onRun: (budget: number | null, quoted: number) => void;
  #asking: Asking | null = null;
  #why = "";

  constructor(say: (text: string) => void, onRun: (budget: number | null, quoted: number) => void) {
    this.#onRun = onRun;
    this.#run = button("Working out the price", { kind: "primary", onClick: () => this.#press() });
    this.element.append(
      this.#quote,
      this.#leaves,
      this.#problem,
      h("div", { class: "lb-code" }, this.#code, copyButton(this.#code, say, "Copy the line")),
      h("div", { class: "lb-actions" }, this.#budget.element, this.#run),
    );
    this.wait();
  }

  /** Nothing can be started until the quote is fresh. */
  wait(): void {
    this.#asking = null;
    setText(this.#run, "Working out the price");
    enable(this.#run, false, "The price comes first");
  }

  /** @param why why nothing can be started now; empty where it can */
  show(asking: Asking, why: string): void {
    const { code, quote, free, obstacle, label } = asking;
    this.#asking = asking;
    this.#why = why;
    setText(this.#code, code);
    setText(this.#quote, quoteWords(quote, free));
    fill(this.#leaves, icon(free ? "disk" : "cloud"), h("span", {}, quote.leaves));
    fill(this.#problem, icon("warning"), h("span", {}, obstacle ?? ""));
    this.#problem.hidden = obstacle === null;
    this.#budget.element.hidden = free;
    this.#budget.suggested = quote.at_most;
    setText(this.#run, label);
    const stop = why || obstacle || (quote.send === 0 ? "All is answered" : "");
    enable(this.#run, stop === "", stop);
    if (stop === "") this.#run.title = "";
  }

  /** What is shown, with another reason why nothing can be started. */
  lock(why: string): void {
    if (this.#asking) this.show(this.#asking, why);
  }

  focus(): void {
    this.#run.focus({ preventScroll: true });
  }

  #press(): void {
    const { value } = this.#budget;
    if (this.#why !== "" || !this.#asking) return;
    if (Number.isNaN(value)) {
      this.#budget.focus();
      return;
    }
    enable(this.#run, false, "Started");
    this.#onRun(this.#asking.free ? null : value, this.#asking.quote.send);
  }
}

import { h, setAttribute, setText } from "../../dom.ts";
import { number, timeLeft } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";
import { CodeLine } from "./code-line.ts";
import { isRunning, type Session } from "./session.ts";

/** A run under way: how far it is, what failed, the line that does the same in a cell. */
export class RunView {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #name = h("div", { class: "lr-strong mp-wrap" });
  readonly #fill = h("i");
  readonly #bar: HTMLElement;
  readonly #progress = h("span");
  readonly #left = h("span", { class: "lr-t2" });
  readonly #failed = h("span", { class: "lr-warn" });
  readonly #code: CodeLine;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#bar = h(
      "div",
      { class: "lr-progress mp-bar", attrs: { role: "progressbar", "aria-label": "Run", "aria-valuemin": 0 } },
      this.#fill,
    );
    this.#code = new CodeLine(session.around.say);
    this.element = h(
      "div",
      { class: "mp-run" },
      this.#name,
      this.#bar,
      h("div", { class: "lr-row" }, this.#progress, h("span", { class: "lr-space" }), this.#left),
      this.#failed,
      this.#code.element,
    );
    cleanup.add(session.job.subscribe(() => this.#draw(), true));
    cleanup.add(session.code.subscribe(() => this.#draw()));
  }

  #draw(): void {
    const { job, code } = this.#session;
    const now = job.value;
    this.element.hidden = !isRunning(now);
    if (!isRunning(now)) return;
    const { done, total, failed, rate, seconds_left: left } = now;
    setText(this.#name, now.label);
    this.#bar.hidden = total === null;
    setAttribute(this.#bar, "aria-valuemax", total);
    setAttribute(this.#bar, "aria-valuenow", done);
    // 100 % is shown when it is done, not a moment before
    this.#fill.style.transform = `scaleX(${total ? Math.min(done / total, 0.99) : 0})`;
    setText(this.#progress, total === null ? number(done) : `${number(done)} of ${number(total)}`);
    const pace = rate ? `${paceOf(rate)} images a second` : "";
    setText(this.#left, [pace, left === null ? "" : timeLeft(left)].filter(Boolean).join(" · "));
    setText(this.#failed, failed > 0 ? `${number(failed)} failed` : "");
    const mine = code.value !== null && code.value.id === now.id;
    this.#code.element.hidden = !mine;
    if (mine) this.#code.line = code.value?.line ?? "";
  }
}

/** "0.4", "3.1", "214": as fine as it says something. */
function paceOf(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : number(Math.round(rate));
}

import { fill, h, setAttribute, setText } from "../../dom.ts";
import { counted, number, timeLeft } from "../../format.ts";
import type { Job } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { failedOf, refusedOf, spentOf } from "../shared/account.ts";
import { button } from "../shared/button.ts";
import { CodeLine } from "./code-line.ts";
import { isRunning, type Session } from "./session.ts";

/** A run under way: how far it is, what it cost so far, what failed, the line that does the same in a cell. */
export class RunView {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #name = h("div", { class: "lr-strong mp-wrap" });
  readonly #fill = h("i");
  readonly #bar: HTMLElement;
  readonly #progress = h("span");
  readonly #left = h("span", { class: "lr-t2" });
  readonly #spent = h("div", { class: "lr-t2" });
  readonly #failed = h("span", { class: "lr-warn" });
  readonly #code: CodeLine;
  readonly #others = h("div", { class: "mp-others", attrs: { role: "group", "aria-label": "Also running" } });
  #listed = "";

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
      this.#spent,
      this.#failed,
      this.#code.element,
      this.#others,
    );
    cleanup.add(session.job.subscribe(() => this.#draw(), true));
    cleanup.add(session.code.subscribe(() => this.#draw()));
  }

  #draw(): void {
    const { job, code } = this.#session;
    const now = job.value;
    this.element.hidden = !isRunning(now);
    if (!isRunning(now)) return;
    const { done, total, rate, seconds_left: left, account } = now;
    setText(this.#name, now.label);
    this.#bar.hidden = total === null;
    setAttribute(this.#bar, "aria-valuemax", total);
    setAttribute(this.#bar, "aria-valuenow", done);
    // 100 % is shown when it is done, not a moment before
    this.#fill.style.transform = `scaleX(${total ? Math.min(done / total, 0.99) : 0})`;
    setText(this.#progress, total === null ? number(done) : `${number(done)} of ${number(total)}`);
    const pace = rate ? `${paceOf(rate)} images a second` : "";
    setText(this.#left, [pace, left === null ? "" : timeLeft(left)].filter(Boolean).join(" · "));
    setText(this.#spent, spentOf(now));
    const refused = refusedOf(account);
    const others = failedOf(now);
    const parts = [refused > 0 && `${number(refused)} refused`, others > 0 && `${number(others)} failed`];
    setText(this.#failed, parts.filter(Boolean).join(", "));
    const mine = code.value !== null && code.value.id === now.id;
    this.#code.element.hidden = !mine;
    if (mine) this.#code.line = code.value?.line ?? "";
    this.#drawOthers(now);
  }

  /** The other runs under way are asked for when their number changes. */
  #drawOthers(now: Job): void {
    const key = `${now.id} ${now.others ?? 0}`;
    if (key === this.#listed) return;
    this.#listed = key;
    if ((now.others ?? 0) === 0) this.#others.replaceChildren();
    else void this.#askOthers(now.id);
  }

  async #askOthers(newest: Job["id"]): Promise<void> {
    try {
      const { ok } = await this.#session.channel.request("jobs", {});
      const others = ok.jobs.filter((job) => job.id !== newest);
      fill(
        this.#others,
        h("div", { class: "mp-title lr-strong" }, `${counted(others.length, "other run", "other runs")} under way`),
        ...others.map((job) => this.#other(job)),
      );
    } catch (error) {
      this.#session.refused(error);
    }
  }

  #other({ id, label, state, done, total }: Job): HTMLElement {
    const far = total === null ? number(done) : `${number(done)} of ${number(total)}`;
    const stopping = state === "stopping";
    return h(
      "div",
      { class: "lr-row" },
      h("span", { class: "lr-cut lr-space", title: label }, label),
      h("span", { class: "lr-t2 mp-fixed" }, stopping ? "Stopping" : far),
      !stopping && button("Stop", { kind: "link", title: `Stop ${label}`, onClick: () => void this.#stop(id) }),
    );
  }

  async #stop(id: Job["id"]): Promise<void> {
    await this.#session.stop(id);
    this.#listed = "";
    const now = this.#session.job.value;
    if (now) this.#drawOthers(now);
  }
}

/** "0.4", "3.1", "214": as fine as it says something. */
function paceOf(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : number(Math.round(rate));
}

import { fill, h, keepFocus, setAttribute } from "../../dom.ts";
import { number } from "../../format.ts";
import type { PastJob } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import { failedOf } from "../shared/account.ts";
import { button, enable } from "../shared/button.ts";
import { AccountView } from "./account-view.ts";
import { CodeLine } from "./code-line.ts";
import { type Failures, isRunning, type Session } from "./session.ts";
import { when } from "./wording.ts";

/** Runs that ended, newest first: what came of them, the images that failed, Resume. */
export class PastRuns {
  readonly element = h("div", { class: "mp-past" });
  /** The run of services that ended last here: what it came to, and what may be decided, is seen at once. */
  readonly latest = h("div", { class: "mp-latest", attrs: { hidden: true } });
  readonly #session: Session;
  readonly #failures = new Map<number, Failures>();
  readonly #open = new Set<number>();
  readonly #accounts: AccountView;
  #finished: number | string | null = null;

  /** @param another puts the keyboard where another model is picked */
  constructor(session: Session, another: () => void, cleanup: Cleanup) {
    this.#session = session;
    this.#accounts = new AccountView(session, another, (element) => this.#guard(element));
    const draw = (): void => this.#draw();
    cleanup.add(session.offer.subscribe(draw));
    cleanup.add(session.code.subscribe(draw));
    cleanup.add(session.asking.subscribe(draw));
    cleanup.add(session.channel.health.subscribe(draw));
    cleanup.add(session.around.hello.subscribe(draw));
    let running: number | string | null = null;
    cleanup.add(
      session.job.subscribe((job) => {
        const now = isRunning(job) ? job.id : null;
        if (now === running) return;
        if (running !== null && job?.id === running) this.#ended(job.id, failedOf(job));
        running = now;
        draw();
      }, true),
    );
  }

  /** What just failed is shown without a press; what was known of an earlier try is not true any more. */
  #ended(id: number | string, failed: number): void {
    this.#finished = id;
    if (typeof id !== "number") return;
    this.#failures.delete(id);
    this.#open.delete(id);
    if (failed > 0) void this.#show(id);
  }

  #draw(): void {
    const { offer, job } = this.#session;
    if (offer.value === null) return;
    const running = isRunning(job.value) ? job.value.id : null;
    const past = offer.value.jobs.filter((run) => run.id !== running).map((run) => this.#newer(run));
    const latest = past.filter((run) => run.id === this.#finished && run.account !== null);
    const others = past.filter((run) => !latest.includes(run));
    this.latest.hidden = latest.length === 0 || running !== null;
    this.element.hidden = others.length === 0;
    keepFocus(this.latest, () => fill(this.latest, ...latest.map((run) => this.#run(run))));
    keepFocus(this.element, () =>
      fill(this.element, h("div", { class: "mp-title lr-strong" }, "Runs"), ...others.map((run) => this.#run(run))),
    );
  }

  /** The run as its last event told it: the list came before. */
  #newer(run: PastJob): PastJob {
    const job = this.#session.job.value;
    if (job === null || job.id !== run.id) return run;
    const { state, done, total, failed, account } = job;
    return { ...run, state, done, total, failed, account: account ?? run.account };
  }

  #run(run: PastJob): HTMLElement {
    const { code, job } = this.#session;
    const failures = this.#open.has(run.id) ? this.#failures.get(run.id) : undefined;
    const fresh = run.id === this.#finished && job.value?.id === run.id;
    // why a run failed as a whole is known for as long as its kernel lives
    const known = job.value?.id === run.id ? job.value : null;
    const why = known?.state === "failed" ? known.label : null;
    const line = fresh && code.value?.id === run.id ? code.value.line : null;
    const others = failedOf(run);
    return h(
      "div",
      { class: "mp-past-run", attrs: { role: "group", "aria-label": `${run.label}, ${when(run.started)}` } },
      h(
        "div",
        { class: "lr-row" },
        h("span", { class: "lr-cut lr-space", title: run.label }, run.label),
        h("span", { class: "lr-t3 mp-fixed" }, when(run.started)),
      ),
      h(
        "div",
        { class: "lr-row mp-past-row" },
        h(
          "span",
          { class: `lr-t2 ${run.account === null ? "lr-cut" : "mp-wrap"}` },
          this.#accounts.outcome(run, known),
        ),
        others > 0 && this.#failedButton(run, others),
        h("span", { class: "lr-space" }),
        run.resumable && !this.#session.readonly && this.#resumeButton(run),
      ),
      ...this.#accounts.lines(run),
      why !== null && h("div", { class: "lr-bad mp-wrap" }, why),
      failures && errorList(failures),
      line !== null && new CodeLine(this.#session.around.say, line).element,
    );
  }

  #failedButton(run: PastJob, count: number): HTMLButtonElement {
    const toggle = (): void => {
      if (this.#open.delete(run.id)) this.#draw();
      else void this.#show(run.id);
    };
    const element = button(`${number(count)} failed`, { kind: "link", onClick: toggle });
    setAttribute(element, "aria-expanded", this.#open.has(run.id));
    return element;
  }

  #resumeButton(run: PastJob): HTMLButtonElement {
    const element = button("Resume", { kind: "link", onClick: () => void this.#session.resume(run.id) });
    this.#guard(element);
    return element;
  }

  #guard(element: HTMLButtonElement): void {
    const { job, asking, channel } = this.#session;
    if (channel.health.value === "gone") enable(element, false, "The kernel is not answering");
    else if (isRunning(job.value) || asking.value) enable(element, false, "Another run is under way");
  }

  async #show(id: number): Promise<void> {
    const found = await this.#session.failures(id);
    if (found === null) return;
    this.#failures.set(id, found);
    this.#open.add(id);
    this.#draw();
  }
}

function errorList({ total, errors }: Failures): HTMLElement {
  const more = total - errors.length;
  return h(
    "ul",
    { class: "mp-errors", attrs: { "aria-label": "Images that failed" } },
    ...errors.map(({ name, message }) =>
      h("li", {}, h("div", { class: "lr-cut", title: name }, name), h("div", { class: "lr-t2 mp-wrap" }, message)),
    ),
    more > 0 && h("li", { class: "lr-t3" }, `and ${number(more)} more: project.failures`),
    total === 0 && h("li", { class: "lr-t2" }, "All of them were answered since."),
  );
}

import { type Channel, type Health, isAbort, KernelError } from "../../channel.ts";
import { fill, h, keepFocus, setAttribute, setText } from "../../dom.ts";
import { clock, counted, number, timeLeft } from "../../format.ts";
import { icon } from "../../icons.ts";
import { LEFT_EVENT } from "../../left.ts";
import type { Job } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { cameTo, failedOf, refusals, refusedOf, refusedQuery, spentOf } from "./account.ts";
import { button } from "./button.ts";
import { LeftBehind } from "./left-behind.ts";
import { SavedState } from "./saved-state.ts";
import { unsavedNotice } from "./unsaved.ts";

export interface StripInfo {
  /** What the strip says when there is nothing else: "98,412 images in my-dog". */
  rest: string;
  readonly: boolean;
  job: Job | null;
  savedAt: Date;
  /** Shows images that a query finds; missing where there is no gallery. */
  show?: ((query: string) => void) | undefined;
  /** Opens the models, with every run under way; missing where there are none. */
  models?: (() => void) | undefined;
}

/** The strip at the foot: kernel busy or gone, a job's progress, else where the project lies; and what is saved. */
export class StatusStrip {
  readonly element: HTMLElement;
  readonly #says = h("div", { class: "lr-strip-says" });
  readonly #channel: Channel;
  readonly #info: () => StripInfo;
  readonly #left: LeftBehind;
  #mode = "";
  #update: (() => void) | null = null;

  constructor(channel: Channel, info: () => StripInfo, cleanup: Cleanup) {
    this.#channel = channel;
    this.#info = info;
    this.element = h("div", { class: "lr-strip" }, this.#says, new SavedState(channel, cleanup).element);
    this.#left = new LeftBehind(channel, cleanup);
    cleanup.add(channel.left.subscribe(() => this.refresh()));
    globalThis.addEventListener(LEFT_EVENT, () => this.refresh(), { signal: cleanup.signal });
    cleanup.add(channel.health.subscribe(() => this.refresh()));
    cleanup.add(channel.waiting.subscribe(() => this.refresh()));
  }

  refresh(): void {
    const health = this.#channel.health.value;
    const { readonly, job } = this.#info();
    this.#channel.takeLeft();
    const left = this.#channel.left.value.length > 0;
    let mode = "rest";
    if (health === "gone") mode = `gone ${this.#channel.waiting.value}`;
    else if (health === "busy") mode = health;
    else if (readonly) mode = "readonly";
    else if (left) mode = "left";
    else if (job) mode = `job ${job.id} ${job.state} ${job.others ?? 0} ${refusedOf(job.account)}`;
    if (mode !== this.#mode) {
      this.#mode = mode;
      keepFocus(this.#says, () => this.#build(health, job));
    }
    this.#update?.();
  }

  /** The parts of a mode; `#update` then only writes what changes, so that a button stays the same under the pointer. */
  #build(health: Health, job: Job | null): void {
    this.element.classList.toggle("lr-strip-gone", health === "gone");
    setAttribute(this.element, "role", health === "gone" ? "alert" : null);
    if (health === "gone") this.#gone();
    else if (health === "busy") this.#busy();
    else if (this.#info().readonly) this.#readonly();
    else if (this.#channel.left.value.length > 0) this.#leftBehind();
    else if (job?.state === "stopped" || (job?.state === "done" && job.account)) this.#over(job);
    else if (job) this.#job(job);
    else this.#rest();
  }

  #gone(): void {
    const text = h("span", { class: "lr-cut lr-space" });
    const again = button("Try again", { small: true, onClick: () => this.#channel.retry() });
    const title = h("span", { class: "lr-strong" }, "Kernel not answering");
    fill(this.#says, icon("plug"), title, text, unsavedNotice(this.#channel), again);
    this.#update = () => {
      const saved = clock(this.#channel.savedUntil(this.#info().savedAt));
      write(text, `Showing what was loaded; editing is off. Everything up to ${saved} is saved.`);
    };
  }

  #busy(): void {
    const text = "Waiting: a cell is running. Edits are kept and saved after it.";
    const waiting = h("span", { class: "lr-t3" });
    const row = h(
      "span",
      { class: "lr-row lr-warn lr-space", title: text },
      icon("info"),
      h("span", { class: "lr-cut" }, text),
    );
    fill(this.#says, row, waiting);
    this.#update = () => {
      const changes = this.#channel.waiting.value;
      setText(waiting, changes > 0 ? `${counted(changes, "change")} waiting` : "");
    };
  }

  #readonly(): void {
    const text = "Read only: this project was made by a newer lorairo.";
    fill(this.#says, h("span", { class: "lr-row lr-warn" }, icon("info"), h("span", { class: "lr-cut" }, text)));
    this.#update = null;
  }

  #leftBehind(): void {
    fill(this.#says, this.#left.element);
    this.#update = null;
  }

  #rest(): void {
    const text = h("span", { class: "lr-cut lr-t3" });
    fill(this.#says, text);
    this.#update = () => write(text, this.#info().rest);
  }

  /** A run that ended: what came of it, and who refused what; kept until the next one. */
  #over(job: Job): void {
    const { account } = job;
    const { show, models } = this.#info();
    const done = job.state === "done" && account ? cameTo(account) : job.label;
    const text = h("span", { class: "lr-came lr-cut lr-t2", title: `${job.label}: ${done}` }, done);
    if (!account || refusedOf(account) === 0) fill(this.#says, text);
    else {
      const said = refusals(account).join(" ");
      fill(
        this.#says,
        text,
        h(
          "span",
          { class: "lr-row lr-warn lr-cut", title: said },
          icon("refused"),
          h("span", { class: "lr-cut" }, said),
        ),
        show && button("Show", { kind: "link", onClick: () => show(refusedQuery(account)) }),
        models && button("Use another model", { kind: "link", onClick: models }),
      );
    }
    this.#update = null;
  }

  /** The newest run has the strip; the list has them all. */
  #others(count: number): HTMLElement | false {
    const { models } = this.#info();
    const title = counted(count, "other run", "other runs");
    if (count === 0) return false;
    if (models) return button(`+${count}`, { kind: "quiet", small: true, title, onClick: models });
    return h("span", { class: "lr-t3", title }, `+${count}`);
  }

  #job({ id, label, state, others = 0, account }: Job): void {
    const fillBar = h("i");
    const meter = h(
      "span",
      { class: "lr-progress", attrs: { role: "progressbar", "aria-label": label, "aria-valuemin": 0 } },
      fillBar,
    );
    const [progress, failed, left] = [
      h("span"),
      h("span", { class: "lr-warn lr-wide-only" }),
      h("span", { class: "lr-t2 lr-wide-only" }),
    ];
    const stop =
      state === "running" &&
      button("Stop", { kind: "quiet", small: true, icon: "stop", onClick: () => this.#stop(id) });
    const name = h("span", { class: "lr-cut lr-t2", title: label }, label);
    const word = h("span", { class: "lr-t2" }, STATE_WORDS[state]);
    const spent = h("span", { class: "lr-t2 lr-wide-only" });
    const refused = refusedOf(account);
    const shield =
      refused > 0 && h("span", { class: "lr-row lr-warn lr-wide-only" }, icon("refused"), `${number(refused)} refused`);
    const space = h("span", { class: "lr-space" });
    fill(this.#says, name, meter, progress, failed, shield, spent, left, word, space, this.#others(others), stop);
    this.#update = () => {
      const { job } = this.#info();
      if (!job) return;
      const running = state === "running" || state === "stopping";
      // 100 % is shown when it is done, not a moment before
      const share = job.total ? Math.min(job.done / job.total, running ? 0.99 : 1) : 0;
      meter.hidden = job.total === null;
      setAttribute(meter, "aria-valuemax", job.total);
      setAttribute(meter, "aria-valuenow", job.done);
      fillBar.style.transform = `scaleX(${share})`;
      setText(progress, job.total === null ? number(job.done) : `${number(job.done)} of ${number(job.total)}`);
      const broken = failedOf(job);
      setText(failed, broken > 0 ? `${number(broken)} failed` : "");
      setText(spent, spentOf(job));
      setText(left, running && job.seconds_left !== null ? timeLeft(job.seconds_left) : "");
    };
  }

  #stop(id: Job["id"]): void {
    this.#channel.request("job.cancel", { id }).catch((error: unknown) => {
      // Refused: it ended meanwhile, and its own event says so.
      if (!(isAbort(error) || error instanceof KernelError)) throw error;
    });
  }
}

const STATE_WORDS: Readonly<Record<Job["state"], string>> = {
  running: "",
  stopping: "Stopping after this batch",
  stopped: "Stopped",
  done: "Done",
  failed: "Failed",
  interrupted: "Interrupted",
};

function write(element: HTMLElement, text: string): void {
  setText(element, text);
  element.title = text;
}

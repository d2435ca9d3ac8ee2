import type { Channel } from "../../channel.ts";
import { fill, h, setAttribute } from "../../dom.ts";
import { clock, counted, number, timeLeft } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Job } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "./button.ts";

export interface StripInfo {
  /** What the strip says when there is nothing else: "98,412 images in my-dog". */
  rest: string;
  readonly: boolean;
  job: Job | null;
  savedAt: Date;
}

/** The strip at the foot: kernel busy or gone, a job's progress, else where the project lies. */
export class StatusStrip {
  readonly element = h("div", { class: "lr-strip" });
  readonly #channel: Channel;
  readonly #info: () => StripInfo;

  constructor(channel: Channel, info: () => StripInfo, cleanup: Cleanup) {
    this.#channel = channel;
    this.#info = info;
    cleanup.add(channel.health.subscribe(() => this.refresh()));
    cleanup.add(channel.waiting.subscribe(() => this.refresh()));
  }

  refresh(): void {
    const health = this.#channel.health.value;
    this.element.classList.toggle("lr-strip-gone", health === "gone");
    setAttribute(this.element, "role", health === "gone" ? "alert" : null);
    if (health === "gone") this.#gone();
    else if (health === "busy") this.#busy();
    else this.#normal();
  }

  #gone(): void {
    const text = `Showing what was loaded; editing is off. Everything up to ${clock(this.#info().savedAt)} is saved.`;
    fill(
      this.element,
      icon("plug"),
      h("span", { class: "lr-strong" }, "Kernel not answering"),
      h("span", { class: "lr-cut lr-space", title: text }, text),
      button("Try again", { small: true, onClick: () => this.#channel.retry() }),
    );
  }

  #busy(): void {
    const text = "Waiting: a cell is running. Edits are kept and saved after it.";
    const waiting = this.#channel.waiting.value;
    fill(
      this.element,
      h("span", { class: "lr-row lr-warn lr-space", title: text }, icon("info"), h("span", { class: "lr-cut" }, text)),
      waiting > 0 && h("span", { class: "lr-t3" }, `${counted(waiting, "change")} waiting`),
    );
  }

  #normal(): void {
    const { rest, readonly, job } = this.#info();
    if (readonly) {
      const text = "Read only: this project was made by a newer lorairo.";
      fill(this.element, h("span", { class: "lr-row lr-warn" }, icon("info"), h("span", { class: "lr-cut" }, text)));
    } else if (job) this.#job(job);
    else fill(this.element, h("span", { class: "lr-cut lr-t3", title: rest }, rest));
  }

  #job(job: Job): void {
    const running = job.state === "running" || job.state === "stopping";
    const words = {
      running: "",
      stopping: "Stopping after this batch",
      stopped: "Stopped",
      done: "Done",
      failed: "Failed",
      interrupted: "Interrupted",
    };
    const progress = job.total === null ? number(job.done) : `${number(job.done)} of ${number(job.total)}`;
    const meter = h("span", {
      class: "lr-progress",
      attrs: {
        role: "progressbar",
        "aria-label": job.label,
        "aria-valuemin": 0,
        "aria-valuemax": job.total,
        "aria-valuenow": job.done,
      },
    });
    // 100 % is shown when it is done, not a moment before
    const share = job.total ? Math.min(job.done / job.total, running ? 0.99 : 1) : 0;
    meter.append(h("i", { style: { transform: `scaleX(${share})` } }));
    fill(
      this.element,
      h("span", { class: "lr-cut lr-t2", title: job.label }, job.label),
      job.total !== null && meter,
      h("span", {}, progress),
      job.failed > 0 && h("span", { class: "lr-warn" }, `${number(job.failed)} rejected`),
      running && job.seconds_left !== null && h("span", { class: "lr-t2 lr-wide-only" }, timeLeft(job.seconds_left)),
      words[job.state] && h("span", { class: "lr-t2" }, words[job.state]),
      h("span", { class: "lr-space" }),
      job.state === "running" &&
        button("Stop", { kind: "quiet", small: true, icon: "stop", onClick: () => this.#stop(job) }),
    );
  }

  #stop(job: Job): void {
    // Refused or not, the job's own events say what became of it.
    this.#channel.request("job.cancel", { id: job.id }).catch(() => undefined);
  }
}

import { fill, h } from "../../dom.ts";
import { clock, counted } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import { SavedState } from "../shared/saved-state.ts";
import type { Toast } from "../shared/toast.ts";
import { unsavedNotice } from "../shared/unsaved.ts";
import type { Session } from "./session.ts";

/** The last row: what the kernel is doing, else what was just done, with its Undo. */
export class Footer {
  readonly element: HTMLElement;
  readonly #state = h("div", { class: "te-state lr-row" });
  readonly #alert = h("div", { class: "lr-hidden", attrs: { role: "alert" } });
  readonly #session: Session;
  readonly #toast: Toast;
  #answered = new Date();
  #failure: string | null = null;
  #drawn = "";

  constructor(session: Session, toast: Toast, cleanup: Cleanup) {
    this.#session = session;
    this.#toast = toast;
    this.element = h(
      "div",
      { class: "te-footer" },
      this.#state,
      toast.element,
      h("span", { class: "lr-space" }),
      new SavedState(session.channel, cleanup).element,
      this.#alert,
    );
    cleanup.add(session.channel.waiting.subscribe(() => this.draw()));
    cleanup.add(toast.shown.subscribe(() => this.draw()));
  }

  draw(failure: string | null = this.#failure): void {
    this.#failure = failure;
    const { channel, readonly, follow } = this.#session;
    const health = channel.health.value;
    if (health === "ready") this.#answered = new Date();
    if (channel.mismatch.value) this.#show("amber", "Reload the page: it holds another version of lorairo.", false);
    else if (health === "gone") {
      const saved = clock(channel.savedUntil(this.#answered));
      this.#show("amber", `Kernel not answering. Editing is off; everything up to ${saved} is saved.`, true);
    } else if (health === "busy") {
      const waiting = channel.waiting.value;
      const text = "Waiting: a cell is running. Edits are kept and saved after it.";
      const more = waiting > 0 && h("span", { class: "te-fixed lr-strong" }, `${counted(waiting, "change")} waiting`);
      this.#show("amber", text, false, more);
    } else if (failure !== null) this.#show("bad", failure, true);
    else if (readonly) this.#show("plain", "Read only: this project was made by a newer lorairo.", false);
    else this.#show("plain", follow.hello.value === null ? "Waiting for the kernel" : "", false);
    // The style hides a toast beside an amber state: who waits for the kernel needs no word of an edit before it.
    this.#state.hidden = this.#drawn.endsWith("|") || (this.#toast.shown.value && !this.#drawn.startsWith("amber"));
  }

  #show(kind: "amber" | "bad" | "plain", text: string, retry: boolean, more: HTMLElement | false = false): void {
    const { health, waiting } = this.#session.channel;
    const silent = health.value === "ready" ? "" : `${health.value} ${waiting.value}`;
    const drawn = `${kind}|${silent}${text}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.dataset.state = kind;
    const again = (): void => {
      if (this.#session.channel.health.value === "gone") this.#session.channel.retry();
      else void this.#session.follow.refresh();
    };
    fill(
      this.#state,
      h("span", { class: "lr-cut", title: text }, text),
      more,
      health.value === "gone" && unsavedNotice(this.#session.channel),
      retry && button("Try again", { kind: "link", onClick: again }),
    );
    this.#alert.textContent = retry ? text : "";
  }
}

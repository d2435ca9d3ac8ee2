import type { Channel } from "../../channel.ts";
import { h, setAttribute, setText } from "../../dom.ts";
import { clock } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";

/**
 * Whether the changes made here are saved: `Saving`, `Saved`, or `Not saved` with the reason. Its place is reserved, so
 * nothing moves when it speaks; while the kernel is silent the words beside it say more.
 */
export class SavedState {
  readonly element = h("span", { class: "lr-saved lr-cut" });
  readonly #channel: Channel;

  constructor(channel: Channel, cleanup: Cleanup) {
    this.#channel = channel;
    for (const signal of [channel.waiting, channel.outcome, channel.health]) {
      cleanup.add((signal as { subscribe(listener: () => void): () => void }).subscribe(() => this.#draw()));
    }
    this.#draw();
  }

  #draw(): void {
    const { health, waiting, outcome } = this.#channel;
    let state: "quiet" | "saving" | "saved" | "failed" = "quiet";
    let [text, title] = ["", ""];
    if (health.value !== "ready") state = "quiet";
    else if (waiting.value > 0) [state, text] = ["saving", "Saving"];
    else if (outcome.value && "refused" in outcome.value) {
      [state, text] = ["failed", `Not saved: ${outcome.value.refused}`];
      title = text;
    } else if (outcome.value) {
      [state, text, title] = ["saved", "Saved", `Saved at ${clock(outcome.value.saved)}`];
    }
    setText(this.element, text);
    setAttribute(this.element, "data-state", state);
    this.element.title = title;
  }
}

import { type Channel, isAbort, KernelError } from "../../channel.ts";
import { h, keepFocus, setAttribute } from "../../dom.ts";
import type { Cleanup } from "../../signal.ts";
import { Roving } from "../shared/roving.ts";
import { SLOTS, slots } from "./recent.ts";

/** The tags given last, each with a number: pressed, one goes onto the image or off it. */
export class NumberKeys {
  readonly element = h("div", { class: "ps-recent", attrs: { role: "toolbar", "aria-label": "Recent tags" } });
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #onPress: (tag: string, on: boolean) => void;
  readonly #roving: Roving;
  #tags: string[] = [];
  #on: ReadonlySet<string> = new Set();
  #why = "";

  constructor(channel: Channel, cleanup: Cleanup, onPress: (tag: string, on: boolean) => void) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#onPress = onPress;
    this.#roving = new Roving(this.element, cleanup);
  }

  /** Asks which were given last. */
  async reload(): Promise<void> {
    try {
      const { ok } = await this.#channel.request("tags.recent", { limit: SLOTS }, this.#cleanup.signal);
      this.#tags = slots(this.#tags, ok.pinned, ok.recent);
      this.#draw();
    } catch (error) {
      if (!(isAbort(error) || error instanceof KernelError)) throw error; // without them nothing is lost
    }
  }

  /** @param tags those of the image shown */
  show(tags: readonly string[], why: string): void {
    this.#on = new Set(tags);
    this.#why = why;
    this.#draw();
  }

  press(digit: number): void {
    const tag = this.#tags[digit - 1];
    if (tag !== undefined && this.#why === "") this.#onPress(tag, !this.#on.has(tag));
  }

  #draw(): void {
    keepFocus(this.element, () => {
      this.element.replaceChildren(
        ...(this.#tags.length > 0
          ? this.#tags.map((tag, at) => this.#key(tag, at + 1))
          : [h("span", { class: "lr-t3" }, "Tags you add get the keys 1 to 9.")]),
      );
    });
    this.#roving.refresh();
  }

  #key(tag: string, digit: number): HTMLElement {
    const on = this.#on.has(tag);
    const element = h(
      "button",
      {
        class: "ps-key",
        title: this.#why || `${on ? "Remove" : "Add"} ${tag} (${digit})`,
        attrs: { type: "button", "aria-pressed": on, "aria-keyshortcuts": digit },
      },
      h("kbd", { class: "lr-kbd", attrs: { "aria-hidden": "true" } }, digit),
      h("span", { class: "lr-cut" }, tag),
    );
    setAttribute(element, "aria-disabled", this.#why === "" ? null : true);
    element.addEventListener("click", () => this.press(digit));
    return element;
  }
}

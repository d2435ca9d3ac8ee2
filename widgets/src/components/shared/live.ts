import { h } from "../../dom.ts";
import type { Cleanup, Dispose } from "../../signal.ts";

const AT_MOST_EVERY = 1000;

/** One polite live region per widget, and an assertive one for errors. Polite messages: at most one a second, the last wins. */
export class Live {
  readonly element: HTMLElement;
  readonly #polite = h("div", { attrs: { role: "status", "aria-live": "polite" } });
  readonly #alert = h("div", { attrs: { role: "alert" } });
  readonly #cleanup: Cleanup;
  #next = "";
  #cancel: Dispose | null = null;

  constructor(cleanup: Cleanup) {
    this.#cleanup = cleanup;
    this.element = h("div", { class: "lr-hidden" }, this.#polite, this.#alert);
  }

  say(text: string): void {
    this.#next = text;
    if (this.#cancel) return;
    this.#polite.textContent = text;
    this.#cancel = this.#cleanup.after(AT_MOST_EVERY, () => {
      this.#cancel = null;
      if (this.#polite.textContent !== this.#next) this.say(this.#next);
    });
  }

  alert(text: string): void {
    this.#alert.textContent = text;
  }
}

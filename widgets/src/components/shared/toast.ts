import { fill, h, keepFocus } from "../../dom.ts";
import { type Cleanup, type Dispose, Signal } from "../../signal.ts";
import { button } from "./button.ts";
import type { Live } from "./live.ts";

export interface ToastAction {
  label: string;
  run(): void;
}

const SHOWN_MS = 8000;

/** What just happened, with its Undo: 8 s, paused while hovered or focused, replaced by the next, never stacked. */
export class Toast {
  readonly element = h("div", { class: "lr-toast", attrs: { hidden: true } });
  readonly shown = new Signal(false);
  readonly #cleanup: Cleanup;
  readonly #live: Live;
  #cancel: Dispose | null = null;

  constructor(cleanup: Cleanup, live: Live) {
    this.#cleanup = cleanup;
    this.#live = live;
    for (const type of ["pointerenter", "focusin"] as const) cleanup.listen(this.element, type, () => this.#pause());
    for (const type of ["pointerleave", "focusout"] as const) cleanup.listen(this.element, type, () => this.#resume());
  }

  show(text: string, action: ToastAction | null = null, bad = false): void {
    keepFocus(this.element, () =>
      fill(
        this.element,
        h("span", { class: "lr-cut", title: text }, text),
        action && button(action.label, { kind: "link", onClick: action.run }),
      ),
    );
    this.element.classList.toggle("lr-toast-bad", bad);
    this.element.hidden = false;
    this.shown.value = true;
    if (bad) this.#live.alert(text);
    else this.#live.say(text);
    this.#resume();
  }

  hide(): void {
    this.#pause();
    keepFocus(this.element, () => {
      this.element.hidden = true;
    });
    this.shown.value = false;
  }

  #pause(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #resume(): void {
    this.#pause();
    if (this.element.hidden || this.element.matches(":hover, :focus-within")) return;
    this.#cancel = this.#cleanup.after(SHOWN_MS, () => this.hide());
  }
}

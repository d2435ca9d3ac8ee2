import "./preview-panel.css";
import { isAbort } from "../../channel.ts";
import { fill, h, setAttribute, setText, uniqueId } from "../../dom.ts";
import { type Cleanup, type Dispose, Signal } from "../../signal.ts";
import { button, enable, iconButton } from "../shared/button.ts";
import { reason } from "./session.ts";

const CALM_MS = 250;

/** What an action would do: in words, row by row, and on the button that does it. */
export interface Preview {
  readonly changed: number;
  readonly text: string;
  readonly rows: readonly HTMLElement[];
  readonly press: string;
}

export interface PreviewOptions {
  readonly label: string;
  readonly fields: readonly HTMLElement[];
  /** Where typing begins. */
  readonly first: HTMLElement;
  /** On the button while there is nothing to do. */
  readonly press: string;
  /** Why nothing can be asked yet, in words; null when it can. */
  missing(): string | null;
  ask(signal: AbortSignal): Promise<Preview>;
  /** Does it; true when it was done. */
  apply(): Promise<boolean>;
}

/** A panel that shows what would happen while its fields are filled, and does it at the press of its button. */
export class PreviewPanel {
  readonly element: HTMLElement;
  readonly open = new Signal(false);
  readonly #cleanup: Cleanup;
  readonly #options: PreviewOptions;
  readonly #title = h("span", { class: "lr-strong lr-cut" });
  readonly #state = h("div", { class: "te-panel-state lr-t2", attrs: { "aria-live": "polite" } });
  readonly #rows = h("div", { class: "te-diffs", attrs: { role: "list" } });
  readonly #apply: HTMLButtonElement;
  #calm: Dispose | null = null;
  #asking: AbortController | null = null;
  #preview: Preview | null = null;
  #subject: object | null = null;
  #back: HTMLElement | null = null;
  #why = "";

  constructor(options: PreviewOptions, cleanup: Cleanup) {
    this.#options = options;
    this.#cleanup = cleanup;
    this.#apply = button(options.press, { kind: "primary", onClick: () => void this.#do() });
    this.element = h(
      "section",
      { class: "te-panel", attrs: { "aria-label": options.label, hidden: true } },
      h(
        "div",
        { class: "te-panel-head" },
        this.#title,
        h("span", { class: "lr-space" }),
        iconButton("close", "Close (Esc)", () => this.close(), { small: true }),
      ),
      h("div", { class: "te-panel-fields" }, ...options.fields),
      this.#state,
      this.#rows,
      h("div", { class: "te-panel-foot" }, h("span", { class: "lr-space" }), this.#apply),
    );
    cleanup.listen(this.element, "input", () => this.#later());
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.add(() => this.#asking?.abort());
  }

  /** @param from the button that opens it, which has the keyboard again after it. */
  toggle(from: HTMLElement): void {
    if (this.open.value) this.close();
    else {
      this.#back = from;
      this.open.value = true;
      this.element.hidden = false;
      this.#later();
      this.#options.first.focus();
    }
  }

  close(): void {
    if (!this.open.value) return;
    const held = this.element.contains(document.activeElement) || this.element.matches(":focus-within");
    this.element.hidden = true;
    this.open.value = false;
    this.#asking?.abort();
    if (held) this.#back?.focus();
  }

  /** After a change of what it is about; `why` says in words why nothing may be written. */
  refresh(title: string, subject: object | null, why: string): void {
    setText(this.#title, title);
    const changed = subject !== this.#subject || why !== this.#why;
    this.#subject = subject;
    this.#why = why;
    if (changed && this.open.value) this.#later();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.#do();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #later(): void {
    this.#preview = null;
    this.#calm?.();
    this.#asking?.abort();
    this.#calm = this.#cleanup.after(CALM_MS, () => void this.#ask());
    this.#say(this.#options.missing() ?? "Looking", true);
  }

  async #ask(): Promise<void> {
    if (this.#options.missing() !== null || !this.open.value) {
      fill(this.#rows);
      return;
    }
    const abort = new AbortController();
    this.#asking = abort;
    try {
      const preview = await this.#options.ask(abort.signal);
      if (abort.signal.aborted) return;
      this.#preview = preview;
      this.#say(preview.text);
      fill(this.#rows, ...preview.rows);
    } catch (error) {
      if (isAbort(error)) return;
      fill(this.#rows);
      this.#say(reason(error), false, true);
    }
  }

  /** `waiting` keeps what is shown until the new preview is there. */
  #say(text: string, waiting = false, bad = false): void {
    setText(this.#state, text);
    this.#state.classList.toggle("te-bad", bad);
    setAttribute(this.element, "data-waiting", waiting);
    const changed = this.#preview?.changed ?? 0;
    const label = this.#apply.firstElementChild;
    if (label) setText(label, this.#preview && changed > 0 ? this.#preview.press : this.#options.press);
    this.#apply.title = "";
    enable(this.#apply, changed > 0 && this.#why === "", this.#why || "Nothing to write yet");
  }

  async #do(): Promise<void> {
    if (!this.#preview || this.#preview.changed === 0 || this.#why !== "") return;
    if (await this.#options.apply()) this.close();
  }
}

export function panelField(placeholder = ""): HTMLInputElement {
  return h("input", {
    class: "lr-input",
    attrs: {
      type: "text",
      id: uniqueId("field"),
      spellcheck: "false",
      autocomplete: "off",
      maxlength: 2000,
      placeholder,
    },
  });
}

export function labelled(text: string, input: HTMLElement): HTMLElement {
  return h(
    "div",
    { class: "te-labelled" },
    h("label", { class: "lr-t2", attrs: { for: input.id } }, text),
    h("div", { class: "lr-field" }, input),
  );
}

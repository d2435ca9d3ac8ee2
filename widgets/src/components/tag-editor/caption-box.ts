import { isAbort } from "../../channel.ts";
import { fill, h, setAttribute, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Details } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { button } from "../shared/button.ts";
import * as draft from "./caption-draft.ts";
import { reason, type Session } from "./session.ts";

const CALM_MS = 900;

/** The caption of one image: saved by itself after a moment of calm, on leaving the box and on Ctrl-Enter. */
export class CaptionBox {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #text: HTMLTextAreaElement;
  readonly #variant = h("span", { class: "lr-t3 lr-cut" });
  readonly #meter = h("span", { class: "te-tokens", attrs: { hidden: true } });
  readonly #source = h("span", { class: "te-caption-source lr-cut" });
  readonly #state = h("span", { class: "te-caption-state", attrs: { "aria-live": "polite" } });
  #draft = draft.CLOSED;
  #variantName = "default";
  #calm: Dispose | null = null;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
    this.#text = h("textarea", {
      class: "te-caption-text",
      attrs: { "aria-label": "Caption", rows: 4, placeholder: "No caption", spellcheck: "true" },
    });
    this.element = h(
      "section",
      { class: "te-block", attrs: { "aria-label": "Caption" } },
      h(
        "div",
        { class: "te-head" },
        h("span", { class: "lr-strong" }, "Caption"),
        this.#variant,
        h("span", { class: "lr-space" }),
        this.#meter,
      ),
      this.#text,
      h("div", { class: "te-caption-foot" }, this.#source, h("span", { class: "lr-space" }), this.#state),
    );
    cleanup.listen(this.#text, "input", () => this.#step({ type: "typed", text: this.#text.value }));
    cleanup.listen(this.#text, "blur", () => this.#step({ type: "flush" }));
    cleanup.listen(this.#text, "keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#step({ type: "flush" });
      else if (event.key !== "Escape" || event.isComposing) return;
      else this.#text.blur();
      event.preventDefault();
      event.stopPropagation();
    });
    // Leaving the page must not lose what was typed a moment ago.
    cleanup.add(() => this.#step({ type: "flush" }));
    cleanup.add(session.channel.health.subscribe(() => this.#draw()));
  }

  focus(): void {
    this.#text.focus();
  }

  /** Shows an image's caption; null closes the box, its draft is saved. */
  show(details: Details | null, enabled: boolean): void {
    const caption = details?.caption;
    this.#variantName = caption?.variant ?? "default";
    this.#text.readOnly = !enabled;
    setText(this.#variant, this.#variantName);
    this.#showTokens(caption?.tokens ?? null);
    this.#showSource(caption?.source ?? null);
    this.#step({ type: "open", id: details?.id ?? null, text: caption?.text ?? "" });
  }

  #showTokens(tokens: NonNullable<Details["caption"]["tokens"]> | null): void {
    this.#meter.hidden = tokens === null;
    if (tokens === null) return;
    const over = tokens.used > tokens.limit;
    const share = Math.min(1, tokens.used / Math.max(1, tokens.limit));
    const words = `${number(tokens.used)} of ${number(tokens.limit)} tokens`;
    this.#meter.title = over ? `${words}: the rest is not read` : words;
    setAttribute(this.#meter, "aria-label", words);
    this.#meter.classList.toggle("te-tokens-over", over);
    fill(
      this.#meter,
      over && icon("warning", 12),
      h("span", { class: "te-meter" }, h("span", { class: "te-meter-fill", style: { transform: `scaleX(${share})` } })),
      `${number(tokens.used)} / ${number(tokens.limit)}`,
    );
  }

  #showSource(source: string | null): void {
    const byHand = source === "hand" || source === "you";
    if (source === null) fill(this.#source);
    else fill(this.#source, byHand && icon("person", 12), byHand ? "edited by hand" : `by ${source}`);
    this.#source.title = this.#source.textContent ?? "";
  }

  #step(event: draft.Event): void {
    const before = this.#draft;
    const { draft: next, save, timer } = draft.step(before, event);
    this.#draft = next;
    if (timer !== "keep") this.#calm?.();
    if (timer === "start") this.#calm = this.#cleanup.after(CALM_MS, () => this.#step({ type: "calm" }));
    if (this.#text.value !== next.text) this.#text.value = next.text;
    this.#draw();
    if (save) void this.#save(save.id, save.text, this.#variantName);
  }

  async #save(id: number, text: string, variant: string): Promise<void> {
    try {
      await this.#session.save(id, text, variant);
      this.#step({ type: "saved", id, text });
    } catch (error) {
      if (isAbort(error)) return;
      const message = reason(error);
      if (this.#draft.id === id) this.#step({ type: "failed", id, message });
      else {
        const retry = { label: "Retry", run: () => void this.#save(id, text, variant) };
        this.#session.toast.show(`Could not save a caption: ${message}`, retry, true);
      }
    }
  }

  #draw(): void {
    const { phase, error, text, stored } = this.#draft;
    // Counted by the kernel's tokenizer: unknown for text that it has not seen.
    this.#meter.classList.toggle("te-tokens-stale", text !== stored);
    this.element.classList.toggle("te-caption-bad", phase === "failed");
    if (phase === "failed") {
      fill(
        this.#state,
        h("span", { class: "te-bad" }, "Not saved:"),
        button("try again", { kind: "link", title: error ?? "", onClick: () => this.#step({ type: "flush" }) }),
      );
    } else if (phase === "saved") fill(this.#state, icon("check", 12), "Saved");
    else if (phase === "saving") {
      fill(this.#state, this.#session.channel.health.value === "ready" ? "Saving" : "Saved when the kernel is free");
    } else fill(this.#state, phase === "dirty" ? "Not saved yet" : "");
  }
}

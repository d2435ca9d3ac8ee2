import { isAbort } from "../../channel.ts";
import { fill, h } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { Details } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { button } from "../shared/button.ts";
import type { Menu } from "../shared/menu.ts";
import * as draft from "./caption-draft.ts";
import { CaptionSaid } from "./caption-said.ts";
import { CaptionText } from "./caption-text.ts";
import { authorWords } from "./describe.ts";
import { reason, type Session } from "./session.ts";
import { TokenMeter } from "./token-meter.ts";
import { VariantSwitch } from "./variant-switch.ts";

const CALM_MS = 900;

/** The caption of one image: saved by itself after a moment of calm, on leaving the box and on Ctrl-Enter. */
export class CaptionBox {
  readonly element: HTMLElement;
  /** Opens what models said, sentence by sentence; hidden where none said anything. */
  readonly sentences: HTMLButtonElement;
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #text: CaptionText;
  readonly #variant: VariantSwitch;
  readonly #meter: TokenMeter;
  readonly #said: CaptionSaid;
  readonly #source = h("span", { class: "te-caption-source lr-cut" });
  readonly #state = h("span", { class: "te-caption-state", attrs: { "aria-live": "polite" } });
  #draft = draft.CLOSED;
  #variantName = "default";
  #details: Details | null = null;
  #calm: Dispose | null = null;

  /** @param judge opens the panel of sentences */
  constructor(session: Session, menu: Menu, cleanup: Cleanup, judge: (from: HTMLElement) => void) {
    this.#session = session;
    this.sentences = button("Sentences", {
      kind: "link",
      title: "What models said, sentence by sentence",
      onClick: () => judge(this.sentences),
    });
    this.#cleanup = cleanup;
    this.#text = new CaptionText(cleanup);
    this.#variant = new VariantSwitch(menu, (name) => session.chooseVariant(name), cleanup);
    this.#meter = new TokenMeter(session, (at) => this.#text.mark(at), cleanup);
    this.#said = new CaptionSaid(menu, (text) => this.#take(text));
    this.element = h(
      "section",
      { class: "te-block", attrs: { "aria-label": "Caption" } },
      h(
        "div",
        { class: "te-head" },
        h("span", { class: "lr-strong" }, "Caption"),
        this.#variant.element,
        h("span", { class: "lr-space" }),
        this.#meter.element,
      ),
      this.#text.element,
      h(
        "div",
        { class: "te-caption-foot" },
        this.#source,
        this.sentences,
        this.#said.press,
        h("span", { class: "lr-space" }),
        this.#state,
      ),
      this.#said.element,
    );
    const { field } = this.#text;
    cleanup.listen(field, "input", () => this.#step({ type: "typed", text: field.value }));
    cleanup.listen(field, "blur", () => this.#step({ type: "flush" }));
    cleanup.listen(field, "keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#step({ type: "flush" });
      else if (event.key !== "Escape" || event.isComposing) return;
      else field.blur();
      event.preventDefault();
      event.stopPropagation();
    });
    // Leaving the page must not lose what was typed a moment ago.
    cleanup.add(() => this.#step({ type: "flush" }));
    cleanup.add(session.channel.health.subscribe(() => this.#draw()));
  }

  focus(): void {
    this.#text.field.focus();
  }

  /** Shows an image's caption; null closes the box, its draft is saved. */
  show(details: Details | null, enabled: boolean): void {
    const caption = details?.caption;
    const variant = caption?.variant ?? "default";
    // Another variant is another text: what was typed is saved under its own name first.
    if (variant !== this.#variantName) this.#step({ type: "open", id: null, text: "" });
    this.#variantName = variant;
    this.#details = details;
    this.#text.field.readOnly = !enabled;
    this.#text.field.placeholder = variant === "default" ? "No caption" : `No caption named ${variant}`;
    this.#variant.show(caption ?? null, enabled);
    this.sentences.hidden = !caption?.sentences.length;
    this.#showSource(caption?.source ?? null);
    this.#step({ type: "open", id: details?.id ?? null, text: caption?.text ?? "" });
  }

  /** Takes over what somebody else wrote. */
  #take(text: string): void {
    this.#step({ type: "typed", text });
    this.#step({ type: "flush" });
    this.focus();
  }

  #showSource(source: string | null): void {
    if (source === null) fill(this.#source);
    else fill(this.#source, source === "hand" && icon("person", 12), writtenWords(source));
    this.#source.title = this.#source.textContent ?? "";
  }

  #step(event: draft.Event): void {
    const before = this.#draft;
    const { draft: next, save, timer } = draft.step(before, event);
    this.#draft = next;
    if (timer !== "keep") this.#calm?.();
    if (timer === "start") this.#calm = this.#cleanup.after(CALM_MS, () => this.#step({ type: "calm" }));
    this.#text.write(next.text);
    this.#meter.count(next.text);
    this.#draw();
    if (save) void this.#save(save.id, save.text, this.#variantName);
  }

  async #save(id: number, text: string, variant: string): Promise<void> {
    try {
      await this.#session.save(id, text, variant);
      if (this.#isShown(id, variant)) this.#step({ type: "saved", id, text });
    } catch (error) {
      if (isAbort(error)) return;
      const message = reason(error);
      if (this.#isShown(id, variant)) this.#step({ type: "failed", id, message });
      else {
        const retry = { label: "Retry", run: () => void this.#save(id, text, variant) };
        this.#session.toast.show(`Could not save a caption: ${message}`, retry, true);
      }
    }
  }

  #isShown(id: number, variant: string): boolean {
    return this.#draft.id === id && this.#variantName === variant;
  }

  #draw(): void {
    const { phase, error, text } = this.#draft;
    this.#said.show(this.#details?.caption.said ?? [], text, !this.#text.field.readOnly);
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

/** `edited by hand`, `by blip`. */
function writtenWords(source: string): string {
  return source === "hand" ? "edited by hand" : authorWords(source);
}

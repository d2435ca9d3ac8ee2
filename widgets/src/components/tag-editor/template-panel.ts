import { h } from "../../dom.ts";
import { counted } from "../../format.ts";
import { type Composed, MAX_COMPOSED } from "../../protocol/tagging.ts";
import type { Target } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { diffPieces } from "./diff-view.ts";
import { labelled, type Preview, PreviewPanel, panelField } from "./preview-panel.ts";
import type { Session } from "./session.ts";
import { tokenText, tokenWords } from "./token-meter.ts";

/** What is written from a template. */
export interface Composing {
  readonly target: Target;
  readonly count: number;
  /** Some of the images, for the preview. */
  readonly ids: readonly number[];
}

/** Captions from a template that joins trigger, tags and prose: as they would be, while it is typed. */
export class TemplatePanel {
  readonly panel: PreviewPanel;
  readonly #session: Session;
  readonly #template = panelField("{trigger}, {caption}, {tags}");
  readonly #variant = panelField("default");
  #subject: Composing | null = null;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#variant.maxLength = 60;
    this.panel = new PreviewPanel(
      {
        label: "Captions from a template",
        fields: [labelled("Template", this.#template), labelled("Variant", this.#variant)],
        first: this.#template,
        press: "Write captions",
        missing: () => (this.#template.value.trim() === "" ? "Type a template, such as {trigger}, {tags}." : null),
        ask: (signal) => this.#ask(signal),
        apply: () => this.#apply(),
      },
      cleanup,
    );
  }

  /** @param subject what would be written; null where nothing is shown */
  refresh(subject: Composing | null, state: object | null, why: string): void {
    this.#subject = subject;
    this.#variant.placeholder = this.#session.variant.value;
    this.panel.refresh(`Captions of ${counted(subject?.count ?? 0, "image")} from a template`, state, why);
  }

  get #question(): { template: string; variant: string } {
    return { template: this.#template.value, variant: this.#variant.value.trim() || this.#session.variant.value };
  }

  async #ask(signal: AbortSignal): Promise<Preview> {
    const { ids, count } = this.#subject ?? { ids: [], count: 0 };
    const asked = { ...this.#question, ids: ids.slice(0, MAX_COMPOSED) };
    const { samples } = (await this.#session.channel.request("captions.compose", asked, signal)).ok;
    return {
      changed: count,
      text: `The variant ${asked.variant} would read${samples.length < count ? ", for example:" : ":"}`,
      rows: samples.map(row),
      press: `Write ${counted(count, "caption")}`,
    };
  }

  async #apply(): Promise<boolean> {
    const target = this.#subject?.target;
    if (target === undefined) return false;
    const made = await this.#session.edit(target, { action: "captions.compose", ...this.#question });
    if (made) this.#session.chooseVariant(this.#question.variant);
    return made;
  }
}

function row({ before, after, tokens }: Composed): HTMLElement {
  return h(
    "div",
    { class: "te-diff", attrs: { role: "listitem" } },
    tokens &&
      h(
        "span",
        { class: `te-diff-tokens${tokens.count > tokens.limit ? " te-tokens-over" : ""}`, title: tokenWords(tokens) },
        tokenText(tokens),
      ),
    ...(after === "" ? [h("span", { class: "lr-t3" }, "empty")] : diffPieces(before ?? "", after, true)),
  );
}

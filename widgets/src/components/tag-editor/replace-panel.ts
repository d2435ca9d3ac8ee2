import { h } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { TagsOk } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { diffPieces } from "./diff-view.ts";
import { labelled, type Preview, PreviewPanel, panelField } from "./preview-panel.ts";
import type { Session } from "./session.ts";

/** Find and replace in the captions of the selected images, with a preview of what changes, word by word. */
export class ReplacePanel {
  readonly panel: PreviewPanel;
  readonly #session: Session;
  readonly #find = panelField();
  readonly #by = panelField();
  readonly #regex = h("input", { attrs: { type: "checkbox" } });

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    const check = h(
      "label",
      { class: "te-check" },
      this.#regex,
      h("span", {}, "Find is a pattern (regular expression)"),
    );
    this.panel = new PreviewPanel(
      {
        label: "Find and replace in captions",
        fields: [labelled("Find", this.#find), labelled("Replace by", this.#by), check],
        first: this.#find,
        press: "Replace",
        missing: () => (this.#find.value === "" ? "Type what to find." : null),
        ask: (signal) => this.#ask(signal),
        apply: () => session.edit("selected", { action: "captions.replace", ...this.#question }),
      },
      cleanup,
    );
  }

  refresh(tags: TagsOk | null, why: string): void {
    this.panel.refresh(`Find and replace in ${counted(tags?.count ?? 0, "caption")}`, tags, why);
  }

  get #question(): { pattern: string; replacement: string; regex: boolean; variant: string } {
    const variant = this.#session.variant.value;
    return { pattern: this.#find.value, replacement: this.#by.value, regex: this.#regex.checked, variant };
  }

  async #ask(signal: AbortSignal): Promise<Preview> {
    const asked = { target: "selected" as const, ...this.#question };
    const { changed, samples } = (await this.#session.channel.request("captions.preview", asked, signal)).ok;
    const first = samples.length < changed ? `, the first ${number(samples.length)}:` : ":";
    return {
      changed,
      text: changed === 0 ? "No caption has it." : `${counted(changed, "caption changes", "captions change")}${first}`,
      rows: samples.map(({ before, after }) =>
        h("div", { class: "te-diff", title: after, attrs: { role: "listitem" } }, ...diffPieces(before, after)),
      ),
      press: `Replace in ${counted(changed, "caption")}`,
    };
  }
}

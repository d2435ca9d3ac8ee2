import { isAbort } from "../../channel.ts";
import { fill, h, setAttribute, setText, uniqueId } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { TagsOk } from "../../protocol.ts";
import { type Cleanup, type Dispose, Signal } from "../../signal.ts";
import { button, enable, iconButton } from "../shared/button.ts";
import { reason, type Session } from "./session.ts";
import { clip, wordDiff } from "./word-diff.ts";

const CALM_MS = 250;
/** Characters of unchanged text kept beside a change. */
const KEEP = 48;

interface Preview {
  readonly changed: number;
  readonly samples: readonly { id: number; before: string; after: string }[];
}

/** Find and replace in the captions of the selected images, with a preview of what changes, word by word. */
export class ReplacePanel {
  readonly element: HTMLElement;
  readonly open = new Signal(false);
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #find: HTMLInputElement;
  readonly #by: HTMLInputElement;
  readonly #regex: HTMLInputElement;
  readonly #title = h("span", { class: "lr-strong lr-cut" });
  readonly #state = h("div", { class: "te-replace-state lr-t2", attrs: { "aria-live": "polite" } });
  readonly #diffs = h("div", { class: "te-diffs", attrs: { role: "list" } });
  readonly #apply: HTMLButtonElement;
  #calm: Dispose | null = null;
  #asking: AbortController | null = null;
  #preview: Preview | null = null;
  #tags: TagsOk | null = null;
  #why = "";

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
    this.#find = field();
    this.#by = field();
    this.#regex = h("input", { attrs: { type: "checkbox" } });
    this.#apply = button("Replace", { kind: "primary", onClick: () => void this.#replace() });
    this.element = h(
      "section",
      { class: "te-replace", attrs: { "aria-label": "Find and replace in captions", hidden: true } },
      h(
        "div",
        { class: "te-replace-head" },
        this.#title,
        h("span", { class: "lr-space" }),
        iconButton("close", "Close (Esc)", () => this.close(), { small: true }),
      ),
      labelled("Find", this.#find),
      labelled("Replace by", this.#by),
      h("label", { class: "te-check" }, this.#regex, h("span", {}, "Find is a pattern (regular expression)")),
      this.#state,
      this.#diffs,
      h("div", { class: "te-replace-foot" }, h("span", { class: "lr-space" }), this.#apply),
    );
    cleanup.listen(this.element, "input", () => this.#later());
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.add(() => this.#asking?.abort());
  }

  toggle(): void {
    if (this.open.value) this.close();
    else {
      this.open.value = true;
      this.element.hidden = false;
      this.#later();
      this.#find.focus();
    }
  }

  close(): void {
    this.element.hidden = true;
    this.open.value = false;
    this.#asking?.abort();
  }

  /** After a change of the selection or of its captions; `why` says in words why nothing may be written. */
  refresh(tags: TagsOk | null, why: string): void {
    setText(this.#title, `Find and replace in ${counted(tags?.count ?? 0, "caption")}`);
    const changed = tags !== this.#tags || why !== this.#why;
    this.#tags = tags;
    this.#why = why;
    if (changed && this.open.value) this.#later();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.#replace();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #later(): void {
    this.#preview = null;
    this.#calm?.();
    this.#asking?.abort();
    this.#calm = this.#cleanup.after(CALM_MS, () => void this.#ask());
    this.#say(this.#find.value === "" ? "Type what to find." : "Looking", true);
  }

  get #question(): { pattern: string; replacement: string; regex: boolean; variant: string } {
    const variant = this.#tags?.captions.variant ?? "default";
    return { pattern: this.#find.value, replacement: this.#by.value, regex: this.#regex.checked, variant };
  }

  async #ask(): Promise<void> {
    const asked = this.#question;
    if (asked.pattern === "" || !this.open.value) {
      fill(this.#diffs);
      return;
    }
    const abort = new AbortController();
    this.#asking = abort;
    try {
      const { ok } = await this.#session.channel.request(
        "captions.preview",
        { target: "selected", ...asked },
        abort.signal,
      );
      if (abort.signal.aborted) return;
      this.#preview = ok;
      this.#draw(ok);
    } catch (error) {
      if (isAbort(error)) return;
      fill(this.#diffs);
      this.#say(reason(error), false, true);
    }
  }

  #draw({ changed, samples }: Preview): void {
    this.#say(
      changed === 0
        ? "No caption has it."
        : `${counted(changed, "caption changes", "captions change")}${samples.length < changed ? `, the first ${number(samples.length)}:` : ":"}`,
    );
    fill(
      this.#diffs,
      ...samples.map(({ before, after }) =>
        h("div", { class: "te-diff", title: after, attrs: { role: "listitem" } }, ...pieces(before, after)),
      ),
    );
  }

  /** `waiting` keeps what is shown until the new preview is there. */
  #say(text: string, waiting = false, bad = false): void {
    setText(this.#state, text);
    this.#state.classList.toggle("te-bad", bad);
    setAttribute(this.element, "data-waiting", waiting);
    const changed = this.#preview?.changed ?? 0;
    const label = this.#apply.firstElementChild;
    if (label) setText(label, changed > 0 ? `Replace in ${counted(changed, "caption")}` : "Replace");
    this.#apply.title = "";
    enable(this.#apply, changed > 0 && this.#why === "", this.#why || "Nothing to replace yet");
  }

  async #replace(): Promise<void> {
    if (!this.#preview || this.#preview.changed === 0 || this.#why !== "") return;
    const made = await this.#session.edit("selected", { action: "captions.replace", ...this.#question });
    if (made) this.close();
  }
}

function field(): HTMLInputElement {
  return h("input", {
    class: "lr-input",
    attrs: { type: "text", id: uniqueId("field"), spellcheck: "false", autocomplete: "off", maxlength: 2000 },
  });
}

function labelled(text: string, input: HTMLInputElement): HTMLElement {
  return h(
    "div",
    { class: "te-labelled" },
    h("label", { class: "lr-t2", attrs: { for: input.id } }, text),
    h("div", { class: "lr-field" }, input),
  );
}

/** The diff as text in `del` and `ins`: line, colour and element say it. */
function pieces(before: string, after: string): Node[] {
  return clip(wordDiff(before, after), KEEP).map(({ kind, text }) => {
    if (kind === "removed") return h("del", { class: "te-del" }, text);
    return kind === "added" ? h("ins", { class: "te-ins" }, text) : document.createTextNode(text);
  });
}

import { fill, focused, h, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import { categoryMark, icon } from "../../icons.ts";
import type { SearchOption } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { iconButton } from "./button.ts";
import { OptionList } from "./option-list.ts";
import { colourQuery, markError } from "./query-colour.ts";

const CALM_MS = 250;
const COMPLETE_MS = 120;
const HINT = "Search, e.g. dog -blurry sharpness:>0.4";

export interface SearchFieldOptions {
  search(query: string): void;
  complete(text: string, cursor: number, signal: AbortSignal): Promise<readonly SearchOption[]>;
  /** Esc with nothing left to close. */
  leave(): void;
}

export interface Mistake {
  message: string;
  position: number | undefined;
  length: number | undefined;
}

/** The query, coloured while it is typed; it runs by Enter or after a quarter second of calm. */
export class SearchField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #options: SearchFieldOptions;
  readonly #cleanup: Cleanup;
  readonly #paint = h("div", { class: "lr-search-paint lr-mono", attrs: { "aria-hidden": "true" } });
  readonly #count = h("span", { class: "lr-search-count" });
  readonly #of = h("span", { class: "lr-search-of lr-t3" });
  readonly #message = h("div", { class: "lr-search-error lr-pop", attrs: { role: "alert", hidden: true } });
  readonly #clear: HTMLButtonElement;
  readonly #list: OptionList<SearchOption>;
  #mistake: Mistake | null = null;
  #run: Dispose | null = null;
  #ask: Dispose | null = null;
  #asking: AbortController | null = null;
  #inForce = "";

  constructor(options: SearchFieldOptions, cleanup: Cleanup) {
    this.#options = options;
    this.#cleanup = cleanup;
    this.input = h("input", {
      class: "lr-input lr-search-input lr-mono",
      attrs: {
        type: "text",
        "aria-label": "Search",
        placeholder: HINT,
        spellcheck: "false",
        autocomplete: "off",
        autocapitalize: "off",
      },
    });
    this.#list = new OptionList(this.input, "Completions", describe, (option) => this.#accept(option));
    this.#clear = iconButton("close", "Clear the search", () => this.#erase(), { small: true });
    this.element = h(
      "div",
      { class: "lr-search" },
      h(
        "div",
        { class: "lr-field", attrs: { role: "search" } },
        icon("search"),
        h("div", { class: "lr-search-text" }, this.#paint, this.input),
        h("span", { class: "lr-search-counts" }, this.#count, this.#of),
        this.#clear,
      ),
      this.#message,
      this.#list.element,
    );
    cleanup.listen(this.input, "input", () => this.#typed());
    cleanup.listen(this.input, "scroll", () => this.#follow());
    cleanup.listen(this.input, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.input, "blur", () => this.#left());
    this.#draw();
  }

  /** The query in force. Text somebody is typing is never overwritten; it comes when the field is left. */
  set query(query: string) {
    this.#inForce = query;
    if (this.#run !== null || focused(this.input) === this.input) return;
    if (query === this.input.value.trim()) return;
    this.input.value = query;
    this.#draw();
  }

  set mistake(mistake: Mistake | null) {
    this.#mistake = mistake;
    this.#message.hidden = mistake === null;
    if (mistake) {
      fill(
        this.#message,
        h("span", { class: "lr-bad" }, icon("error")),
        h("span", {}, mistake.message),
        h("span", { class: "lr-t3" }, "showing the last valid search"),
      );
      this.input.setAttribute("aria-invalid", "true");
    } else this.input.removeAttribute("aria-invalid");
    this.#draw();
  }

  setCounts(count: number, total: number): void {
    const all = this.#inForce === "" && count === total;
    setText(this.#count, all ? "" : number(count));
    const text = total === 1 ? "1 image" : `${number(total)} images`;
    setText(this.#of, all ? text : ` of ${number(total)}`);
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  #typed(): void {
    this.#mistake = null;
    this.#message.hidden = true;
    this.#draw();
    this.#run?.();
    this.#run = this.#cleanup.after(CALM_MS, () => this.#send());
    this.#ask?.();
    this.#ask = this.#cleanup.after(COMPLETE_MS, () => void this.#complete());
  }

  #send(): void {
    this.#run?.();
    this.#run = null;
    this.#options.search(this.input.value);
  }

  async #complete(): Promise<void> {
    this.#asking?.abort();
    const controller = new AbortController();
    this.#asking = controller;
    const cursor = this.input.selectionStart ?? this.input.value.length;
    const options = await this.#options.complete(this.input.value, cursor, controller.signal);
    if (!controller.signal.aborted && focused(this.input) === this.input) this.#list.show(options);
  }

  #accept(option: SearchOption): void {
    const { value } = this.input;
    this.input.value = value.slice(0, option.from) + option.text + value.slice(option.to);
    const cursor = option.from + option.text.length;
    this.input.setSelectionRange(cursor, cursor);
    this.#close();
    this.#draw();
    this.#run?.();
    this.#run = this.#cleanup.after(CALM_MS, () => this.#send());
  }

  #erase(): void {
    if (this.input.readOnly) return;
    this.input.value = "";
    this.mistake = null;
    this.#close();
    this.#draw();
    this.#send();
    this.input.focus();
  }

  #left(): void {
    this.#close();
    if (this.#mistake === null) this.query = this.#inForce;
  }

  #close(): void {
    this.#ask?.();
    this.#asking?.abort();
    this.#list.hide();
  }

  /** Off while nobody would answer; the text stays. */
  set enabled(enabled: boolean) {
    this.input.readOnly = !enabled;
    this.input.title = enabled ? "" : "The kernel is not answering";
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const { active } = this.#list;
    let handled = true;
    if (event.key === "ArrowDown") handled = this.#list.move(1);
    else if (event.key === "ArrowUp") handled = this.#list.move(-1);
    else if ((event.key === "Enter" || event.key === "Tab") && active) this.#accept(active);
    else if (event.key === "Enter") {
      this.#close();
      this.#send();
    } else if (event.key === "Escape") {
      if (this.#list.open) this.#close();
      else this.#options.leave();
    } else handled = false;
    if (handled) event.preventDefault();
    // Ctrl combinations go on to the widget; letters are text.
    if (handled || !(event.ctrlKey || event.metaKey)) event.stopPropagation();
  }

  #draw(): void {
    const parts = colourQuery(this.input.value);
    const { position, length } = this.#mistake ?? {};
    const marked =
      position === undefined
        ? parts.map((part) => ({ ...part, wrong: false }))
        : markError(parts, position, length ?? 1);
    fill(
      this.#paint,
      ...marked.map(({ text, kind, wrong }) => h("span", { class: `lr-q-${kind}${wrong ? " lr-q-wrong" : ""}` }, text)),
    );
    this.#clear.hidden = this.input.value === "";
    this.#follow();
  }

  #follow(): void {
    this.#paint.scrollLeft = this.input.scrollLeft;
  }
}

function describe(option: SearchOption): (Node | string)[] {
  const mark = "category" in option && typeof option.category === "number" ? categoryMark(option.category) : null;
  return [
    h("span", { class: "lr-option-mark" }, mark),
    h("span", { class: option.kind === "field" ? "lr-mono lr-q-field" : "lr-mono lr-cut" }, option.text),
    h("span", { class: "lr-cut lr-t3 lr-space" }, option.label === option.text ? "" : option.label),
    h("span", { class: "lr-t2" }, option.count === null ? "" : number(option.count)),
  ];
}

import { isAbort } from "../../channel.ts";
import { fill, focused, h, setAttribute, setText, uniqueId } from "../../dom.ts";
import { number } from "../../format.ts";
import { categoryMark, icon } from "../../icons.ts";
import type { Target } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import * as completion from "./completion.ts";
import type { Session } from "./session.ts";
import { highlight, splitNames } from "./tag-names.ts";

const CALM_MS = 60;
const LIMIT = 12;
/** Four rows of the list, and what must stay free around it, in px. */
const LEAST_ROOM = 104;
const MARGIN = 18;

export interface TagInputOptions {
  target(): Target | null;
  /** How many images the target has. */
  count(): number;
  written(name: string): string;
  add(names: string[]): void;
  /** A row is highlighted; null when the list is closed. */
  point?: (option: completion.Option | null) => void;
  /** ArrowDown in the empty field: on to the chips. */
  down(): void;
}

/** The field that adds tags, with completion: a combobox whose list floats below it. */
export class TagInput {
  readonly element: HTMLElement;
  readonly list: HTMLElement;
  readonly #input: HTMLInputElement;
  readonly #field: HTMLElement;
  readonly #note: HTMLElement;
  readonly #key: HTMLElement;
  readonly #session: Session;
  readonly #options: TagInputOptions;
  readonly #cleanup: Cleanup;
  #state = completion.EMPTY;
  #asking: AbortController | null = null;
  #calm: Dispose | null = null;
  #subject: object | null = null;

  constructor(session: Session, options: TagInputOptions, cleanup: Cleanup) {
    this.#session = session;
    this.#options = options;
    this.#cleanup = cleanup;
    const listId = uniqueId("tags");
    this.#input = h("input", {
      class: "lr-input",
      attrs: {
        type: "text",
        role: "combobox",
        "aria-autocomplete": "list",
        "aria-expanded": false,
        "aria-controls": listId,
        autocomplete: "off",
        autocapitalize: "off",
        spellcheck: "false",
        placeholder: "Add a tag",
        maxlength: 4000,
      },
    });
    this.#note = h("span", { class: "lr-t3 te-input-note" });
    this.#key = h(
      "span",
      { class: "te-input-key", attrs: { "aria-hidden": "true" } },
      h("kbd", { class: "lr-kbd" }, "T"),
    );
    this.list = h("div", { class: "te-options", attrs: { id: listId, role: "listbox", "aria-label": "Tags" } });
    this.#field = h("div", { class: "lr-field te-input-field" }, icon("plus"), this.#input, this.#note, this.#key);
    this.element = h("div", { class: "te-input" }, this.#field);
    cleanup.listen(this.#input, "input", () => {
      this.#set(completion.type(this.#state, this.#input.value));
      this.#offer();
    });
    cleanup.listen(this.#input, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.#input, "paste", (event) => this.#paste(event));
    cleanup.listen(this.#input, "click", () => this.#offer());
    cleanup.listen(this.#input, "blur", () => this.#set(completion.close(this.#state)));
    cleanup.listen(this.list, "pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    cleanup.listen(this.list, "pointermove", (event) => this.#point(this.#row(event)));
    cleanup.listen(this.list, "click", (event) => {
      const pin = event.target instanceof Element && event.target.closest("[data-pin]") !== null;
      if (pin) this.#pin(this.#row(event));
      else this.#pick(this.#row(event));
    });
    cleanup.add(() => this.#asking?.abort());
  }

  get state(): completion.Completion {
    return this.#state;
  }

  focus(): void {
    this.#input.focus();
  }

  /** The keyboard was asked for: what is at hand is shown at once. */
  begin(): void {
    this.focus();
    this.#offer();
  }

  /** Another target or another state of it: says what an addition touches, asks for completions anew. */
  refresh(label: string, note: string, enabled: boolean, why: string, subject: object): void {
    setAttribute(this.#input, "aria-label", label);
    setText(this.#note, note);
    this.#key.hidden = note !== "";
    this.#input.readOnly = !enabled;
    this.#field.title = enabled ? "" : why;
    setAttribute(this.#input, "aria-disabled", enabled ? null : true);
    if (this.#subject !== subject && this.#state.open) this.#later();
    this.#subject = subject;
  }

  /** Forgets what was typed: another image. */
  clear(): void {
    this.#input.value = "";
    this.#set(completion.EMPTY);
  }

  #set(next: completion.Completion): void {
    const asked = completion.prefix(this.#state.text);
    this.#state = next;
    this.#draw();
    const typed = completion.prefix(next.text);
    if (next.open && typed !== asked) this.#later();
    if (!next.open) this.#stop();
  }

  /** Shows the tags at hand, unless a name is being typed. */
  #offer(): void {
    if (this.#input.readOnly || this.#state.open || completion.prefix(this.#state.text) !== "") return;
    this.#stop();
    void this.#ask();
  }

  #stop(): void {
    this.#calm?.();
    this.#asking?.abort();
    this.#asking = null;
  }

  #later(): void {
    this.#stop();
    this.#calm = this.#cleanup.after(CALM_MS, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const text = completion.prefix(this.#state.text);
    const target = this.#options.target();
    if (target === null) return;
    const abort = new AbortController();
    this.#asking = abort;
    try {
      const { ok } = await this.#session.channel.request("complete", { text, target, limit: LIMIT }, abort.signal);
      if (abort.signal.aborted) return;
      const options = ok.options.filter((option) => !option.new);
      if (text !== "") this.#set(completion.answer(this.#state, text, options));
      else if (focused(this.#input) === this.#input) this.#set(completion.offer(this.#state, options));
    } catch (error) {
      // Without completions the field still takes what is typed; the state of the kernel is shown elsewhere.
      if (!isAbort(error)) this.#set(completion.answer(this.#state, text, []));
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || !this.#takes(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Takes a key; false when it is not one of the field's. */
  #takes({ key, altKey, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    const { open, text, active } = this.#state;
    if (key === "Enter" && (ctrlKey || metaKey)) this.#pin(active);
    else if (key === "Enter") this.#commit(completion.names(this.#state, shiftKey));
    else if (key === "ArrowDown" && altKey) this.#offer();
    else if (key === "ArrowDown" && this.#isLast) this.#options.down();
    else if (key === "ArrowDown" || key === "ArrowUp") {
      this.#set(completion.move(this.#state, key === "ArrowDown" ? 1 : -1));
    } else if (key !== "Escape" || (!open && text === "")) return false;
    else if (open) this.#set(completion.close(this.#state));
    else this.clear();
    return true;
  }

  /** Nothing is typed and no row lies below: the chips are next. */
  get #isLast(): boolean {
    const { open, text, active, options } = this.#state;
    return text === "" && (!open || active === options.length - 1);
  }

  #commit(names: string[]): void {
    if (names.length === 0 || this.#input.readOnly) return;
    this.clear();
    this.#options.add(names);
  }

  /** A pasted list stays a list, where the field would join its lines. */
  #paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.trim().includes("\n")) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = this.#input;
    this.#input.setRangeText(
      splitNames(text).join(", "),
      selectionStart ?? value.length,
      selectionEnd ?? value.length,
      "end",
    );
    this.#set(completion.type(this.#state, this.#input.value));
  }

  #pin(row: number): void {
    const option = this.#state.options[row];
    if (!option || this.#input.readOnly) return;
    const pinned = option.pinned !== true;
    const options = this.#state.options.map((other, at) => (at === row ? { ...other, pinned } : other));
    this.#set({ ...this.#state, options });
    void this.#session.pin(option.name, pinned);
  }

  #row(event: Event): number {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-row]") : null;
    return row ? Number(row.dataset.row) : -1;
  }

  #point(row: number): void {
    if (row >= 0 && row !== this.#state.active) this.#set(completion.point(this.#state, row));
  }

  #pick(row: number): void {
    if (row < 0) return;
    this.#state = completion.point(this.#state, row);
    this.#commit(completion.names(this.#state, false));
    this.focus();
  }

  #draw(): void {
    const { open, options, active } = this.#state;
    const made = completion.newName(this.#state);
    const shown = open && completion.rowCount(this.#state) > 0;
    setAttribute(this.#input, "aria-expanded", shown);
    const rows = shown ? options.map((option, row) => this.#option(option, row)) : [];
    if (shown && made !== null) rows.push(this.#new(made, options.length));
    fill(this.list, ...rows);
    if (shown) this.#fit();
    this.#reveal(rows[active]);
    setAttribute(this.#input, "aria-activedescendant", rows[active]?.id ?? null);
    this.#options.point?.(shown ? (options[active] ?? null) : null);
  }

  /** Scrolls the list, and nothing around it, as little as shows the row. */
  #reveal(row: HTMLElement | undefined): void {
    if (!row) return;
    const { list } = this;
    if (row.offsetTop < list.scrollTop) list.scrollTop = row.offsetTop;
    else if (row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
    }
  }

  /** The list ends where the panel does and scrolls inside; the panel scrolls where not even four rows are in sight. */
  #fit(): void {
    const panel = this.element.closest(".te-body");
    if (!panel) return;
    const end = panel.getBoundingClientRect().bottom;
    const room = () => Math.floor(end - this.#field.getBoundingClientRect().bottom) - MARGIN;
    this.list.style.maxHeight = `${Math.max(LEAST_ROOM, room())}px`;
    const scroller = this.element.closest(".te-scroll");
    if (scroller && room() < LEAST_ROOM) scroller.scrollTop += LEAST_ROOM - room();
  }

  #option(option: completion.Option, row: number): HTMLElement {
    const typed = completion.prefix(this.#state.text);
    const written = this.#options.written(option.name);
    const pieces = (text: string) =>
      highlight(text, typed).map(({ text: part, hit }) => (hit ? h("b", {}, part) : part));
    const on = this.#on(option);
    return this.#line(
      row,
      h("span", { class: "te-option-mark" }, categoryMark(option.category)),
      h("span", { class: "lr-cut", title: option.name }, ...pieces(written)),
      option.alias !== null && h("span", { class: "lr-t3 lr-cut" }, "alias ", ...pieces(option.alias)),
      h("span", { class: "lr-space" }),
      on !== "" && h("span", { class: "lr-t2" }, on),
      h("span", { class: "lr-t3 te-option-count" }, number(option.count)),
      this.#pinMark(option),
    );
  }

  /** For the pointer, and to see what is pinned; Ctrl Enter does the same. */
  #pinMark({ pinned }: completion.Option): HTMLElement | false {
    if (pinned === undefined) return false;
    const title = pinned ? "Let go (Ctrl Enter)" : "Keep at hand (Ctrl Enter)";
    return h(
      "span",
      { class: `te-pin${pinned ? " te-pinned" : ""}`, title, attrs: { "data-pin": true, "aria-hidden": "true" } },
      icon("pin", 12),
    );
  }

  #on(option: completion.Option): string {
    const count = this.#options.count();
    if (option.in_target <= 0) return "";
    if (count === 1) return "on it";
    return option.in_target >= count ? `on all ${number(count)}` : `${number(option.in_target)} of ${number(count)}`;
  }

  #new(name: string, row: number): HTMLElement {
    return this.#line(
      row,
      h("span", { class: "te-option-mark" }, icon("plus", 12)),
      h("span", { class: "lr-cut lr-t2" }, `New tag “${this.#options.written(name)}”`),
      h("span", { class: "lr-space" }),
      h("kbd", { class: "lr-kbd" }, "Shift"),
      h("kbd", { class: "lr-kbd" }, "Enter"),
    );
  }

  #line(row: number, ...children: (Node | false)[]): HTMLElement {
    const pinned = this.#state.options[row]?.pinned === true;
    return h(
      "div",
      {
        class: "lr-option",
        attrs: {
          id: `${this.list.id}-${row}`,
          role: "option",
          "aria-selected": row === this.#state.active,
          "data-row": row,
          ...(pinned ? { "aria-description": "pinned" } : {}),
        },
      },
      ...children,
    );
  }
}

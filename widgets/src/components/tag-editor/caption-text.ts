import { fill, h } from "../../dom.ts";
import type { Cleanup } from "../../signal.ts";

/** The field of a caption, with the part marked that a text encoder does not read. */
export class CaptionText {
  readonly element: HTMLElement;
  readonly field: HTMLTextAreaElement;
  /** Lies under the field with the same text: a text field cannot mark its own. */
  readonly #under = h("div", { class: "te-caption-under", attrs: { "aria-hidden": "true" } });
  #cut: number | null = null;

  constructor(cleanup: Cleanup) {
    this.field = h("textarea", {
      class: "te-caption-text",
      attrs: { "aria-label": "Caption", rows: 4, placeholder: "No caption", spellcheck: "true" },
    });
    this.element = h("div", { class: "te-caption-field" }, this.#under, this.field);
    cleanup.listen(this.field, "input", () => this.mark(null));
    cleanup.listen(this.field, "scroll", () => this.#scroll());
    const observer = new ResizeObserver(() => this.#draw());
    observer.observe(this.field);
    cleanup.add(() => observer.disconnect());
  }

  get value(): string {
    return this.field.value;
  }

  write(text: string): void {
    if (this.field.value === text) return;
    this.field.value = text;
    this.mark(null);
  }

  /** Marks the text from here on as not read; null marks nothing. */
  mark(cut: number | null): void {
    this.#cut = cut;
    this.#draw();
  }

  #draw(): void {
    const cut = this.#cut;
    this.element.classList.toggle("te-caption-cut", cut !== null);
    if (cut === null) {
      fill(this.#under);
      return;
    }
    const { value, clientWidth, clientHeight } = this.field;
    this.#under.style.width = `${clientWidth}px`;
    this.#under.style.height = `${clientHeight}px`;
    fill(this.#under, value.slice(0, cut), h("span", { class: "te-unread" }, value.slice(cut)));
    this.#scroll();
  }

  #scroll(): void {
    this.#under.scrollTop = this.field.scrollTop;
  }
}

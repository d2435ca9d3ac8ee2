import { type Channel, isAbort, KernelError } from "../../channel.ts";
import { h, setAttribute } from "../../dom.ts";
import { number } from "../../format.ts";
import { categoryMark } from "../../icons.ts";
import type { PassOrder, Task } from "../../protocol/passes.ts";
import type { TagOption } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { button } from "../shared/button.ts";
import { OptionList } from "../shared/option-list.ts";

const CALM_MS = 80;
const OPTIONS = 8;
const ORDERS: readonly (readonly [PassOrder, string, string])[] = [
  ["uncertain", "Uncertain first", "Nearest to the model's threshold first"],
  ["score", "By score", "The highest scores first"],
  ["random", "At random", "A fair sample: the precision then holds for all"],
];

/** Where a pass begins: image by image, or one tag by yes and no. */
export class Start {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #begin: (task: Task) => void;
  readonly #input: HTMLInputElement;
  readonly #list: OptionList<TagOption>;
  readonly #guide: HTMLButtonElement;
  #order: PassOrder = "uncertain";
  #wait: Dispose | null = null;
  #asking: AbortController | null = null;

  constructor(channel: Channel, cleanup: Cleanup, begin: (task: Task) => void) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#begin = begin;
    this.#input = h("input", {
      class: "lr-input",
      attrs: {
        type: "text",
        "aria-label": "Tag to ask about",
        placeholder: "Tag, e.g. smile",
        spellcheck: "false",
        autocomplete: "off",
        autocapitalize: "off",
      },
    });
    this.#list = new OptionList<TagOption>(this.#input, "Tags", describe, (option) => this.#ask(option.name));
    this.#guide = button("Start or go on", {
      kind: "primary",
      onClick: () => this.#begin({ kind: "guided", again: false }),
    });
    this.element = h("div", { class: "ps-start" }, this.#guided(), this.#tag());
    cleanup.listen(this.#input, "input", () => this.#complete(this.#input.value.trim()));
    cleanup.listen(this.#input, "blur", () => this.#list.hide());
    cleanup.listen(this.#input, "keydown", (event) => this.#onKey(event));
    cleanup.add(() => this.#asking?.abort());
  }

  focus(): void {
    this.#guide.focus({ preventScroll: true });
  }

  /** Puts the keyboard where the tag is named. */
  askTag(): void {
    this.#input.focus();
  }

  #guided(): HTMLElement {
    return h(
      "section",
      { class: "ps-choice", attrs: { "aria-label": "Image by image" } },
      h("h2", { class: "ps-title" }, "Image by image"),
      h("p", { class: "ps-line lr-t2" }, "Caption and tags at hand, recent tags on 1 to 9. Goes on where it stopped."),
      this.#guide,
    );
  }

  #tag(): HTMLElement {
    const orders = ORDERS.map(([order, label, title]) => {
      const choice = button(label, { kind: "quiet", small: true, title, onClick: () => choose(order) });
      choice.dataset.order = order;
      return choice;
    });
    const choose = (order: PassOrder): void => {
      this.#order = order;
      for (const choice of orders) setAttribute(choice, "aria-pressed", choice.dataset.order === order);
    };
    choose("uncertain");
    return h(
      "section",
      { class: "ps-choice", attrs: { "aria-label": "One tag, yes or no" } },
      h("h2", { class: "ps-title" }, "One tag, yes or no"),
      h("p", { class: "ps-line lr-t2" }, "One key for each image; at the end, how right the model is about this tag."),
      h(
        "div",
        { class: "ps-ask" },
        h("div", { class: "lr-field ps-field" }, this.#input, this.#list.element),
        button("Start", { kind: "primary", onClick: () => this.#ask(this.#input.value.trim()) }),
      ),
      h("div", { class: "lr-row ps-orders", attrs: { role: "group", "aria-label": "Order" } }, ...orders),
    );
  }

  #ask(tag: string): void {
    this.#list.hide();
    if (!tag) {
      this.#input.focus();
      return;
    }
    this.#input.value = tag;
    this.#begin({ kind: "tag", tag, model: null, order: this.#order, again: false });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const keys: Readonly<Record<string, () => unknown>> = {
      ArrowDown: () => this.#list.move(1),
      ArrowUp: () => this.#list.move(-1),
      Enter: () => this.#ask(this.#list.active?.name ?? this.#input.value.trim()),
      Escape: () => (this.#list.open ? this.#list.hide() : this.focus()),
    };
    const run = keys[event.key];
    if (!run) return;
    run();
    event.preventDefault();
    event.stopPropagation();
  }

  #complete(text: string): void {
    this.#wait?.();
    this.#asking?.abort();
    if (text) this.#wait = this.#cleanup.after(CALM_MS, () => this.#fetch(text));
    else this.#list.hide();
  }

  async #fetch(text: string): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const { ok } = await this.#channel.request("complete", { text, target: null, limit: OPTIONS }, asking.signal);
      const known = ok.options.filter((option) => !option.new);
      this.#list.show(
        known,
        known.findIndex(({ name }) => name === text),
      );
    } catch (error) {
      if (error instanceof KernelError) this.#list.hide();
      else if (!isAbort(error)) throw error;
    }
  }
}

function describe({ name, category, count }: TagOption): (Node | string)[] {
  return [
    h("span", { class: "lr-option-mark" }, categoryMark(category)),
    h("span", { class: "lr-cut" }, name),
    h("span", { class: "lr-space" }),
    h("span", { class: "lr-t3 lr-option-count" }, number(count)),
  ];
}

import { isAbort, KernelError } from "../../channel.ts";
import { fill, h, keepFocus } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { categoryMark, type IconName, icon } from "../../icons.ts";
import type { TagOption } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { button, iconButton } from "../shared/button.ts";
import { OptionList } from "../shared/option-list.ts";
import { Roving } from "../shared/roving.ts";
import { MOST_COMPARED } from "./comparing.ts";
import type { Edits } from "./edits.ts";
import type { Session } from "./session.ts";

const COMPLETE_MS = 80;
const OPTIONS = 8;
const MAX_NAMED = 4000;

type Mode = "commands" | "tag" | "dataset" | "rate";

/** The right part of the dock: how many are selected and what can be done with them. */
export class SelectionBar {
  readonly element = h("div", { class: "lr-bar", attrs: { role: "toolbar", "aria-label": "Selection", hidden: true } });
  /** Gives the focus back to the grid. */
  onDone: () => void = () => undefined;
  onCompare: () => void = () => undefined;
  readonly #session: Session;
  readonly #edits: Edits;
  readonly #cleanup: Cleanup;
  readonly #roving: Roving;
  #mode: Mode = "commands";
  #drawn = "";

  constructor(session: Session, edits: Edits, cleanup: Cleanup) {
    this.#session = session;
    this.#edits = edits;
    this.#cleanup = cleanup;
    this.#roving = new Roving(this.element, cleanup);
    cleanup.listen(this.element, "keydown", (event) => {
      if (event.key !== "Escape" || !this.open) return;
      event.stopPropagation();
      this.close();
    });
  }

  get open(): boolean {
    return this.#mode !== "commands";
  }

  /** Draws again where the selection, its size or the mode changed. */
  refresh(): void {
    const { count } = this.#session.selection.set;
    const { target } = this.#edits;
    // In the large view the commands are about the image shown, whatever is selected behind it.
    const single = this.#edits.only() >= 0;
    const shown = this.#edits.allowed && (single || count > 0 || (this.open && target.count > 0));
    if (!shown) this.#mode = "commands";
    const excluded = shown && !this.open && this.#session.pages.allExcluded(target);
    const lead = single ? "This image" : `${number(count)} selected`;
    const compares = !single && count > 1 && count <= MOST_COMPARED;
    const signature = `${shown} ${this.#mode} ${this.open ? target.count : lead} ${excluded} ${compares}`;
    if (signature === this.#drawn) return;
    this.#drawn = signature;
    keepFocus(this.element, () => {
      this.element.hidden = !shown;
      if (!shown) fill(this.element);
      else if (this.#mode === "commands") this.#commands(lead, excluded, single, compares);
      else if (this.#mode === "rate") this.#rate(target.count);
      else this.#input(this.#mode, target.count);
    });
    this.#roving.refresh();
  }

  /** T, or the button: asks for a tag, a data set or a rating. */
  ask(mode: Exclude<Mode, "commands">): void {
    if (this.#edits.target.count === 0 || !this.#edits.allowed) return;
    this.#mode = mode;
    this.refresh();
    this.element.querySelector<HTMLElement>("input, button")?.focus();
  }

  /** Back to the commands. */
  close(): void {
    if (!this.open) return;
    this.#mode = "commands";
    this.refresh();
    this.onDone();
  }

  #commands(lead: string, excluded: boolean, single: boolean, compares: boolean): void {
    const command = (name: IconName, label: string, key: string, run: () => void): HTMLElement => {
      const element = button(label, {
        icon: name,
        kind: "quiet",
        title: key ? `${label} (${key})` : label,
        onClick: run,
      });
      element.setAttribute("aria-label", label);
      return element;
    };
    fill(
      this.element,
      h("span", { class: "lr-bar-lead" }, lead),
      h("span", { class: "lr-rule" }),
      command("tag", "Tag", "T", () => this.ask("tag")),
      command("star", "Rate", "1 to 5", () => this.ask("rate")),
      command("exclude", excluded ? "Include" : "Exclude", "X", () => this.#edits.toggleExcluded()),
      command("addTo", "Add to", "", () => this.ask("dataset")),
      compares && iconButton("compare", "Compare (C)", () => this.onCompare()),
      single ? null : h("span", { class: "lr-rule" }),
      single
        ? null
        : iconButton("close", "Clear selection (Esc)", () => {
            this.#session.selection.clear();
            this.onDone();
          }),
    );
  }

  #rate(count: number): void {
    const stars = [1, 2, 3, 4, 5].map((value) => {
      const element = iconButton("star", value === 1 ? "1 star" : `${value} stars`, () => {
        this.#edits.rate(value);
        this.close();
      });
      element.append(h("span", {}, value));
      element.classList.add("lr-bar-star");
      return element;
    });
    fill(
      this.element,
      h("span", { class: "lr-bar-lead" }, `Rate ${counted(count, "image")}`),
      ...stars,
      button("Clear", {
        kind: "quiet",
        title: "Clear the rating (0)",
        onClick: () => {
          this.#edits.rate(0);
          this.close();
        },
      }),
      iconButton("close", "Back (Esc)", () => this.close()),
    );
  }

  #input(mode: "tag" | "dataset", count: number): void {
    const label = mode === "tag" ? `Tag for ${counted(count, "image")}` : `Data set for ${counted(count, "image")}`;
    const hint = count === 1 ? "adds to 1 image" : `adds to all ${number(count)}`;
    const input = h("input", {
      class: "lr-input",
      attrs: {
        type: "text",
        "aria-label": label,
        placeholder: hint,
        spellcheck: "false",
        autocomplete: "off",
        autocapitalize: "off",
      },
    });
    const add = (name: string): void => {
      if (!name) return;
      if (mode === "tag") void this.#edits.apply({ action: "tags.add", names: [name] });
      else void this.#edits.apply({ action: "dataset.add", name });
      input.value = "";
      completion?.ask(""); // an answer to what was typed must not open the list over the empty field
      list.hide();
      if (mode === "dataset") this.close();
    };
    const list = new OptionList<TagOption>(
      input,
      "Tags",
      (option) => describe(option, count),
      (option) => add(option.name),
    );
    const completion = mode === "tag" ? new Completion(this.#session, this.#edits, list, this.#cleanup) : null;
    input.addEventListener("input", () => completion?.ask(input.value.trim()));
    input.addEventListener("blur", () => list.hide());
    const takeActive = (): boolean => {
      if (list.active) add(list.active.name);
      return list.active !== undefined;
    };
    const keys: Readonly<Record<string, (event: KeyboardEvent) => unknown>> = {
      ArrowDown: () => list.move(1),
      ArrowUp: () => list.move(-1),
      // Shift Enter adds the text as it stands, not the completion.
      Enter: (event) => add((event.shiftKey ? undefined : list.active?.name) ?? input.value.trim()),
      Tab: takeActive,
      Escape: () => (list.open ? list.hide() : this.close()),
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const key = keys[event.key];
      const handled = key !== undefined && key(event) !== false;
      if (handled) event.preventDefault();
      if (handled || !(event.ctrlKey || event.metaKey)) event.stopPropagation();
    });
    fill(
      this.element,
      h("div", { class: "lr-field lr-bar-input" }, icon(mode === "tag" ? "tag" : "addTo"), input, list.element),
      iconButton("close", "Back (Esc)", () => this.close()),
    );
  }
}

/** Asks for completions after a moment of calm; only the latest answer counts. */
class Completion {
  readonly #session: Session;
  readonly #edits: Edits;
  readonly #list: OptionList<TagOption>;
  readonly #cleanup: Cleanup;
  #wait: Dispose | null = null;
  #asking: AbortController | null = null;

  constructor(session: Session, edits: Edits, list: OptionList<TagOption>, cleanup: Cleanup) {
    this.#session = session;
    this.#edits = edits;
    this.#list = list;
    this.#cleanup = cleanup;
  }

  ask(text: string): void {
    this.#wait?.();
    this.#asking?.abort();
    if (text) this.#wait = this.#cleanup.after(COMPLETE_MS, () => void this.#fetch(text));
    else this.#list.hide();
  }

  async #fetch(text: string): Promise<void> {
    const controller = new AbortController();
    this.#asking = controller;
    const ids = this.#session.pages.idsOf(this.#edits.target, MAX_NAMED);
    try {
      const payload = { text, target: ids ? { ids } : ("selected" as const), limit: OPTIONS };
      const { ok } = await this.#session.channel.request("complete", payload, controller.signal);
      // Enter takes the first: what was typed, where the kernel knows it, else its best guess.
      const exact = ok.options.findIndex((option) => option.name === text && !option.new);
      this.#list.show(ok.options, Math.max(0, exact));
    } catch (error) {
      if (error instanceof KernelError) this.#list.hide();
      else if (!isAbort(error)) throw error;
    }
  }
}

function describe(option: TagOption, count: number): (Node | string)[] {
  const some = option.in_target > 0 && !option.new ? `${number(option.in_target)} of ${number(count)}` : "";
  return [
    h("span", { class: "lr-option-mark" }, option.new ? icon("plus", 12) : categoryMark(option.category)),
    h("span", { class: "lr-cut" }, option.new ? `New tag “${option.name}”` : option.name),
    option.alias ? h("span", { class: "lr-cut lr-t3" }, `alias ${option.alias}`) : "",
    h("span", { class: "lr-space" }),
    h("span", { class: "lr-t2" }, some),
    h("span", { class: "lr-t3 lr-option-count" }, option.new ? "" : number(option.count)),
  ];
}

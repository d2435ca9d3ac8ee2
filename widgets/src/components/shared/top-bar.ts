import { h } from "../../dom.ts";
import type { Step } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { enable, iconButton, relabel } from "./button.ts";
import type { Menu, MenuItem } from "./menu.ts";
import { Roving } from "./roving.ts";
import type { SearchField } from "./search-field.ts";

export interface TopBarOptions {
  undo(): void;
  redo(): void;
  help(): void;
  /** What the narrow bar's menu holds besides redo and the keyboard sheet. */
  more(): MenuItem[];
}

/** The bar at the top: search, undo, redo, keyboard. Below 700 pixels all but undo go into a menu. */
export class TopBar {
  readonly element: HTMLElement;
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #roving: Roving;
  #redoStep: Step = null;

  constructor(search: SearchField, menu: Menu, options: TopBarOptions, cleanup: Cleanup) {
    this.#undo = iconButton("undo", "Nothing to undo", options.undo);
    this.#redo = iconButton("redo", "Nothing to redo", options.redo);
    const help = iconButton("help", "Keyboard (?)", options.help);
    const more = iconButton("more", "More", () => {
      const redo = this.#redoStep;
      menu.openUnder(more, [
        {
          label: redo ? `Redo: ${lower(redo.message)}` : "Nothing to redo",
          icon: "redo",
          disabled: !redo,
          run: options.redo,
        },
        ...options.more(),
        { label: "Keyboard", icon: "help", key: "?", run: options.help },
      ]);
    });
    more.setAttribute("aria-haspopup", "menu");
    more.classList.add("lr-narrow-only");
    for (const element of [this.#undo, this.#redo]) element.classList.add("lr-edit-only");
    for (const element of [this.#redo, help]) element.classList.add("lr-wide-only");
    const commands = h(
      "div",
      { class: "lr-row lr-commands", attrs: { role: "toolbar", "aria-label": "Commands" } },
      this.#undo,
      this.#redo,
      help,
      more,
    );
    this.element = h(
      "div",
      { class: "lr-top" },
      search.element,
      h("span", { class: "lr-rule lr-wide-only" }),
      commands,
    );
    this.#roving = new Roving(commands, cleanup);
    cleanup.add(() => menu.close(false));
    this.setSteps(null, null, false);
  }

  /** After the width or the mode hid or showed some of them. */
  refresh(): void {
    this.#roving.refresh();
  }

  setSteps(undo: Step, redo: Step, allowed: boolean): void {
    this.#redoStep = allowed ? redo : null;
    show(this.#undo, "undo", undo, allowed);
    show(this.#redo, "redo", redo, allowed);
  }
}

function show(element: HTMLButtonElement, word: "undo" | "redo", step: Step, allowed: boolean): void {
  const title = word === "undo" ? "Undo" : "Redo";
  relabel(element, step ? `${title}: ${lower(step.message)}` : `Nothing to ${word}`);
  enable(element, step !== null && allowed, step && !allowed ? "The kernel is not answering" : "");
}

function lower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

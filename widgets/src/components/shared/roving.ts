import type { Cleanup } from "../../signal.ts";

/**
 * One tab stop for a group of controls: arrows move inside, Home and End jump, Tab leaves.
 * Controls may come and go; the first visible one is the stop until another had the focus.
 */
export class Roving {
  readonly #group: HTMLElement;
  readonly #selector: string;
  #current: HTMLElement | null = null;

  constructor(group: HTMLElement, cleanup: Cleanup, selector = "button") {
    this.#group = group;
    this.#selector = selector;
    cleanup.listen(group, "keydown", (event) => this.#onKey(event));
    cleanup.listen(group, "focusin", (event) => {
      if (event.target instanceof HTMLElement && event.target.matches(selector)) this.#stop(event.target);
    });
    this.refresh();
  }

  /** After controls were added, removed, shown or hidden. */
  refresh(): void {
    const items = this.#items();
    this.#stop(items.find((item) => item === this.#current) ?? items[0] ?? null);
  }

  #items(): HTMLElement[] {
    const items = [...this.#group.querySelectorAll<HTMLElement>(this.#selector)].filter(
      (item) => !item.closest("[hidden]"),
    );
    return this.#group.isConnected ? items.filter(isShown) : items;
  }

  #stop(target: HTMLElement | null): void {
    this.#current = target;
    for (const item of this.#group.querySelectorAll<HTMLElement>(this.#selector))
      item.tabIndex = item === target ? 0 : -1;
  }

  #onKey(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || !event.target.matches(this.#selector)) return;
    const items = this.#items();
    const at = items.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[
      event.key
    ];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    items.at(to % items.length)?.focus();
  }
}

/** Not hidden by a style sheet either; browsers without the question say yes. */
function isShown(item: HTMLElement): boolean {
  return item.checkVisibility?.() ?? true;
}

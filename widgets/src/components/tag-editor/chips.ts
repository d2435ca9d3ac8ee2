import { fill, h, setAttribute } from "../../dom.ts";
import { categoryMark, categoryName, type IconName, icon } from "../../icons.ts";
import type { TagSource } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import type { Menu, MenuItem } from "../shared/menu.ts";
import { ChipOrder } from "./chip-order.ts";
import { renameField } from "./rename-field.ts";

/** One tag as a chip. All strings are text; `name` is the key. */
export interface Chip {
  readonly name: string;
  /** The name as written on it. */
  readonly label: string;
  readonly category: number;
  readonly kind: "set" | "partial" | "suggested" | "rejected";
  /** Drawn as an icon after the name; model has none. */
  readonly source?: TagSource | null;
  /** Small text after the name: a score or a count. */
  readonly detail?: string;
  /** The filled part of a partial chip, 0 to 1. */
  readonly fraction?: number;
  readonly title: string;
  /** What the heading says while the pointer or the keyboard is on it; the title where it is not given. */
  readonly note?: string;
  /** The accessible name. */
  readonly says: string;
}

/** What a chip's keys and buttons do; an absent one is not offered. */
export interface ChipActions {
  /** Enter, a click on a partial chip, the check of a suggested or rejected one. */
  accept?: (chip: Chip) => void;
  /** `-` and the x. */
  remove?: (chip: Chip) => void;
  rename?: (chip: Chip, to: string) => void;
  /** `o`: shows the images that have it. */
  only?: (chip: Chip) => void;
  /** Where a press of the other button shows what else a chip can do. */
  menu?: Menu;
  /** `p`: keeps the tag at hand, or lets it go. */
  pin?: (chip: Chip) => void;
  /** The chips were dragged, or moved by keys, into another order. */
  order?: (names: string[]) => void;
  /** Whether nothing may be changed now: then nothing can be moved either. */
  locked?: () => boolean;
  /** Tells screen readers. */
  say?: (text: string) => void;
  /** The pointer or the focus is on a chip; null when on none. */
  point?: (chip: Chip | null) => void;
  /** The focus has nowhere to go: the last chip went, or ArrowUp in the first row. */
  leave?: () => void;
}

const SOURCE_ICONS: Readonly<Record<TagSource, IconName | null>> = {
  model: null,
  hand: "person",
  rule: "braces",
  file: "tray",
};

/** The keys of a chip, as screen readers are told them. */
function shortcuts({ remove, order, pin, only }: ChipActions): string | null {
  const keys = [remove && "-", order && "Alt+ArrowLeft Alt+ArrowRight", pin && "P", only && "O"].filter(Boolean);
  return keys.length > 0 ? keys.join(" ") : null;
}

/**
 * A list of chips: one tab stop, arrows inside, `-` removes, Enter accepts, F2 or a double click renames, `o` shows the
 * images that have it; with Alt the arrows move the chip.
 */
export class ChipList {
  readonly element: HTMLElement;
  readonly #actions: ChipActions;
  readonly #shown = new Map<string, { element: HTMLElement; drawn: string; chip: Chip }>();
  readonly #order: ChipOrder | null;
  #current: string | null = null;

  constructor(label: string, actions: ChipActions, cleanup: Cleanup) {
    this.#actions = actions;
    this.element = h("div", {
      class: "lr-chips",
      attrs: { role: "listbox", "aria-label": label, "aria-orientation": "horizontal" },
    });
    const { order, say, locked } = actions;
    const movable = () => (locked?.() ? [] : [...this.#shown].map(([name, { element }]) => ({ name, element })));
    this.#order =
      order === undefined
        ? null
        : new ChipOrder(this.element, { chips: movable, drop: order, say: say ?? (() => undefined) }, cleanup);
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.element, "click", (event) => this.#onClick(event));
    cleanup.listen(this.element, "contextmenu", (event) => this.#openMenu(event));
    cleanup.listen(this.element, "dblclick", (event) => this.#rename(this.#at(event.target)));
    cleanup.listen(this.element, "focusin", (event) => this.#onFocus(event.target));
    cleanup.listen(this.element, "focusout", () => actions.point?.(null));
    cleanup.listen(this.element, "pointerover", (event) => actions.point?.(this.#at(event.target)));
    cleanup.listen(this.element, "pointerleave", () => actions.point?.(null));
  }

  get names(): string[] {
    return [...this.#shown.keys()];
  }

  /** Draws the chips; those that stay keep their element, and with it the focus. */
  show(chips: readonly Chip[], label?: string): void {
    if (label !== undefined) setAttribute(this.element, "aria-label", label);
    const wanted = new Set(chips.map((chip) => chip.name));
    const before = this.names;
    const held = this.#focused();
    for (const [name, entry] of this.#shown) {
      if (wanted.has(name)) continue;
      entry.element.remove();
      this.#shown.delete(name);
    }
    const entries = (this.#order?.arrange(chips) ?? chips).map((chip) => this.#entry(chip));
    this.#shown.clear();
    let place = this.element.firstElementChild;
    for (const entry of entries) {
      this.#shown.set(entry.chip.name, entry);
      if (entry.element === place) place = place.nextElementSibling;
      else this.element.insertBefore(entry.element, place);
    }
    this.#keepFocus(held, before);
  }

  /** Puts the focus on the chip that is the tab stop; false when there is none. */
  focus(): boolean {
    const chip = this.element.querySelector<HTMLElement>("[tabindex='0']");
    chip?.focus();
    return chip !== null;
  }

  #entry(chip: Chip) {
    const drawn = JSON.stringify(chip);
    const known = this.#shown.get(chip.name);
    if (known?.drawn === drawn) return known;
    const element = known?.element ?? h("div", { attrs: { role: "option", tabindex: -1, "data-name": chip.name } });
    this.#draw(element, chip);
    return { element, drawn, chip };
  }

  #draw(element: HTMLElement, chip: Chip): void {
    element.className = `lr-chip lr-chip-${chip.kind}`;
    element.title = chip.title;
    setAttribute(element, "aria-label", chip.says);
    setAttribute(element, "aria-keyshortcuts", shortcuts(this.#actions));
    const source = chip.source ? SOURCE_ICONS[chip.source] : null;
    const share = Math.max(0, Math.min(1, chip.fraction ?? 0));
    fill(
      element,
      chip.kind === "partial" && h("span", { class: "lr-chip-share", style: { transform: `scaleX(${share})` } }),
      categoryMark(chip.category),
      h("span", { class: "lr-chip-name lr-cut" }, chip.label),
      chip.detail !== undefined && h("span", { class: "lr-chip-detail" }, chip.detail),
      source && h("span", { class: "lr-chip-source" }, icon(source, 12)),
      ...this.#buttons(chip),
    );
  }

  /** For the pointer only: the keys of the list do the same, and an option holds no controls for a screen reader. */
  #buttons(chip: Chip): (HTMLElement | false)[] {
    const { accept, remove } = this.#actions;
    const press = (name: IconName, act: string, title: string) =>
      h(
        "span",
        { class: `lr-chip-act lr-chip-${act}`, title, attrs: { "data-act": act, "aria-hidden": "true" } },
        icon(name, 12),
      );
    if (chip.kind === "suggested") {
      return [
        accept !== undefined && press("check", "accept", "Accept (Enter)"),
        remove !== undefined && press("close", "reject", "Reject (-)"),
      ];
    }
    if (chip.kind === "rejected") {
      return [
        accept !== undefined && press("check", "accept", "Use it after all (Enter)"),
        remove !== undefined && press("undo", "remove-rejection", "Take the rejection back (-)"),
      ];
    }
    return [
      remove !== undefined && press("close", "remove", chip.kind === "partial" ? "Remove from all (-)" : "Remove (-)"),
    ];
  }

  #at(target: EventTarget | null): Chip | null {
    const element = target instanceof Element ? target.closest<HTMLElement>("[role=option]") : null;
    const name = element?.dataset.name;
    return name === undefined ? null : (this.#shown.get(name)?.chip ?? null);
  }

  #focused(): string | null {
    const root = this.element.getRootNode() as Document | ShadowRoot;
    const chip = root.activeElement?.closest<HTMLElement>("[role=option]");
    return chip && this.element.contains(chip) ? (chip.dataset.name ?? null) : null;
  }

  /** The focused chip went: its neighbour takes the focus; without one the owner does. */
  #keepFocus(held: string | null, before: readonly string[]): void {
    if (this.#current === null || !this.#shown.has(this.#current)) {
      const at = before.indexOf(this.#current ?? "");
      const near = [...before.slice(at + 1), ...before.slice(0, Math.max(0, at)).reverse()];
      this.#current = (at < 0 ? undefined : near.find((name) => this.#shown.has(name))) ?? this.names[0] ?? null;
    }
    for (const [name, { element }] of this.#shown) element.tabIndex = name === this.#current ? 0 : -1;
    if (held === null || this.#shown.has(held)) return;
    const next = this.#current === null ? undefined : this.#shown.get(this.#current);
    if (next) next.element.focus();
    else this.#actions.leave?.();
  }

  #onFocus(target: EventTarget | null): void {
    const chip = this.#at(target);
    if (!chip) return;
    this.#current = chip.name;
    for (const [name, { element }] of this.#shown) element.tabIndex = name === chip.name ? 0 : -1;
    this.#actions.point?.(chip);
  }

  #onClick(event: MouseEvent): void {
    const chip = this.#at(event.target);
    if (!chip || !(event.target instanceof Element)) return;
    const act = event.target.closest<HTMLElement>("[data-act]")?.dataset.act;
    this.#shown.get(chip.name)?.element.focus();
    if (act === "accept" || (act === undefined && chip.kind === "partial")) this.#actions.accept?.(chip);
    else if (act !== undefined) this.#actions.remove?.(chip);
  }

  #openMenu(event: MouseEvent): void {
    const chip = this.#at(event.target);
    const element = chip && this.#shown.get(chip.name)?.element;
    const { menu, only, rename, pin, locked } = this.#actions;
    if (!chip || !element || !menu) return;
    event.preventDefault();
    const disabled = locked?.() ?? false;
    const items: (MenuItem | false | undefined)[] = [
      only && { label: "Show only these", icon: "search", key: "O", run: () => only(chip) },
      rename && { label: "Rename", key: "F2", disabled, run: () => this.#rename(chip) },
      pin && { label: "Keep at hand", key: "P", disabled, run: () => pin(chip) },
    ];
    const offered = items.filter((item) => item !== undefined && item !== false);
    menu.openAt(event.clientX, event.clientY, offered, element);
  }

  #onKey(event: KeyboardEvent): void {
    const chip = this.#at(event.target);
    const onChip = event.target instanceof HTMLElement && event.target.getAttribute("role") === "option";
    if (!chip || !onChip) return;
    const { accept, remove, pin, only } = this.#actions;
    if (this.#order?.key(event, chip.name)) this.#renumber();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "Enter" && chip.kind !== "set") accept?.(chip);
    else if (event.key === "-") remove?.(chip);
    else if (event.key.toLowerCase() === "p" && pin) pin(chip);
    else if (event.key.toLowerCase() === "o" && only) only(chip);
    else if (event.key === "F2") this.#rename(chip);
    else if (!this.#move(event.key, chip)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Takes over the order of the page, in which chips were moved. */
  #renumber(): void {
    const entries = [...this.element.children].map((child) => (child as HTMLElement).dataset.name ?? "");
    for (const name of entries) {
      const entry = this.#shown.get(name);
      if (!entry) continue;
      this.#shown.delete(name);
      this.#shown.set(name, entry);
    }
  }

  #rename(chip: Chip | null): void {
    const { rename } = this.#actions;
    const element = chip && this.#shown.get(chip.name)?.element;
    if (!chip || !element || !rename || (chip.kind !== "set" && chip.kind !== "partial")) return;
    renameField(element, chip.name, (to) => {
      this.#draw(element, chip);
      if (to !== null && to !== chip.name) rename(chip, to);
    });
  }

  #move(key: string, chip: Chip): boolean {
    const boxes = [...this.#shown.values()];
    const at = boxes.findIndex((entry) => entry.chip.name === chip.name);
    const next =
      { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: boxes.length - 1 }[key] ??
      (key === "ArrowDown" || key === "ArrowUp" ? this.#beside(boxes, at, key === "ArrowDown" ? 1 : -1) : undefined);
    if (next === undefined) return false;
    if (next < 0) this.#actions.leave?.();
    else boxes[next]?.element.focus();
    return true;
  }

  /** The chip of the next row whose middle is nearest; below the last row there is none, above the first -1. */
  #beside(boxes: readonly { element: HTMLElement }[], at: number, by: 1 | -1): number {
    const rects = boxes.map(({ element }) => element.getBoundingClientRect());
    const from = rects[at];
    if (!from) return at;
    const middle = (rect: DOMRect) => rect.left + rect.width / 2;
    const rows = rects
      .map((rect, index) => ({ index, gap: (rect.top - from.top) * by, away: Math.abs(middle(rect) - middle(from)) }))
      .filter(({ gap }) => gap > 1);
    if (rows.length === 0) return by < 0 ? -1 : at;
    const nearest = Math.min(...rows.map(({ gap }) => gap));
    const row = rows.filter(({ gap }) => gap < nearest + 2);
    return row.reduce((best, other) => (other.away < best.away ? other : best)).index;
  }
}

/** `character, ` for a tag with a mark: the mark in words. */
export function categoryWords(category: number): string {
  const name = categoryName(category);
  return name === "general" ? "" : `, ${name}`;
}

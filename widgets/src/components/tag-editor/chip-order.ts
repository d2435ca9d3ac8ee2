import type { Cleanup } from "../../signal.ts";

/** How far the pointer moves before a press is a drag, in px. */
const DRAG_FROM = 5;

export interface Movable {
  readonly name: string;
  readonly element: HTMLElement;
}

export interface OrderOptions {
  /** The chips that may be moved, in the order shown; empty where nothing may be moved. */
  chips(): readonly Movable[];
  /** The chips were put into another order and let go. */
  drop(names: string[]): void;
  say(text: string): void;
}

/** Where a name lands when it is taken out and put in again before the place `to` of the old order. */
export function moved(names: readonly string[], from: number, to: number): string[] {
  const rest = names.toSpliced(from, 1);
  return rest.toSpliced(to > from ? to - 1 : to, 0, names[from] ?? "");
}

/** The place before which a point falls: rows first, then the middle of each chip. */
export function placeAt(boxes: readonly DOMRect[], x: number, y: number): number {
  const row = boxes.filter((box) => y < box.bottom);
  const first = row[0];
  if (!first) return boxes.length;
  const start = boxes.indexOf(first);
  const inRow = boxes.filter((box, at) => at >= start && box.top < first.bottom);
  const before = inRow.findIndex((box) => x < box.left + box.width / 2);
  return start + (before < 0 ? inRow.length : before);
}

/**
 * Puts chips into another order: Alt with the arrows moves the focused one until Alt is let go, or the pointer drags
 * it. Each is told once, at the drop.
 */
export class ChipOrder {
  readonly #list: HTMLElement;
  readonly #options: OrderOptions;
  /** The order made by keys and not yet dropped. */
  #kept: string[] | null = null;
  #drag: { at: number; x: number; y: number; to: number | null } | null = null;

  constructor(list: HTMLElement, options: OrderOptions, cleanup: Cleanup) {
    this.#list = list;
    this.#options = options;
    cleanup.listen(list, "keyup", (event) => event.key === "Alt" && this.#drop());
    cleanup.listen(list, "focusout", () => this.#drop());
    cleanup.listen(list, "pointerdown", (event) => this.#press(event));
    cleanup.listen(list, "pointermove", (event) => this.#follow(event));
    cleanup.listen(list, "pointerup", () => this.#release());
    cleanup.listen(list, "pointercancel", () => this.#forget());
  }

  /** Takes the keys that move a chip; true when this was one. */
  key(event: KeyboardEvent, name: string): boolean {
    if (event.key === "Escape" && this.#drag) {
      this.#forget();
      return true;
    }
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: Number.NEGATIVE_INFINITY, End: Number.POSITIVE_INFINITY }[
      event.key
    ];
    if (by === undefined || !event.altKey || event.ctrlKey || event.metaKey) return false;
    const chips = this.#options.chips();
    const from = chips.findIndex((chip) => chip.name === name);
    if (from < 0) return false;
    const to = Math.max(0, Math.min(chips.length - 1, from + by));
    if (to !== from) this.#kept = this.#shift(chips, from, to);
    this.#options.say(`${name} moved to position ${to + 1} of ${chips.length}`);
    return true;
  }

  /** The chips in the order that is being made; what came from the kernel wins when it has other chips. */
  arrange<T extends { readonly name: string }>(chips: readonly T[]): readonly T[] {
    const kept = this.#kept;
    if (kept === null) return chips;
    const by = new Map(chips.map((chip) => [chip.name, chip]));
    const arranged = kept.map((name) => by.get(name)).filter((chip) => chip !== undefined);
    if (arranged.length === chips.length && by.size === kept.length) return arranged;
    this.#kept = null;
    return chips;
  }

  /** Moves the others past the chip: an element taken out of the page would lose the keyboard. */
  #shift(chips: readonly Movable[], from: number, to: number): string[] {
    const chip = chips[from]?.element;
    const passed = to > from ? chips.slice(from + 1, to + 1) : chips.slice(to, from);
    for (const other of to > from ? passed : passed.toReversed()) {
      if (to > from) chip?.before(other.element);
      else chip?.after(other.element);
    }
    const names = chips.map((other) => other.name);
    return moved(names, from, to > from ? to + 1 : to);
  }

  #drop(): void {
    const names = this.#kept;
    this.#kept = null;
    if (names) this.#options.drop(names);
  }

  #press({ button, pointerType, target, clientX, clientY }: PointerEvent): void {
    // A finger scrolls the panel; its keys are those of the buttons.
    if (button !== 0 || pointerType === "touch" || !(target instanceof Element) || target.closest("[data-act]")) return;
    const at = this.#options.chips().findIndex((chip) => chip.element.contains(target));
    this.#drag = at < 0 || target instanceof HTMLInputElement ? null : { at, x: clientX, y: clientY, to: null };
  }

  #follow({ clientX, clientY, pointerId }: PointerEvent): void {
    const drag = this.#drag;
    if (!drag) return;
    if (drag.to === null) {
      if (Math.hypot(clientX - drag.x, clientY - drag.y) < DRAG_FROM) return;
      this.#list.setPointerCapture(pointerId);
    }
    const chips = this.#options.chips();
    drag.to = placeAt(
      chips.map((chip) => chip.element.getBoundingClientRect()),
      clientX,
      clientY,
    );
    this.#mark(chips, drag.at, drag.to);
  }

  #mark(chips: readonly Movable[], at: number | null, to: number | null): void {
    for (const [place, { element }] of chips.entries()) {
      element.classList.toggle("lr-chip-dragged", place === at);
      element.classList.toggle("lr-chip-drop-before", place === to);
      element.classList.toggle("lr-chip-drop-after", to === chips.length && place === chips.length - 1);
    }
  }

  #release(): void {
    const drag = this.#drag;
    const chips = this.#options.chips();
    this.#forget();
    if (!drag || drag.to === null || drag.to === drag.at || drag.to === drag.at + 1) return;
    const names = moved(
      chips.map((chip) => chip.name),
      drag.at,
      drag.to,
    );
    const name = chips[drag.at]?.name ?? "";
    this.#options.drop(names);
    this.#options.say(`${name} moved to position ${names.indexOf(name) + 1} of ${names.length}`);
  }

  #forget(): void {
    this.#drag = null;
    this.#mark(this.#options.chips(), null, null);
  }
}

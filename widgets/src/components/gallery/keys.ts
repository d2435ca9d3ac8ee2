import { isTextInput } from "../../dom.ts";
import type { KeyGroup } from "../shared/key-sheet.ts";
import type { Edits } from "./edits.ts";
import { LARGEST_CELL, SMALLEST_CELL } from "./geometry.ts";
import type { Grid } from "./grid.ts";
import type { LargeView } from "./large-view.ts";
import type { Session } from "./session.ts";

export const KEY_GROUPS: readonly KeyGroup[] = [
  {
    title: "Move",
    keys: [
      [["←", "→", "↑", "↓"], "previous, next, row"],
      [["Home", "End"], "first, last"],
      [["PgUp", "PgDn"], "one screen"],
      [["Enter"], "large view"],
      [["C"], "compare two to four"],
      [["[", "]"], "smaller, larger"],
      [["Tab"], "next panel"],
      [["Esc"], "back, then leave"],
    ],
  },
  {
    title: "Select and decide",
    keys: [
      [["Space"], "select"],
      [["Shift", "arrows"], "extend"],
      [["Ctrl", "A"], "all in view"],
      [["1", "…", "5"], "rate, 0 clears"],
      [["X"], "exclude or include"],
      [["U"], "undo"],
      [["Ctrl", "Shift", "Z"], "redo"],
    ],
  },
  {
    title: "Tag and find",
    keys: [
      [["/"], "search"],
      [["T"], "add a tag"],
      [["."], "repeat the last change"],
      [["+", "-"], "zoom the large view"],
      [["?"], "this sheet"],
    ],
  },
];

export interface KeyTargets {
  session: Session;
  grid: Grid;
  edits: Edits;
  large: LargeView;
  setCell(cell: number): void;
  /** Enter on an image. */
  open(position: number): void;
  search(): void;
  tag(): void;
  compare(): void;
  help(): void;
  /** Esc: what was open closes, then the selection goes, then the focus leaves the widget. */
  escape(): void;
}

const CELL_STEP = 20;

/** What a key does, or null where it is none of ours. Returned, not run, so that it can be tested and prevented. */
export function command(event: KeyboardEvent, to: KeyTargets): (() => void) | null {
  if (event.altKey || event.isComposing || isTextInput(event.target)) return null;
  const { target } = event;
  const onControl = target instanceof HTMLElement && target.closest("button, [role='menuitem'], input") !== null;
  const ctrl = event.ctrlKey || event.metaKey;
  // A button has Enter and Space to itself, a slider the arrows.
  if (onControl && (event.key === "Enter" || event.key === " ")) return null;
  if (target instanceof HTMLInputElement && /^(Arrow|Home|End|Page)/.test(event.key)) return null;
  if (ctrl) return combination(event, to);
  return (to.large.open ? inLarge(event, to) : inGrid(event, to)) ?? everywhere(event, to);
}

function combination(event: KeyboardEvent, { session, edits }: KeyTargets): (() => void) | null {
  switch (event.key.toLowerCase()) {
    case "a":
      return () => session.selection.all(session.counts.value.count);
    case "z":
      return () => void (event.shiftKey ? edits.redo() : edits.undo());
    case "y":
      return () => void edits.redo();
    default:
      return null;
  }
}

function inGrid(event: KeyboardEvent, to: KeyTargets): (() => void) | null {
  const { session, grid } = to;
  const { selection } = session;
  const { count } = session.counts.value;
  if (count === 0) return null;
  const { columns } = grid.geometry;
  const at = selection.active;
  const target = ((): number | null => {
    switch (event.key) {
      case "ArrowLeft":
        return at - 1;
      case "ArrowRight":
        return at + 1;
      case "ArrowUp":
        return at - columns < 0 ? at : at - columns;
      case "ArrowDown":
        // From above the gap of an unfinished last row it goes to the last image, or that row could not be reached.
        if (at + columns < count) return at + columns;
        return Math.floor(at / columns) < Math.floor((count - 1) / columns) ? count - 1 : at;
      case "Home":
        return 0;
      case "End":
        return count - 1;
      case "PageUp":
        return at - grid.page * columns;
      case "PageDown":
        return at + grid.page * columns;
      default:
        return null;
    }
  })();
  if (target !== null) {
    return () => {
      const position = at < 0 && event.key.startsWith("Arrow") ? 0 : Math.min(Math.max(target, 0), count - 1);
      if (event.shiftKey) selection.extendTo(position);
      else selection.moveTo(position);
      grid.reveal(position);
    };
  }
  if (event.key === "Enter") return () => to.open(Math.max(at, 0));
  if (event.key === " ") return () => selection.toggle(Math.max(at, 0));
  return null;
}

function inLarge(event: KeyboardEvent, { session, large }: KeyTargets): (() => void) | null {
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowUp":
    case "PageUp":
      return () => large.step(-1);
    case "ArrowRight":
    case "ArrowDown":
    case "PageDown":
      return () => large.step(1);
    case "Home":
      return () => large.step(-large.position);
    case "End":
      return () => large.step(session.counts.value.count - 1 - large.position);
    case "Enter":
      return () => large.close();
    case " ":
      return () => session.selection.toggle(large.position);
    case "+":
    case "=":
    case "-":
      return () => large.key(event.key);
    default:
      return null;
  }
}

function everywhere(event: KeyboardEvent, to: KeyTargets): (() => void) | null {
  const { edits, grid } = to;
  const cell =
    (step: number): (() => void) =>
    () =>
      to.setCell(Math.min(Math.max(grid.wish + step, SMALLEST_CELL), LARGEST_CELL));
  if (/^[0-5]$/.test(event.key)) return () => edits.rate(Number(event.key));
  switch (event.key) {
    case "[":
      return cell(-CELL_STEP);
    case "]":
      return cell(CELL_STEP);
    case "/":
      return to.search;
    case "?":
      return to.help;
    case ".":
      return () => edits.repeat();
    case "Escape":
      return to.escape;
    default:
      break;
  }
  switch (event.key.toLowerCase()) {
    case "t":
      return to.tag;
    case "c":
      return to.compare;
    case "x":
      return () => edits.toggleExcluded();
    case "u":
      return () => void (event.shiftKey ? edits.redo() : edits.undo());
    default:
      return null;
  }
}

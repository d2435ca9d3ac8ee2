import type { KeyGroup } from "../shared/key-sheet.ts";

export const KEYS: readonly KeyGroup[] = [
  {
    title: "Two answers",
    keys: [
      [["1", "←"], "the left one is better"],
      [["2", "→"], "the right one is better"],
      [["0"], "tie"],
      [["X"], "neither"],
      [["U"], "take the last vote back"],
      [["Space"], "skip for now"],
      [["D"], "show the words that differ"],
    ],
  },
  {
    title: "Everywhere",
    keys: [
      [["R"], "reveal the names, or back to the votes"],
      [["+", "-"], "zoom"],
      [["Esc"], "close what is open, then leave"],
      [["?"], "this sheet"],
    ],
  },
];

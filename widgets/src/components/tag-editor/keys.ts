import type { KeyGroup } from "../shared/key-sheet.ts";

/** The sheet behind `?`. */
export const KEYS: readonly KeyGroup[] = [
  {
    title: "Go to",
    keys: [
      [["T"], "add a tag"],
      [["E"], "edit the caption"],
      [["PgUp", "PgDn"], "previous, next image"],
      [["Tab"], "next panel"],
      [["Esc"], "close a list, then leave the widget"],
    ],
  },
  {
    title: "On a chip",
    keys: [
      [["arrows"], "move, also from row to row"],
      [["Enter"], "accept, or add to the rest"],
      [["-"], "remove, or reject"],
      [["F2"], "rename"],
    ],
  },
  {
    title: "In the tag field",
    keys: [
      [["Enter"], "add what is highlighted"],
      [["Shift", "Enter"], "add it as typed"],
      [[","], "one more tag"],
    ],
  },
  {
    title: "Image and undo",
    keys: [
      [["1", "5"], "rate, 0 clears"],
      [["X"], "exclude, include"],
      [["U"], "undo, with Shift redo"],
      [["Ctrl", "Z"], "undo, with Shift redo"],
    ],
  },
];

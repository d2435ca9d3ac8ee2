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
      [["Alt", "arrows"], "move it to another place"],
      [["F2"], "rename"],
      [["P"], "keep at hand"],
      [["O"], "show only the images that have it"],
    ],
  },
  {
    title: "On a sentence of a model",
    keys: [
      [["Enter"], "accept, or leave it to the models"],
      [["-"], "strike, or leave it to the models"],
    ],
  },
  {
    title: "In the tag field",
    keys: [
      [["Enter"], "add what is highlighted"],
      [["Shift", "Enter"], "add it as typed"],
      [[","], "one more tag"],
      [["Alt", "Down"], "tags at hand: pinned and recent"],
      [["Ctrl", "Enter"], "pin what is highlighted, or let it go"],
    ],
  },
  {
    title: "Copy tags",
    keys: [
      [["Ctrl", "C"], "copy all tags of the image"],
      [["Ctrl", "V"], "add the copied ones"],
      [["Ctrl", "Shift", "V"], "replace the tags by them"],
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

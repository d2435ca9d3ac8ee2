import type { KeyGroup } from "../shared/key-sheet.ts";

export const KEYS: readonly KeyGroup[] = [
  {
    title: "One tag, yes or no",
    keys: [
      [["Y"], "yes, the tag is right"],
      [["N"], "no, reject it"],
      [["Space", "→"], "skip"],
      [["Z", "Backspace"], "take the last one back"],
      [["S"], "show the model's score"],
      [["Esc"], "pause, and see the report"],
    ],
  },
  {
    title: "Image by image",
    keys: [
      [["Enter", "→"], "reviewed, and on"],
      [["Space"], "on, without the mark"],
      [["←"], "back"],
      [["1", "…", "9"], "recent tags"],
      [["T"], "add a tag"],
      [["E"], "edit the caption"],
      [["X"], "exclude, include"],
      [["U"], "undo"],
      [["Esc"], "from a field to the picture, then leave"],
    ],
  },
  {
    title: "Picture",
    keys: [
      [["+", "-"], "zoom"],
      [["?"], "this sheet"],
    ],
  },
];

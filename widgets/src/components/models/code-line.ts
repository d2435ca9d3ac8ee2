import { h, setText } from "../../dom.ts";
import { copyButton } from "../shared/copy.ts";

/** The line of code that does the same in a cell, and its Copy. */
export class CodeLine {
  readonly element: HTMLElement;
  readonly #code = h("code", { class: "lr-mono mp-wrap" });

  constructor(say: (text: string) => void, line = "") {
    this.element = h("div", { class: "mp-code" }, this.#code, copyButton(this.#code, say, "Copy the line"));
    this.line = line;
  }

  set line(line: string) {
    setText(this.#code, line);
  }
}

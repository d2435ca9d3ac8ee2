import { h, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { TagsOk } from "../../protocol.ts";
import { button } from "../shared/button.ts";
import type { Session } from "./session.ts";

/** `Over 75 tokens: 3 images`, of those that are selected; a press searches for all such. */
export class TooLong {
  readonly element: HTMLElement;
  readonly #label = h("span", { class: "lr-t3" });
  readonly #none = h("span", {}, "none");
  readonly #some: HTMLButtonElement;
  #limit = 0;

  constructor(session: Session) {
    this.#some = button("", {
      kind: "link",
      onClick: () => void session.narrow({ kind: "above", column: "tokens", limit: this.#limit }),
    });
    this.#some.classList.add("te-too-long");
    this.#some.prepend(icon("warning", 12));
    this.element = h("div", { attrs: { hidden: true } }, this.#label, this.#none, this.#some);
  }

  show(tokens: TagsOk["tokens"]): void {
    this.element.hidden = tokens === null;
    if (tokens === null) return;
    const { limit, over } = tokens;
    this.#limit = limit;
    setText(this.#label, `Over ${number(limit)} tokens`);
    this.#none.hidden = over > 0;
    this.#some.hidden = over === 0;
    const label = this.#some.lastElementChild;
    if (label) setText(label, counted(over, "image"));
    this.#some.title = `Search tokens:>${limit}`;
  }
}

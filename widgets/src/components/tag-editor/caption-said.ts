import { fill, h, setAttribute } from "../../dom.ts";
import type { CaptionInfo } from "../../protocol/tagging.ts";
import { button } from "../shared/button.ts";
import type { Menu } from "../shared/menu.ts";
import { authorWords } from "./describe.ts";
import { diffPieces } from "./diff-view.ts";

/** What changed in a caption since a model or a file wrote it, word by word; its text can be taken back. */
export class CaptionSaid {
  /** Opens it; hidden where nobody else wrote, or the same. */
  readonly press: HTMLButtonElement;
  readonly element: HTMLElement;
  readonly #menu: Menu;
  readonly #take: (text: string) => void;
  #text = "";
  #said: CaptionInfo["said"] = [];
  #by: string | null = null;
  #enabled = true;

  constructor(menu: Menu, take: (text: string) => void) {
    this.#menu = menu;
    this.#take = take;
    this.press = button("", { kind: "link", onClick: () => this.#toggle() });
    this.element = h("div", { class: "te-said", attrs: { role: "group", hidden: true } });
  }

  /** @param text what stands in the box now */
  show(said: CaptionInfo["said"], text: string, enabled: boolean): void {
    this.#said = said.filter((other) => other.text !== text);
    this.#text = text;
    this.#enabled = enabled;
    const [first] = this.#said;
    this.press.hidden = first === undefined;
    const label = this.press.firstElementChild;
    const one = this.#said.length === 1 && first;
    if (label) label.textContent = one ? `Changes to ${plain(first.by)}` : "Changes to…";
    if (!this.#said.some(({ by }) => by === this.#by)) this.#by = null;
    this.#draw();
  }

  #toggle(): void {
    const [first, second] = this.#said;
    if (this.#by !== null) this.#open(null);
    else if (first && second === undefined) this.#open(first.by);
    else {
      const items = this.#said.map(({ by }) => ({ label: authorWords(by), run: () => this.#open(by) }));
      this.#menu.openUnder(this.press, items);
    }
  }

  #open(by: string | null): void {
    this.#by = by;
    this.#draw();
  }

  #draw(): void {
    const shown = this.#said.find(({ by }) => by === this.#by);
    this.element.hidden = shown === undefined;
    setAttribute(this.press, "aria-expanded", shown !== undefined);
    if (shown === undefined) return;
    const { by, text } = shown;
    setAttribute(this.element, "aria-label", `Changes to the text ${authorWords(by)}`);
    fill(
      this.element,
      h("div", { class: "te-diff" }, ...diffPieces(text, this.#text, true)),
      this.#enabled && button(`Use the text ${authorWords(by)}`, { kind: "link", onClick: () => this.#take(text) }),
    );
  }
}

const plain = (by: string): string => (by === "file" ? "the file" : by);

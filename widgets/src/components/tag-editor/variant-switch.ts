import { fill, h, setAttribute } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { CaptionInfo } from "../../protocol/tagging.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import type { Menu, MenuItem } from "../shared/menu.ts";
import { authorWords } from "./describe.ts";

/** Which of an image's captions is shown: a menu of those it has, with who wrote each, and a new one by its name. */
export class VariantSwitch {
  readonly element: HTMLElement;
  readonly #press: HTMLButtonElement;
  readonly #name: HTMLInputElement;
  readonly #menu: Menu;
  readonly #choose: (name: string) => void;
  #caption: CaptionInfo | null = null;
  #enabled = true;

  constructor(menu: Menu, choose: (name: string) => void, cleanup: Cleanup) {
    this.#menu = menu;
    this.#choose = choose;
    this.#press = button("default", { kind: "quiet", small: true, onClick: () => this.#open() });
    this.#press.append(icon("down", 12));
    setAttribute(this.#press, "aria-haspopup", "menu");
    this.#name = h("input", {
      class: "lr-input te-variant-name",
      attrs: { "aria-label": "Name of the new variant", placeholder: "short", maxlength: 60, hidden: true },
    });
    this.element = h("span", { class: "lr-row te-variant" }, this.#press, this.#name);
    cleanup.listen(this.#name, "keydown", (event) => this.#onKey(event));
    cleanup.listen(this.#name, "blur", () => this.#ask(false));
  }

  show(caption: CaptionInfo | null, enabled: boolean): void {
    this.#caption = caption;
    this.#enabled = enabled;
    const name = caption?.variant ?? "default";
    fill(this.#press, h("span", { class: "lr-cut" }, name), icon("down", 12));
    setAttribute(this.#press, "aria-label", `Caption variant: ${name}`);
    this.#press.title = "Another variant of the caption";
  }

  #open(): void {
    const { variant = "default", variants = [] } = this.#caption ?? {};
    const names = new Set(["default", variant, ...variants.map(({ name }) => name)]);
    const items: MenuItem[] = [...names].map((name) => {
      const source = variants.find((other) => other.name === name)?.source;
      return {
        label: `${name} · ${source === undefined ? "empty" : authorWords(source)}`,
        checked: name === variant,
        run: () => this.#choose(name),
      };
    });
    items.push({ label: "New variant…", icon: "plus", disabled: !this.#enabled, run: () => this.#ask(true) });
    this.#menu.openUnder(this.#press, items);
  }

  #ask(asking: boolean): void {
    this.#press.hidden = asking;
    this.#name.hidden = !asking;
    if (!asking) return;
    this.#name.value = "";
    this.#name.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    const name = this.#name.value.trim();
    this.#ask(false);
    this.#press.focus();
    if (event.key === "Enter" && name !== "") this.#choose(name);
  }
}

import type { Channel } from "../../channel.ts";
import { isAbort, KernelError } from "../../channel.ts";
import { fill, h, setText } from "../../dom.ts";
import { button, iconButton } from "../shared/button.ts";
import { copyButton } from "../shared/copy.ts";
import { coloured } from "./python.ts";

/** What was done as Python, beside the history or, where that is narrow, in its place. */
export class RecipePanel {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #toggle: HTMLButtonElement;
  readonly #said = h("span", { class: "lr-t3 lr-cut" });
  // No <pre>: hosts style it.
  readonly #code = h("div", {
    class: "lr-mono hi-code",
    attrs: { role: "region", tabindex: 0, "aria-label": "Recipe, as Python" },
  });
  #asked = 0;

  constructor(channel: Channel, say: (text: string) => void) {
    this.#channel = channel;
    const close = iconButton("close", "Close the recipe (Esc)", () => this.#show(false), { small: true });
    this.element = h(
      "section",
      { class: "hi-recipe", attrs: { "aria-label": "Recipe", hidden: true } },
      h(
        "header",
        { class: "hi-title" },
        h("span", { class: "lr-strong" }, "Recipe"),
        this.#said,
        h("span", { class: "lr-space" }),
        copyButton(this.#code, say, "Copy the recipe"),
        close,
      ),
      this.#code,
    );
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.#show(false);
    });
    this.#toggle = button("Recipe", {
      icon: "braces",
      kind: "quiet",
      small: true,
      title: "What was done, as Python",
      onClick: () => this.#show(!this.open),
    });
    this.#toggle.setAttribute("aria-expanded", "false");
  }

  /** The button that opens and closes it. */
  get toggle(): HTMLButtonElement {
    return this.#toggle;
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** Reads it anew, if it is open. */
  refresh(): void {
    if (this.open) void this.#load();
  }

  #show(open: boolean): void {
    this.element.hidden = !open;
    this.#toggle.setAttribute("aria-expanded", String(open));
    if (!open) this.#toggle.focus();
    else {
      this.#code.focus();
      void this.#load();
    }
  }

  /** Scrolls to where the calls begin; above it stands how to run them. */
  #toCalls(): void {
    const words = this.#code.querySelectorAll<HTMLElement>(".hi-word");
    const start = [...words].find((word) => word.textContent === "def");
    if (start) this.#code.scrollTop = start.offsetTop - 10;
  }

  async #load(): Promise<void> {
    this.#asked += 1;
    const mine = this.#asked;
    setText(this.#said, "Writing…");
    try {
      const { ok } = await this.#channel.request("history.recipe", {});
      if (mine !== this.#asked) return;
      const reached = ok.fingerprint.slice(0, 8);
      setText(this.#said, `${ok.whole ? "" : "its beginning · "}replays to ${reached.slice(0, 4)} ${reached.slice(4)}`);
      this.#said.title = `Fingerprint ${ok.fingerprint}. Keep it with project.recipe().save("name.py").`;
      const first = this.#code.childElementCount === 0;
      fill(this.#code, ...coloured(ok.text));
      if (first) this.#toCalls();
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      setText(this.#said, `Could not be written: ${error.message}`);
    }
  }
}

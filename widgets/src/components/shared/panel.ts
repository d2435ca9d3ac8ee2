import "./panel.css";
import type { Channel } from "../../channel.ts";
import { isAbort } from "../../channel.ts";
import { fill, h } from "../../dom.ts";
import type { Around, Standing } from "../../part.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "./button.ts";
import { loadPart, type PartName, styleOf } from "./parts.ts";

/** A place in a widget and the part in it, which is loaded when the place is first opened. */
export class Panel {
  readonly element: HTMLElement;
  readonly #name: PartName;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #around: Around;
  #standing: Standing | null = null;
  #loading: Promise<Standing | null> | null = null;

  constructor(name: PartName, label: string, channel: Channel, cleanup: Cleanup, around: Around) {
    this.#name = name;
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#around = around;
    this.element = h("section", {
      class: `wb-panel wb-${name}`,
      attrs: { "aria-label": label, hidden: true },
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  set open(open: boolean) {
    this.element.hidden = !open;
    if (open) void this.ready();
  }

  get standing(): Standing | null {
    return this.#standing;
  }

  /** Puts the keyboard into the part as soon as it is there. */
  async focus(): Promise<void> {
    const standing = await this.ready();
    if (this.open) standing?.focus();
  }

  /** The part, loaded if it was not; null when it could not be, which then stands in its place. */
  ready(): Promise<Standing | null> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<Standing | null> {
    try {
      const digest = this.#around.hello.value?.parts?.[this.#name] ?? "";
      const bundle = await loadPart(this.#channel, this.#name, digest);
      if (this.#cleanup.done) return null;
      this.#standing = bundle.part(this.#channel, this.#cleanup, this.#around);
      fill(this.element, styleOf(bundle), this.#standing.element);
      return this.#standing;
    } catch (error) {
      this.#loading = null;
      if (isAbort(error)) return null;
      const said = error instanceof Error ? error.message : String(error);
      const again = button("Try again", { small: true, onClick: () => void this.ready() });
      fill(this.element, h("div", { class: "wb-missing" }, h("span", {}, `This panel did not load: ${said}`), again));
      return null;
    }
  }
}

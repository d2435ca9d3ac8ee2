import { h, isTextInput } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { EditAction } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { iconButton, relabel } from "../shared/button.ts";
import type { Menu } from "../shared/menu.ts";
import { copiedTags, holdTags, tagText } from "./clipboard.ts";
import type { Session } from "./session.ts";
import { splitNames } from "./tag-names.ts";

/** What is copied and what is pasted on. */
export interface CopySubject {
  /** The tags in their order. */
  names(): readonly string[];
  /** Whose tags they are, in words. */
  of(): string;
  /** How many images a paste changes. */
  count(): number;
  edit(action: EditAction): void;
}

/** Copies all tags of what is shown, and pastes them on other images: by two buttons, and by the usual keys. */
export class CopyTags {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #subject: CopySubject;
  readonly #copy: HTMLButtonElement;
  readonly #paste: HTMLButtonElement;

  constructor(session: Session, subject: CopySubject, menu: Menu) {
    this.#session = session;
    this.#subject = subject;
    this.#copy = iconButton("copy", "Copy the tags (Ctrl C)", () => void this.#copyOut(), { small: true });
    this.#paste = iconButton("paste", "", () => menu.openUnder(this.#paste, this.#choices()), { small: true });
    this.#copy.hidden = this.#paste.hidden = true; // until it is known whether there is anything
    this.element = h("span", { class: "lr-row te-copy" }, this.#copy, this.#paste);
  }

  refresh(): void {
    const copied = copiedTags().length;
    this.#copy.hidden = this.#subject.names().length === 0;
    this.#paste.hidden = copied === 0 || this.#session.locked !== null;
    relabel(this.#paste, `Paste ${counted(copied, "tag")} (Ctrl V)`);
  }

  /** The host's copy event: this way no host denies the system's clipboard. */
  onCopy(event: ClipboardEvent): void {
    const names = this.#subject.names();
    if (names.length === 0) return;
    event.clipboardData?.setData("text/plain", tagText(names));
    event.preventDefault();
    this.#hold(names);
  }

  /** The host's paste event; `replace` where it comes with Shift. */
  onPaste(event: ClipboardEvent, replace: boolean): void {
    const text = splitNames(event.clipboardData?.getData("text/plain") ?? "");
    const names = text.length > 0 ? text : copiedTags();
    if (names.length === 0) return;
    event.preventDefault();
    this.#put(names, replace);
  }

  #choices() {
    const names = copiedTags();
    const on = this.#subject.count() === 1 ? "this image" : `all ${number(this.#subject.count())}`;
    return [
      { label: `Add ${counted(names.length, "tag")} to ${on}`, key: "Ctrl V", run: () => this.#put(names, false) },
      { label: `Replace the tags of ${on}`, key: "Ctrl Shift V", run: () => this.#put(names, true) },
    ];
  }

  #put(names: readonly string[], replace: boolean): void {
    this.#subject.edit({ action: replace ? "tags.set" : "tags.add", names: [...names] });
  }

  async #copyOut(): Promise<void> {
    const names = this.#subject.names();
    this.#hold(names);
    try {
      await navigator.clipboard.writeText(tagText(names));
    } catch {
      // The host keeps its clipboard to itself; the page's own holds the tags all the same.
    }
  }

  #hold(names: readonly string[]): void {
    holdTags(names);
    this.#session.toast.show(`Copied ${counted(names.length, "tag")} ${this.#subject.of()}`);
    this.refresh();
  }
}

/**
 * Copy and paste in an element, and anywhere in the widget around it where it is in sight, the gallery too; but not in
 * text fields, nor over a selected text, nor where another tag editor of the widget has the keyboard.
 */
export function listenToClipboard(element: HTMLElement, target: () => CopyTags | null, cleanup: Cleanup): void {
  let shift = false;
  const meant = (event: Event): boolean => {
    const path = event.composedPath();
    if (event.defaultPrevented || isTextInput(path[0] ?? null)) return false;
    const root = element.closest(".lr");
    const another = path.some((node) => node instanceof Element && node.classList.contains("te") && node !== element);
    const beside = root !== null && path.includes(root) && !another && element.offsetParent !== null;
    return path.includes(element) || beside;
  };
  cleanup.listen(document, "keydown", (event) => {
    shift = event.shiftKey;
  });
  cleanup.listen(document, "copy", (event) => {
    if (meant(event) && getSelection()?.isCollapsed !== false) target()?.onCopy(event);
  });
  cleanup.listen(document, "paste", (event) => {
    if (meant(event)) target()?.onPaste(event, shift);
  });
}

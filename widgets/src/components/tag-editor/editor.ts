import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./tag-editor.css";
import "./chips.css";
import "./one-image.css";
import "./several-images.css";
import "./tag-input.css";
import type { Channel } from "../../channel.ts";
import { focused, h, isTextInput, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { Around, Part } from "../../part.ts";
import type { Cleanup } from "../../signal.ts";
import type { Component } from "../../widget.ts";
import { button, enable, iconButton, relabel } from "../shared/button.ts";
import { KeySheet } from "../shared/key-sheet.ts";
import { Live } from "../shared/live.ts";
import { Menu } from "../shared/menu.ts";
import { Toast } from "../shared/toast.ts";
import { listenToClipboard } from "./copy-tags.ts";
import { writtenAs } from "./describe.ts";
import { Footer } from "./footer.ts";
import { KEYS } from "./keys.ts";
import { type LatePanel, LatePanels } from "./late-panels.ts";
import { step } from "./neighbours.ts";
import { OneImage } from "./one-image.ts";
import { type Says, Session } from "./session.ts";
import { SeveralImages } from "./several-images.ts";
import type { Composing } from "./template-panel.ts";

/** The tag editor: one image or several, with the switch between them, undo, and what the kernel is doing. */
export class TagEditor {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #one: OneImage;
  readonly #several: SeveralImages;
  readonly #panels: LatePanels;
  readonly #sheet: KeySheet;
  readonly #around: Around | null;
  readonly #empty: HTMLElement;
  readonly #footer: Footer;
  readonly #title = h("span", { class: "lr-t3 lr-cut te-title" });
  readonly #switch: HTMLElement;
  readonly #chooseOne: HTMLButtonElement;
  readonly #chooseSeveral: HTMLButtonElement;
  readonly #steps: HTMLElement;
  readonly #undo: HTMLButtonElement;
  readonly #redo: HTMLButtonElement;
  readonly #find: HTMLButtonElement;
  readonly #compose: HTMLButtonElement;
  readonly #written: HTMLButtonElement[];
  #spaces = false;
  /** What was asked for by its key and not yet used: a selection still on its way may bring another panel. */
  #wish: "tag" | "caption" | null = null;

  /** @param around the workbench it stands in, which then has the foot, undo and the keyboard sheet; null alone. */
  constructor(channel: Channel, cleanup: Cleanup, around: Around | null = null) {
    this.#around = around;
    const live = new Live(cleanup);
    const toast = new Toast(cleanup, live);
    this.#session = new Session(channel, around ? inDock(around) : inFoot(toast, live), cleanup);
    const written = () => writtenAs(this.#spaces);
    const body = h("div", { class: "te-body" });
    const menu = new Menu(body, cleanup);
    const judge = (from: HTMLElement) => this.#panels.toggle("sentences", from);
    this.#one = new OneImage(this.#session, written, menu, cleanup, judge, around?.compare);
    this.#several = new SeveralImages(this.#session, written, menu, cleanup);
    this.#panels = new LatePanels(this.#session, cleanup);
    this.#sheet = new KeySheet(KEYS, () => this.element.focus());
    this.#footer = new Footer(this.#session, toast, cleanup);
    this.#chooseOne = choice("This image", () => this.#session.choose("one"));
    this.#chooseSeveral = choice("", () => this.#session.choose("several"));
    this.#switch = segment("What is edited", this.#chooseOne, this.#chooseSeveral);
    this.#written = [choice("long_hair", () => this.#write(false)), choice("long hair", () => this.#write(true))];
    this.#undo = iconButton("undo", "Nothing to undo", () => this.#session.undo());
    this.#redo = iconButton("redo", "Nothing to redo", () => this.#session.redo());
    this.#find = button("Find and replace…", {
      kind: "quiet",
      small: true,
      title: "In the captions of these images",
      onClick: () => this.#panels.toggle("replace", this.#find),
    });
    this.#compose = button("Template…", {
      kind: "quiet",
      small: true,
      title: "Captions from a template",
      onClick: () => this.#panels.toggle("template", this.#compose),
    });
    this.#footer.element.append(this.#find, this.#compose);
    this.#steps = h(
      "span",
      { class: "lr-row te-steps" },
      iconButton("previous", "Previous image (PgUp)", () => this.#step(-1)),
      iconButton("next", "Next image (PgDn)", () => this.#step(1)),
    );
    this.#empty = h(
      "div",
      { class: "te-empty" },
      h("span", { class: "te-empty-title" }, "Select an image in the gallery"),
      h("span", { class: "lr-t2" }, "Its tags and its caption are edited here."),
    );
    body.prepend(this.#empty, this.#one.element, this.#several.element, this.#panels.element);
    this.element = h(
      "div",
      { class: "te", attrs: { role: "region", tabindex: -1, "aria-label": "Tags" } },
      this.#header(),
      body,
      this.#footer.element,
      around === null && this.#sheet.element,
      around === null && live.element,
    );
    this.element.classList.toggle("te-inspector", around !== null);
    this.#listen(channel, cleanup);
    this.#draw();
    void this.#session.follow.refresh();
  }

  #header(): HTMLElement {
    const space = h("span", { class: "lr-space" });
    if (this.#around) return h("div", { class: "te-header" }, this.#switch, this.#title, space, this.#steps);
    return h(
      "div",
      { class: "te-header" },
      this.#switch,
      this.#title,
      space,
      h("span", { class: "lr-row lr-t2 te-written" }, "Written as", segment("Written as", ...this.#written)),
      this.#steps,
      h("span", { class: "lr-rule" }),
      this.#undo,
      this.#redo,
      iconButton("help", "Keyboard (?)", () => this.#sheet.toggle()),
    );
  }

  /** Puts the keyboard on the tag input, or on the caption; at once, or when what was selected a moment ago comes. */
  ask(what: "tag" | "caption"): boolean {
    if (what === "caption" && this.#session.mode.value === "several") return false;
    this.#wish = what;
    this.#grant();
    return true;
  }

  #grant(): void {
    const mode = this.#session.mode.value;
    if (this.#wish === null || mode === "empty") return;
    if (mode === "one" && this.#wish === "caption") this.#one.caption.focus();
    else (mode === "one" ? this.#one : this.#several).input.begin();
  }

  #listen(channel: Channel, cleanup: Cleanup): void {
    const { mode, one, several, follow, undoable, redoable } = this.#session;
    const draw = () => this.#draw();
    for (const signal of [
      one.shown,
      several.shown,
      follow.hello,
      follow.failure,
      channel.health,
      channel.mismatch,
      this.#panels.open,
    ]) {
      cleanup.add((signal as { subscribe(listener: () => void): () => void }).subscribe(draw));
    }
    cleanup.add(undoable.subscribe(draw));
    cleanup.add(redoable.subscribe(draw));
    cleanup.add(
      mode.subscribe((now) => {
        // A panel that goes takes the keyboard along, and the next letters would be the notebook's.
        if (this.#wish === null && this.#typing()) this.#wish = "tag";
        if (now !== "several") {
          this.#several.clear();
          this.#panels.close("replace");
        }
        if (now === "empty") this.#panels.close("template");
        if (now !== "one") {
          this.#one.clear();
          this.#panels.close("sentences");
        }
        draw();
        this.#grant();
      }),
    );
    cleanup.add(follow.subject.subscribe(() => this.#several.input.clear()));
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    const copy = () => ({ one: this.#one.copy, several: this.#several.copy, empty: null })[mode.value];
    listenToClipboard(this.element, copy, cleanup);
    for (const used of ["input", "pointerdown", "focusout"] as const) {
      cleanup.listen(this.element, used, () => {
        this.#wish = null;
      });
    }
  }

  /** Whether the keyboard is in one of the panels. */
  #typing(): boolean {
    const active = focused(this.element);
    return active !== null && this.element.querySelector(".te-body")?.contains(active) === true;
  }

  #write(spaces: boolean): void {
    this.#spaces = spaces;
    this.#draw();
  }

  #draw(): void {
    const { mode, one, several, follow, readonly } = this.#session;
    const now = mode.value;
    const why = this.#session.locked ?? "";
    const enabled = why === "";
    const written = writtenAs(this.#spaces);
    this.element.classList.toggle("te-readonly", readonly);
    this.#empty.hidden = now !== "empty" || follow.hello.value === null;
    this.#one.element.hidden = now !== "one";
    this.#several.element.hidden = now !== "several";
    if (now === "one") this.#one.show(one.shown.value, written, enabled, why);
    if (now === "several") this.#several.show(several.shown.value, written, enabled, why);
    const state = one.shown.value ?? several.shown.value;
    const details = now === "one" ? one.shown.value : null;
    this.#panels.refresh({ tags: several.shown.value, details, composing: this.#composing(), state, why });
    this.#drawHeader(enabled && !readonly);
    this.#footer.draw(one.failure.value ?? several.failure.value ?? follow.failure.value);
    this.#find.hidden = now !== "several" || readonly;
    const expanded = (name: LatePanel) => String(this.#panels.open.value === name);
    this.#find.setAttribute("aria-expanded", expanded("replace"));
    this.#compose.hidden = now === "empty" || readonly;
    this.#compose.setAttribute("aria-expanded", expanded("template"));
    this.#one.caption.sentences.setAttribute("aria-expanded", expanded("sentences"));
  }

  /** What a template would write: the captions of what is shown. */
  #composing(): Composing | null {
    const { mode, several } = this.#session;
    const { id } = this.#one;
    if (mode.value === "one") return id === null ? null : { target: { id }, count: 1, ids: [id] };
    const tags = several.shown.value;
    return tags && { target: "selected", count: tags.count, ids: tags.sample };
  }

  #drawHeader(enabled: boolean): void {
    const { mode, follow, undoable, redoable, readonly } = this.#session;
    const project = follow.hello.value?.project;
    const count = follow.subject.value?.selection.count ?? 0;
    setAttribute(this.element, "aria-label", project === undefined ? "Tags" : `Tags, ${project}`);
    this.#switch.hidden = mode.value === "empty";
    setText(this.#title, mode.value === "empty" ? "Tags" : "");
    setText(this.#chooseSeveral, `${number(count)} selected`);
    setAttribute(this.#chooseOne, "aria-pressed", mode.value === "one");
    setAttribute(this.#chooseSeveral, "aria-pressed", mode.value === "several");
    this.#chooseSeveral.title = count > 1 ? `Edit ${counted(count, "image")} at once` : "";
    enable(this.#chooseSeveral, count > 1, "Select several images in the gallery");
    this.#steps.hidden = mode.value !== "one";
    for (const [at, press] of this.#written.entries()) setAttribute(press, "aria-pressed", (at === 1) === this.#spaces);
    for (const [press, state, verb] of [
      [this.#undo, undoable.value, "undo"],
      [this.#redo, redoable.value, "redo"],
    ] as const) {
      press.hidden = readonly;
      relabel(press, state ? `${verb === "undo" ? "Undo" : "Redo"}: ${state.message}` : `Nothing to ${verb}`);
      setAttribute(press, "aria-disabled", enabled && state !== null ? null : true);
    }
  }

  #step(by: -1 | 1): void {
    step(this.#session, this.#one.id, by).catch((error: unknown) => this.#session.follow.failed(error));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    const typing = isTextInput(event.target);
    if (event.key === "Escape") this.#leave();
    else if (this.#around && !/^[xX0-5]$|^Page/.test(event.key)) return;
    else if (command && !event.altKey && event.key.toLowerCase() === "z" && !typing) this.#turnBack(event.shiftKey);
    else if (command || event.altKey || typing || !this.#bareKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #turnBack(forward: boolean): void {
    if (forward) this.#session.redo();
    else this.#session.undo();
  }

  #bareKey({ key, shiftKey }: KeyboardEvent): boolean {
    const mode = this.#session.mode.value;
    if (key === "?") this.#sheet.toggle();
    else if (key.toLowerCase() === "u") this.#turnBack(shiftKey);
    else if (mode === "empty") return false;
    else if (key.toLowerCase() === "t" || key.toLowerCase() === "e")
      return this.ask(key.toLowerCase() === "t" ? "tag" : "caption");
    else if (mode === "several") return false;
    else if (key === "PageDown" || key === "PageUp") this.#step(key === "PageDown" ? 1 : -1);
    else if (/^[0-5]$/.test(key)) this.#one.rate(Number(key));
    else if (key.toLowerCase() === "x") this.#one.exclude();
    else return false;
    return true;
  }

  /** Esc: closes the sheet or the panel, else gives the keyboard back to the notebook. */
  #leave(): void {
    if (this.#sheet.open) this.#sheet.close();
    else if (this.#panels.open.value) this.#panels.close();
    else if (this.#around) this.#around.leave();
    else {
      focused(this.element)?.blur();
    }
  }
}

/** The component behind the shell. */
export const tagEditor: Component = (root, channel, cleanup) => {
  root.append(new TagEditor(channel, cleanup).element);
};

/** The tag editor as the workbench's inspector. `t` and `e` come from anywhere in the workbench. */
export const inspector: Part = (channel, cleanup, around) => {
  const editor = new TagEditor(channel, cleanup, around);
  return {
    element: editor.element,
    focus: () => editor.element.focus(),
    key: (event) => {
      const what = { t: "tag", e: "caption" }[event.key.toLowerCase()] as "tag" | "caption" | undefined;
      return what !== undefined && editor.ask(what);
    },
  };
};

/** What is said stands in the workbench's dock. */
function inDock(around: Around): Says {
  return {
    show: around.toast.bind(around),
    say: around.say.bind(around),
    searched: around.searched.bind(around),
  };
}

/** What is said stands in the editor's own foot. */
function inFoot(toast: Toast, live: Live): Says {
  return {
    show: toast.show.bind(toast),
    say: live.say.bind(live),
    searched: ({ count, query }) => toast.show(`The gallery shows ${counted(count, "image")}: ${query}`),
  };
}

function choice(text: string, onClick: () => void): HTMLButtonElement {
  const element = h("button", { class: "te-choice", attrs: { type: "button", "aria-pressed": false } }, text);
  element.addEventListener("click", () => {
    if (element.getAttribute("aria-disabled") !== "true") onClick();
  });
  return element;
}

function segment(label: string, ...choices: HTMLElement[]): HTMLElement {
  return h("span", { class: "te-segment", attrs: { role: "group", "aria-label": label } }, ...choices);
}

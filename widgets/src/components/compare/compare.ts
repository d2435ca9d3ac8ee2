import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./compare.css";
import type { Channel } from "../../channel.ts";
import { h, isTextInput, setAttribute, setText } from "../../dom.ts";
import { counted } from "../../format.ts";
import type { Around, Part } from "../../part.ts";
import type { Details, EditAction } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { button, enable, iconButton } from "../shared/button.ts";
import { Pictures } from "../shared/pictures.ts";
import { refused } from "../shared/refused.ts";
import { afterEdit } from "../tag-editor/optimistic.ts";
import { copyLabel, toCopy } from "./differ.ts";
import { Pane } from "./pane.ts";
import { Table } from "./table.ts";

const LETTERS = ["A", "B", "C", "D"];
const LARGEST = 2560;
const KEPT = 8;

/** Two to four images side by side: one zoom for all, what differs below, edits on the one with the keyboard. */
class Compare {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #pictures: Pictures;
  readonly #table: Table;
  readonly #panesBox = h("div", { class: "cp-panes" });
  readonly #title = h("span", { class: "lr-strong lr-cut" });
  readonly #copy: HTMLButtonElement;
  readonly #copyText: HTMLElement;
  readonly #link: HTMLButtonElement;
  #panes: Pane[] = [];
  #images: Details[] = [];
  #ids: readonly number[] = [];
  #active = 0;
  #linked = true;
  #asking: AbortController | null = null;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#around = around;
    this.#pictures = new Pictures(channel, cleanup, LARGEST, KEPT);
    this.#table = new Table((name, at, on) => this.#toggleTag(name, at, on), cleanup);
    this.#copy = button("", { kind: "quiet", small: true, icon: "copy", onClick: () => this.#copyTags() });
    this.#copy.classList.add("cp-copy");
    this.#copyText = this.#copy.querySelector("span") ?? this.#copy;
    this.#link = iconButton("link", "Zoom all together (L)", () => this.#toggleLink(), { small: true });
    this.element = h(
      "div",
      { class: "cp", attrs: { role: "region", "aria-label": "Compare", tabindex: -1 } },
      h(
        "div",
        { class: "cp-bar" },
        iconButton("previous", "Back (Esc)", () => around.leave(), { small: true }),
        this.#title,
        h("span", { class: "lr-space" }),
        this.#copy,
        h("span", { class: "lr-rule" }),
        this.#link,
        button("Fit", { kind: "quiet", small: true, title: "Whole pictures (Enter)", onClick: () => this.#fit() }),
        button("1:1", { kind: "quiet", small: true, title: "Pixel by pixel (Enter)", onClick: () => this.#full() }),
      ),
      this.#panesBox,
      this.#table.element,
    );
    this.#draw();
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
    cleanup.add(
      channel.on("changed", ({ images }) => {
        if (images === null || this.#ids.some((id) => images.includes(id))) void this.#load();
      }),
    );
    cleanup.add(channel.health.subscribe(() => this.#draw()));
    cleanup.add(around.hello.subscribe(() => this.#draw()));
    cleanup.add(() => {
      this.#asking?.abort();
      for (const pane of this.#panes) pane.close();
    });
  }

  /** None: what is selected, as the kernel knows it. */
  async show(ids: readonly number[]): Promise<void> {
    try {
      this.#ids = ids.length > 0 ? ids : (await this.#channel.request("compare", {})).ok.ids;
    } catch (error) {
      refused(this.#around, error);
      return;
    }
    for (const pane of this.#panes) pane.close();
    this.#images = [];
    this.#active = 0;
    this.#panes = this.#ids.map((_, at) => this.#pane(at));
    this.#panesBox.replaceChildren(...this.#panes.map(({ element }) => element));
    this.#panesBox.dataset.count = String(this.#panes.length);
    await this.#load();
    this.focus();
  }

  focus(): void {
    (this.#panes[this.#active]?.element ?? this.element).focus({ preventScroll: true });
  }

  #pane(at: number): Pane {
    const pane = new Pane(LETTERS[at] ?? "", this.#pictures, {
      focus: () => this.#activate(at),
      rate: (value) => this.#edit([at], { action: "stars", value }),
      exclude: () => this.#exclude(at),
    });
    pane.picture.onZoom = () => {
      if (this.#linked) this.#follow(pane);
    };
    return pane;
  }

  /** The others show the same part. */
  #follow(leader: Pane): void {
    const { part } = leader.picture.zoom;
    for (const pane of this.#panes) {
      if (pane === leader) continue;
      pane.picture.zoom.look(part);
      pane.picture.draw();
    }
  }

  async #load(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const answers = await Promise.all(this.#ids.map((id) => this.#channel.request("details", { id }, asking.signal)));
      if (asking.signal.aborted) return;
      this.#images = answers.map(({ ok }) => ok);
      this.#draw();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  get #why(): string {
    return this.#channel.health.value === "gone" ? "Kernel not answering: editing is off." : "";
  }

  #draw(): void {
    const readonly = this.#around.hello.value?.readonly ?? false;
    const count = this.#images.length;
    const locked = readonly ? "Read only" : this.#why;
    setText(this.#title, count > 1 ? `Compare ${counted(count, "image")}` : "Compare");
    setAttribute(this.#link, "aria-pressed", this.#linked);
    for (const [at, pane] of this.#panes.entries()) {
      const details = this.#images[at];
      if (details) pane.show(details, this.#why, readonly);
      pane.active = at === this.#active;
    }
    this.#table.element.hidden = count < 2;
    if (count > 1) this.#table.show(this.#images, LETTERS.slice(0, count), this.#active, locked);
    this.#drawCopy(readonly);
  }

  #drawCopy(readonly: boolean): void {
    const names = toCopy(this.#images, this.#active);
    this.#copy.hidden = readonly || this.#images.length < 2;
    const label = copyLabel(names, LETTERS[this.#active] ?? "", this.#images.length - 1);
    setText(this.#copyText, label);
    this.#copy.title = `${label} (P)`;
    this.#copy.setAttribute("aria-label", label);
    enable(this.#copy, names.length > 0 && this.#why === "", this.#why || "The others have all its tags");
  }

  #activate(at: number): void {
    if (at === this.#active) return;
    this.#active = at;
    this.#draw();
  }

  #toggleLink(): void {
    this.#linked = !this.#linked;
    const leader = this.#panes[this.#active];
    if (this.#linked && leader) this.#follow(leader);
    this.#draw();
  }

  #fit(): void {
    this.#panes[this.#active]?.picture.fit();
  }

  #full(): void {
    this.#panes[this.#active]?.picture.fullSize();
  }

  #exclude(at: number): void {
    const excluded = this.#images[at]?.excluded ?? false;
    this.#edit([at], excluded ? { action: "include" } : { action: "exclude", reason: null });
  }

  #toggleTag(name: string, at: number, on: boolean): void {
    this.#edit([at], { action: on ? "tags.add" : "tags.remove", names: [name] });
  }

  #copyTags(): void {
    const names = toCopy(this.#images, this.#active);
    const others = this.#images.flatMap((_, at) => (at === this.#active ? [] : [at]));
    if (names.length > 0) this.#edit(others, { action: "tags.add", names }, true);
  }

  /** Shown at once; a refusal shows what is true again. */
  #edit(places: readonly number[], edit: EditAction, tell = false): void {
    if (this.#why !== "" || this.#around.hello.value?.readonly) return;
    const ids = places.flatMap((at) => this.#images[at]?.id ?? []);
    if (ids.length === 0) return;
    this.#images = this.#images.map((image, at) => (places.includes(at) ? afterEdit(image, edit) : image));
    this.#draw();
    this.#channel
      .request("edit", { ...edit, target: { ids } })
      .then(({ ok }) => {
        if (tell && ok.count > 0) this.#around.toast(ok.message, { label: "Undo", run: () => this.#undo() });
      })
      .catch((error: unknown) => {
        refused(this.#around, error);
        void this.#load();
      });
  }

  #undo(): void {
    this.#channel
      .request("undo", {})
      .then(({ ok }) => this.#around.toast(ok.message))
      .catch((error: unknown) => refused(this.#around, error));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.altKey || isTextInput(event.target)) return;
    const run = event.ctrlKey || event.metaKey ? this.#combination(event) : this.#command(event);
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #combination(event: KeyboardEvent): (() => void) | null {
    return event.key.toLowerCase() === "z" && !event.shiftKey ? () => this.#undo() : null;
  }

  /** What a key does here; keys of the gallery that would act on what lies below do nothing. */
  #command(event: KeyboardEvent): (() => void) | null {
    const { key } = event;
    const onControl = event.target instanceof Element && event.target.closest("button") !== null;
    if (onControl && (key === "Enter" || key === " ")) return null;
    const pane = this.#panes[this.#active];
    if (/^[0-5]$/.test(key)) return () => this.#edit([this.#active], { action: "stars", value: Number(key) });
    switch (key) {
      case "Escape":
        return () => this.#around.leave();
      case "ArrowLeft":
      case "ArrowRight":
        return () => this.#step(key === "ArrowLeft" ? -1 : 1);
      case "+":
      case "=":
      case "-":
        return () => pane?.picture.key(key);
      case "Enter":
        return () => pane?.picture.toggle();
      default:
        break;
    }
    return this.#letter(key.toLowerCase());
  }

  #letter(key: string): (() => void) | null {
    switch (key) {
      case "x":
        return () => this.#exclude(this.#active);
      case "p":
        return () => this.#copyTags();
      case "l":
        return () => this.#toggleLink();
      case "u":
        return () => this.#undo();
      case "c":
        return () => this.#around.leave();
      default:
        return null;
    }
  }

  #step(by: number): void {
    const to = Math.min(Math.max(this.#active + by, 0), this.#panes.length - 1);
    this.#panes[to]?.element.focus({ preventScroll: true });
  }
}

/** The comparison. Alone it begins with what is selected; in a gallery it is told what to show. */
export const compare: Part = (channel, cleanup, around) => {
  const made = new Compare(channel, cleanup, around);
  return {
    element: made.element,
    focus: () => made.focus(),
    show: (ids) => void made.show(ids),
  };
};

/** Begins at once. */
export const compareSelected: Part = (channel, cleanup, around) => {
  const standing = compare(channel, cleanup, around);
  standing.show?.([]);
  return standing;
};

import type { Channel } from "../../channel.ts";
import { fill, focused, h, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around } from "../../part.ts";
import type { Guided, GuideStep } from "../../protocol/passes.ts";
import type { Details, EditAction } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { BigPicture } from "../shared/big-picture.ts";
import { button, enable, iconButton } from "../shared/button.ts";
import { keyed } from "../shared/keyed.ts";
import { Panel } from "../shared/panel.ts";
import type { Pictures } from "../shared/pictures.ts";
import { refused } from "../shared/refused.ts";
import { NumberKeys } from "./number-keys.ts";

const SQUARE = { width: 1024, height: 1024 };

/** Image by image, with caption and tags at hand; what is marked as reviewed is passed over. */
export class GuidedPass {
  readonly element: HTMLElement;
  /** Left. */
  onLeave: () => void = () => undefined;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #pictures: Pictures;
  readonly #picture: BigPicture;
  readonly #keys: NumberKeys;
  readonly #editor: Panel;
  readonly #stage: HTMLElement;
  readonly #body: HTMLElement;
  readonly #ended = h("div", { class: "ps-ended", attrs: { hidden: true } });
  readonly #progress = h("span", { class: "ps-progress" });
  readonly #bar = h("i");
  readonly #mark = h("span", { class: "lr-row lr-t2 ps-mark", attrs: { hidden: true } }, icon("check", 12), "Reviewed");
  readonly #again: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  #at: Guided | null = null;
  #details: Details | null = null;
  #asking = new AbortController();
  /** Steps are taken one after the other, in the order of the keys. */
  #steps: Promise<void> = Promise.resolve();

  constructor(channel: Channel, cleanup: Cleanup, around: Around, pictures: Pictures) {
    this.#channel = channel;
    this.#around = around;
    this.#pictures = pictures;
    this.#picture = new BigPicture(pictures, cleanup);
    this.#keys = new NumberKeys(channel, cleanup, (tag, on) =>
      this.#edit({ action: on ? "tags.add" : "tags.remove", names: [tag] }),
    );
    this.#editor = new Panel("tag-editor", "Tags and caption", channel, cleanup, {
      hello: around.hello,
      toast: (text, action, bad) => around.toast(text, action, bad),
      say: (text) => around.say(text),
      leave: () => this.focus(),
      searched: (ok) => around.searched(ok),
    });
    this.#again = button("Reviewed too", {
      kind: "quiet",
      small: true,
      title: "Go through reviewed images too",
      onClick: () => this.#toggleAgain(),
    });
    this.#next = keyed("Reviewed", "Enter", () => this.#review(), { kind: "primary" });
    this.#stage = h("div", { class: "ps-stage", attrs: { role: "group", tabindex: 0 } }, this.#picture.element);
    this.#body = h(
      "div",
      { class: "ps-body" },
      h("div", { class: "ps-left" }, this.#stage, this.#keys.element),
      this.#editor.element,
    );
    this.element = h(
      "div",
      { class: "ps-view ps-guided", attrs: { hidden: true } },
      this.#head(),
      h("div", { class: "ps-bar", attrs: { "aria-hidden": "true" } }, this.#bar),
      this.#body,
      this.#ended,
      h(
        "div",
        { class: "ps-foot", attrs: { role: "group", "aria-label": "Pass" } },
        h("span", { class: "ps-side" }, this.#mark),
        keyed("Back", "←", () => this.#go("back")),
        keyed("Skip", "Space", () => this.#go("next")),
        this.#next,
      ),
    );
    cleanup.add(channel.on("changed", ({ images }) => this.#changed(images)));
    cleanup.add(channel.health.subscribe(() => this.#draw()));
    cleanup.add(() => this.#asking.abort());
  }

  #head(): HTMLElement {
    return h(
      "div",
      { class: "ps-head" },
      iconButton("previous", "Leave (Esc)", () => this.onLeave(), { small: true }),
      this.#progress,
      h("span", { class: "lr-space" }),
      this.#again,
    );
  }

  /** Goes on where it stopped. */
  async begin(again: boolean): Promise<void> {
    setAttribute(this.#again, "aria-pressed", again);
    this.#editor.open = true;
    await Promise.all([this.#go("resume"), this.#keys.reload()]);
  }

  focus(): void {
    if (this.#ended.hidden) this.#stage.focus({ preventScroll: true });
    else this.#ended.querySelector<HTMLElement>("button")?.focus();
  }

  /** What a bare key does; null where it is none of ours. */
  command(key: string): (() => void) | null {
    if (/^[1-9]$/.test(key)) return () => this.#keys.press(Number(key));
    switch (key) {
      case "Enter":
      case "ArrowRight":
      case "PageDown":
        return () => this.#review();
      case " ":
        return () => this.#go("next");
      case "ArrowLeft":
      case "PageUp":
        return () => this.#go("back");
      case "t":
      case "e":
        return () => this.#ask(key);
      case "x":
        return () => this.#edit(this.#details?.excluded ? { action: "include" } : { action: "exclude", reason: null });
      case "u":
        return () => this.#undo();
      case "Escape":
        return () => this.onLeave();
      case "+":
      case "=":
      case "-":
        return () => this.#picture.key(key);
      default:
        return null;
    }
  }

  get #includesReviewed(): boolean {
    return this.#again.getAttribute("aria-pressed") === "true";
  }

  #toggleAgain(): void {
    setAttribute(this.#again, "aria-pressed", !this.#includesReviewed);
  }

  /** The tag field or the caption of the editor beside it. */
  #ask(key: string): void {
    this.#editor.standing?.key?.(new KeyboardEvent("keydown", { key }));
  }

  get #why(): string {
    if (this.#around.hello.value?.readonly) return "Read only";
    return this.#channel.health.value === "gone" ? "Kernel not answering: editing is off." : "";
  }

  /** Marks the image as reviewed and goes on; the kernel takes both in this order. */
  #review(): void {
    const id = this.#at?.id;
    if (this.#why !== "" || !id) return;
    if (!this.#at?.marked) this.#edit({ action: "reviewed", value: true });
    void this.#go("next");
  }

  #go(step: GuideStep): Promise<void> {
    this.#steps = this.#steps.then(() => this.#step(step));
    return this.#steps;
  }

  async #step(step: GuideStep): Promise<void> {
    try {
      const ask = { step, from: this.#at?.id ?? null, again: this.#includesReviewed };
      const { ok } = await this.#channel.request("guide", ask);
      const moved = ok.id !== this.#at?.id;
      this.#at = ok;
      if (moved) this.#show();
      else this.#draw();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  #show(): void {
    const at = this.#at;
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#details = null;
    const ended = at === null || at.id === null;
    const hadFocus = this.element.contains(focused(this.element));
    this.#body.hidden = ended;
    this.#ended.hidden = !ended;
    if (ended) this.#end(at?.total ?? 0);
    this.#draw();
    if (ended && hadFocus) this.focus();
    if (at === null || at.id === null) return;
    this.#around.say(`Image ${number(at.place + 1)}, ${number(at.total - at.reviewed)} left`);
    void this.#showPicture(at.id, at.ahead);
    void this.#detail(at.id);
  }

  async #showPicture(id: number, ahead: readonly number[]): Promise<void> {
    const { signal } = this.#asking;
    const held = this.#pictures.held(id);
    this.#picture.zoom.fitted = true;
    this.#picture.begin({ name: "", size: held ?? SQUARE, ...(held && { url: held.url }) });
    const size = await this.#picture.load(id, signal);
    if (signal.aborted) return;
    if (size && this.#details === null) this.#picture.size = size;
    this.#pictures.ahead(ahead);
  }

  async #detail(id: number): Promise<void> {
    const { signal } = this.#asking;
    try {
      const { ok } = await this.#channel.request("details", { id }, signal);
      if (signal.aborted) return;
      this.#details = ok;
      this.#picture.name = ok.name;
      this.#picture.size = ok;
      this.#draw();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  #end(total: number): void {
    fill(
      this.#ended,
      h("div", { class: "ps-title" }, total > 0 ? `All ${counted(total, "image")} reviewed` : "No image to review"),
      total > 0 &&
        button("Look through them again", {
          onClick: () => {
            setAttribute(this.#again, "aria-pressed", true);
            void this.#go("resume");
          },
        }),
    );
  }

  #draw(): void {
    const at = this.#at;
    const details = this.#details;
    const readonly = this.#around.hello.value?.readonly ?? false;
    this.#keys.element.hidden = readonly;
    this.#next.hidden = readonly;
    enable(this.#next, this.#why === "", this.#why);
    if (at) {
      setText(
        this.#progress,
        `${number(at.reviewed)} of ${number(at.total)} reviewed · ${number(at.total - at.reviewed)} left`,
      );
      this.#bar.style.transform = `scaleX(${at.total > 0 ? at.reviewed / at.total : 0})`;
      setAttribute(
        this.#stage,
        "aria-label",
        `${details?.name ?? "Image"}, ${number(at.place + 1)} of ${number(at.total)}`,
      );
    }
    this.#mark.hidden = !(details?.reviewed ?? at?.marked ?? false);
    this.#keys.show(details?.tags.map(({ name }) => name) ?? [], this.#why);
  }

  #changed(images: readonly number[] | null): void {
    const id = this.#at?.id ?? null;
    if (id === null || this.element.hidden || !(images === null || images.includes(id))) return;
    void this.#detail(id);
    void this.#keys.reload();
  }

  #edit(edit: EditAction): void {
    const id = this.#at?.id ?? null;
    if (id === null || this.#why !== "") return;
    this.#channel
      .request("edit", { ...edit, target: { id } })
      .catch((error: unknown) => refused(this.#around, error, "Could not save 1 change: "));
  }

  #undo(): void {
    this.#channel
      .request("undo", {})
      .then(({ ok }) => this.#around.toast(ok.message))
      .catch((error: unknown) => refused(this.#around, error));
  }
}

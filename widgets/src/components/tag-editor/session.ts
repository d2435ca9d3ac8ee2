import { type Answer, type Channel, isAbort, KernelError } from "../../channel.ts";
import { counted } from "../../format.ts";
import type { Narrowing } from "../../protocol/filters.ts";
import type { Ask, Details, EditAction, EditOk, SearchOk, Step, TagsOk, Target } from "../../protocol.ts";
import { type Cleanup, Signal } from "../../signal.ts";
import type { ToastAction } from "../shared/toast.ts";
import { Follow } from "./follow.ts";
import { Loaded } from "./loaded.ts";
import { afterEdit, afterEditOfAll, normal } from "./optimistic.ts";

/** Kinds of change that these two panels show. */
const SHOWN_KINDS = new Set([
  "images",
  "paths",
  "tags",
  "captions",
  "stars",
  "excluded",
  "reviewed",
  "datasets",
  "policy",
  "scores",
  "annotations",
]);

export type Mode = "one" | "several";

/** Where the tag editor says what was done: its own foot, or the workbench's dock. */
export interface Says {
  show(text: string, action?: ToastAction | null, bad?: boolean): void;
  /** Tells screen readers. */
  say(text: string): void;
  /** The search is another now. */
  searched(ok: SearchOk & { version: number }): void;
}

/** What one view of the tag editor works on: the subject, its data, and the edits. */
export class Session {
  readonly channel: Channel;
  readonly follow: Follow;
  readonly toast: Says;
  readonly one = new Loaded<Details>(afterEdit);
  readonly several = new Loaded<TagsOk>(afterEditOfAll);
  /** What is on the screen: one image, several, or nothing selected. */
  readonly mode = new Signal<Mode | "empty">("empty");
  readonly undoable = new Signal<Step>(null);
  readonly redoable = new Signal<Step>(null);
  /** Which captions are shown and edited; stays from image to image. */
  readonly variant = new Signal("default");
  #wanted: Mode = "several";
  #shownId: number | null = null;

  constructor(channel: Channel, toast: Says, cleanup: Cleanup) {
    this.channel = channel;
    this.toast = toast;
    this.follow = new Follow(channel, cleanup);
    cleanup.add(this.follow.subject.subscribe(() => this.#open()));
    cleanup.add(
      this.follow.hello.subscribe((hello) => {
        this.undoable.value = hello?.can_undo ?? null;
        this.redoable.value = hello?.can_redo ?? null;
      }),
    );
    cleanup.add(
      channel.on("changed", ({ kinds, images }) => {
        if (!kinds.some((kind) => SHOWN_KINDS.has(kind))) return;
        if (this.#shownId === null || images === null || images.includes(this.#shownId)) this.one.reload();
        this.several.reload();
      }),
    );
    cleanup.add(
      channel.on("notice", ({ text, undo }) =>
        toast.show(text, undo ? { label: "Undo", run: () => this.undo() } : null),
      ),
    );
    cleanup.add(() => {
      this.one.close();
      this.several.close();
    });
  }

  get readonly(): boolean {
    return this.follow.hello.value?.readonly ?? false;
  }

  /** Why nothing may be edited now, in words; null when it may. */
  get locked(): string | null {
    if (this.readonly) return "Read only: this project was made by a newer lorairo.";
    return this.channel.health.value === "gone" ? "Kernel not answering: editing is off." : null;
  }

  /** The switch `This image | 3 selected`. */
  choose(mode: Mode): void {
    this.#wanted = mode;
    this.#open();
  }

  /** Another of the images' captions. */
  chooseVariant(name: string): void {
    this.variant.value = name;
    this.one.reload();
    this.several.reload();
  }

  /** Keeps a tag at hand, or lets it go; a setting of the project, nothing to undo. */
  async pin(tag: string, pinned: boolean): Promise<void> {
    if (this.locked !== null) return;
    try {
      await this.channel.request("tags.pin", { tag, pinned });
      this.toast.show(pinned ? `Pinned ${tag}` : `Let go of ${tag}`);
    } catch (error) {
      if (!isAbort(error)) this.toast.show(`Could not pin ${tag}: ${reason(error)}`, null, true);
    }
  }

  /** Narrows what the gallery shows; what is selected stays. */
  async narrow(change: Narrowing): Promise<void> {
    if (this.channel.health.value === "gone") return;
    try {
      this.toast.searched((await this.channel.request("narrow", { change, live: false })).ok);
    } catch (error) {
      if (!isAbort(error)) this.toast.show(`Could not search: ${reason(error)}`, null, true);
    }
  }

  /** Shows the images that have a tag, and no matter which others. */
  only(tag: string): void {
    void this.narrow({ kind: "tag", name: tag, state: "only" });
  }

  #ask<K extends "details" | "tags">(kind: K, asked: Omit<Ask<K>, "variant">, signal: AbortSignal): Promise<Answer<K>> {
    return this.channel.request(kind, { ...asked, variant: this.variant.value } as Ask<K>, signal);
  }

  #open(): void {
    const subject = this.follow.subject.value;
    if (subject === null || (subject.id === null && subject.selection.count === 0)) {
      this.#close("empty");
    } else if (subject.id === null || (subject.selection.count > 1 && this.#wanted === "several")) {
      this.#close("several");
      this.several.open(async (signal) => (await this.#ask("tags", { target: "selected" }, signal)).ok);
    } else this.show(subject.id);
  }

  /** Shows one image, without a change of the selection. */
  show(id: number): void {
    if (this.mode.value === "one" && this.#shownId === id) {
      this.one.reload();
      return;
    }
    this.#close("one");
    this.#shownId = id;
    this.one.open(async (signal) => (await this.#ask("details", { id }, signal)).ok);
  }

  #close(next: Mode | "empty"): void {
    this.#shownId = null;
    if (next !== "one") this.one.close();
    if (next !== "several") this.several.close();
    this.mode.value = next;
  }

  /**
   * Makes an edit: shown at once, taken back when the kernel refuses it.
   *
   * `quiet` makes no toast where it succeeds: what was done is visible anyway. Returns whether it was made.
   */
  async edit(target: Target, edit: EditAction, options: { quiet?: boolean } = {}): Promise<boolean> {
    if (this.locked !== null) return false;
    const action = normal(edit);
    const settle = (target === "selected" ? this.several : this.one).apply(action);
    try {
      const revision = target === "selected" ? this.several.shown.value?.revision : undefined;
      const asked = { ...action, target, ...(revision !== undefined && { revision }) };
      const { ok } = await this.channel.request("edit", asked);
      settle(true);
      this.#done(ok);
      if (!options.quiet && ok.count > 0) this.toast.show(ok.message, { label: "Undo", run: () => this.undo() });
      return true;
    } catch (error) {
      settle(false);
      if (!isAbort(error)) {
        this.toast.show(
          `Could not save ${counted(1, "change")}: ${reason(error)}`,
          { label: "Retry", run: () => void this.edit(target, edit, options) },
          true,
        );
      }
      return false;
    }
  }

  /** Saves a caption; rejects with what the kernel said. The box shows the outcome itself. */
  async save(id: number, text: string, variant: string): Promise<void> {
    const edit: EditAction = { action: "caption", text, variant };
    // An answer asked for before it would bring the former text back.
    const settle = this.#shownId === id ? this.one.apply(edit) : () => undefined;
    try {
      const { ok } = await this.channel.request("edit", { ...edit, target: { id } });
      settle(true);
      this.#done(ok);
    } catch (error) {
      settle(false);
      throw error;
    }
  }

  undo(): void {
    void this.#step("undo");
  }

  redo(): void {
    void this.#step("redo");
  }

  async #step(kind: "undo" | "redo"): Promise<void> {
    if (this.locked !== null) return;
    try {
      const { ok } = await this.channel.request(kind, {});
      this.#done(ok);
      const back =
        kind === "undo" ? { label: "Redo", run: () => this.redo() } : { label: "Undo", run: () => this.undo() };
      this.toast.show(ok.message, back);
    } catch (error) {
      if (!isAbort(error)) this.toast.show(`Could not ${kind}: ${reason(error)}`, null, true);
    }
  }

  #done({ can_undo, can_redo }: Pick<EditOk, "can_undo" | "can_redo">): void {
    this.undoable.value = can_undo;
    this.redoable.value = can_redo;
    this.one.reload();
    this.several.reload();
  }
}

/** A refusal in words, without a final stop that would double ours. */
export function reason(error: unknown): string {
  const text = error instanceof KernelError || error instanceof Error ? error.message : String(error);
  return text.replace(/\.$/, "");
}

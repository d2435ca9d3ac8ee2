import { isAbort } from "../../channel.ts";
import { fill, focused, h, isTextInput } from "../../dom.ts";
import type { Details, TagsOk } from "../../protocol.ts";
import { type Cleanup, Signal } from "../../signal.ts";
import { loadPart, styleOf } from "../shared/parts.ts";
import type { CaptionPanels, captionPanels } from "./caption-panels.ts";
import { reason, type Session } from "./session.ts";
import type { Composing } from "./template-panel.ts";

export type LatePanel = keyof CaptionPanels;

/** What the panels are about. */
export interface Subjects {
  /** What several images have in common, where several are shown. */
  readonly tags: TagsOk | null;
  /** The image that is shown, where it is one. */
  readonly details: Details | null;
  /** What a template would write; null where nothing is shown. */
  readonly composing: Composing | null;
  /** Another object after each change of the images. */
  readonly state: object | null;
  /** Why nothing may be written, in words. */
  readonly why: string;
}

const NAMES = ["replace", "template", "sentences"] as const;

/** Find and replace, captions from a template, sentences of models: loaded when one of them is asked for, then one open at a time. */
export class LatePanels {
  readonly element = h("div", {});
  readonly open = new Signal<LatePanel | null>(null);
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  #panels: CaptionPanels | null = null;
  #loading = false;
  /** What was asked for while they are on their way. */
  #wanted: { name: LatePanel; from: HTMLElement } | null = null;
  #subjects: Subjects = { tags: null, details: null, composing: null, state: null, why: "" };

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
  }

  /** @param from the button that opens it, which has the keyboard again after it. */
  toggle(name: LatePanel, from: HTMLElement): void {
    if (this.#panels) {
      for (const other of NAMES) if (other !== name) this.#panels[other].panel.close();
      this.#panels[name].panel.toggle(from);
      return;
    }
    this.#wanted = this.#wanted?.name === name ? null : { name, from };
    if (!this.#loading) void this.#load();
  }

  /** Closes the one that is open, or only that of a name. */
  close(name = this.open.value ?? this.#wanted?.name): void {
    if (name === undefined) return;
    if (this.#wanted?.name === name) this.#wanted = null;
    this.#panels?.[name].panel.close();
  }

  refresh(subjects: Subjects): void {
    this.#subjects = subjects;
    const { tags, details, composing, state, why } = subjects;
    if (tags !== null) this.#panels?.replace.refresh(tags, why);
    this.#panels?.template.refresh(composing, state, why);
    this.#panels?.sentences.refresh(details, why);
  }

  async #load(): Promise<void> {
    this.#loading = true;
    const { channel, follow, toast } = this.#session;
    try {
      const digest = follow.hello.value?.parts?.["caption-panels"] ?? "";
      const bundle = await loadPart<typeof captionPanels>(channel, "caption-panels", digest);
      if (this.#cleanup.done) return;
      this.#panels = bundle.part(this.#session, this.#cleanup);
      const sections = NAMES.map((name) => this.#panels?.[name].panel.element);
      fill(this.element, styleOf(bundle), ...sections);
      this.#follow(this.#panels);
    } catch (error) {
      const wanted = this.#wanted;
      this.#wanted = null;
      if (isAbort(error)) return;
      const again = wanted && { label: "Try again", run: () => this.toggle(wanted.name, wanted.from) };
      toast.show(`This panel did not load: ${reason(error)}`, again, true);
    } finally {
      this.#loading = false;
    }
  }

  #follow(panels: CaptionPanels): void {
    for (const name of NAMES) {
      const tell = () => {
        this.open.value = NAMES.find((each) => panels[each].panel.open.value) ?? null;
      };
      this.#cleanup.add(panels[name].panel.open.subscribe(tell));
    }
    this.refresh(this.#subjects);
    const wanted = this.#wanted;
    this.#wanted = null;
    // Who writes elsewhere meanwhile goes on there.
    if (wanted && !isTextInput(focused(this.element))) this.toggle(wanted.name, wanted.from);
  }
}

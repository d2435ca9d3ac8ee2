import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./passes.css";
import type { Channel } from "../../channel.ts";
import { focused, h, isTextInput } from "../../dom.ts";
import type { Around, Part } from "../../part.ts";
import type { Task } from "../../protocol/passes.ts";
import type { Cleanup } from "../../signal.ts";
import { KeySheet } from "../shared/key-sheet.ts";
import { Pictures } from "../shared/pictures.ts";
import { refused } from "../shared/refused.ts";
import { GuidedPass } from "./guided.ts";
import { KEYS } from "./keys.ts";
import { ReportView } from "./report-view.ts";
import { Start } from "./start.ts";
import { TagPass } from "./tag-pass.ts";

/** Enough for a large window; less than the large view, as the next ones are fetched ahead. */
const LARGEST = 1600;
const KEPT = 16;

type Mode = "start" | "tag" | "report" | "guided";
type TagTask = Extract<Task, { kind: "tag" }>;

/** Passes over the images shown: where one begins, the two kinds, and the report of the one about a tag. */
class Passes {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #start: Start;
  readonly #tag: TagPass;
  readonly #report: ReportView;
  readonly #guided: GuidedPass;
  readonly #sheet: KeySheet;
  #task: TagTask | null = null;
  #wanted: number | null = null;
  #mode: Mode = "start";

  /** @param chosen what is gone through is known already */
  constructor(channel: Channel, cleanup: Cleanup, around: Around, chosen = false) {
    this.#channel = channel;
    this.#around = around;
    const pictures = new Pictures(channel, cleanup, LARGEST, KEPT);
    this.#start = new Start(channel, cleanup, (task) => void this.begin(task));
    this.#start.element.hidden = chosen;
    this.#tag = new TagPass(channel, cleanup, around, pictures);
    this.#report = new ReportView({
      goOn: () => this.#open("tag"),
      another: () => this.#open("start"),
      adopt: (threshold) => void this.#adopt(threshold),
      want: (precision) => {
        this.#wanted = precision;
        void this.#tell();
      },
      judge: (model) => void this.#judge(model),
    });
    this.#guided = new GuidedPass(channel, cleanup, around, pictures);
    this.#sheet = new KeySheet(KEYS, () => this.focus());
    this.#tag.onPause = () => void this.#pause();
    this.#guided.onLeave = () => this.#leaveGuided();
    this.element = h(
      "div",
      { class: "ps", attrs: { role: "region", "aria-label": "Review", tabindex: -1 } },
      this.#start.element,
      this.#tag.element,
      this.#report.element,
      this.#guided.element,
      this.#sheet.element,
    );
    cleanup.listen(this.element, "keydown", (event) => this.#early(event, cleanup), { capture: true });
    cleanup.listen(this.element, "keydown", (event) => this.#onKey(event));
  }

  focus(): void {
    switch (this.#mode) {
      case "tag":
        this.#tag.focus();
        break;
      case "report":
        this.#report.focus();
        break;
      case "guided":
        this.#guided.focus();
        break;
      default:
        this.#start.focus();
    }
  }

  async begin(task: Task): Promise<void> {
    try {
      if (task.kind === "guided") {
        this.#open("guided");
        await this.#guided.begin(task.again);
      } else await this.#beginTag(task);
    } catch (error) {
      refused(this.#around, error);
    }
  }

  async #beginTag(task: TagTask): Promise<void> {
    await this.#openPass(task);
    if (this.#tag.done) await this.#pause();
    else this.#open("tag");
  }

  async #openPass(task: TagTask): Promise<void> {
    const { tag, model, order, again } = task;
    const { ok } = await this.#channel.request("pass.open", { tag, model, order, again });
    this.#task = task;
    await this.#tag.begin(ok);
  }

  async #judge(model: string): Promise<void> {
    if (!this.#task) return;
    try {
      await this.#openPass({ ...this.#task, model, again: false });
      await this.#tell();
      this.#report.focus();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  /** The report of what was answered by now. */
  async #pause(): Promise<void> {
    await this.#tag.settled();
    await this.#tell();
    this.#open("report");
  }

  async #tell(): Promise<void> {
    const { opened } = this.#tag;
    const task = this.#task;
    if (!(opened && task)) return;
    try {
      const { ok } = await this.#channel.request("pass.report", { pass: opened.pass, precision: this.#wanted });
      const readonly = this.#around.hello.value?.readonly ?? false;
      const gone = this.#channel.health.value === "gone";
      this.#report.show({
        report: ok,
        opened,
        order: task.order,
        wanted: this.#wanted,
        more: !this.#tag.done,
        why: gone ? "Kernel not answering: editing is off." : "",
        readonly,
      });
    } catch (error) {
      refused(this.#around, error);
    }
  }

  async #adopt(threshold: number): Promise<void> {
    const { opened } = this.#tag;
    if (!opened) return;
    try {
      const { ok } = await this.#channel.request("pass.adopt", { pass: opened.pass, threshold });
      this.#around.toast(ok.message, { label: "Undo", run: () => void this.#undo() });
      await this.#tell();
      this.#report.focus();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  async #undo(): Promise<void> {
    try {
      const { ok } = await this.#channel.request("undo", {});
      this.#around.toast(ok.message);
      await this.#tell();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  #open(mode: Mode): void {
    this.#mode = mode;
    for (const [name, { element }] of Object.entries(this.#views())) element.hidden = name !== mode;
    this.focus();
  }

  #views(): Record<Mode, { element: HTMLElement }> {
    return { start: this.#start, tag: this.#tag, report: this.#report, guided: this.#guided };
  }

  #leaveGuided(): void {
    this.#open("start");
    this.#around.leave();
  }

  /** Before the editor beside it takes them for its own: in a guided pass digits are tags, and pages are steps. */
  #early(event: KeyboardEvent, cleanup: Cleanup): void {
    if (this.#mode !== "guided") return;
    if (/^[1-9]$|^Page/.test(event.key)) this.#onKey(event);
    if (event.key !== "Escape" || !isTextInput(event.target)) return;
    // A field that lets the keyboard go must not give the next key to the notebook.
    cleanup.after(0, () => {
      if (!this.element.contains(focused(this.element))) this.focus();
    });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || event.altKey || isTextInput(event.target)) return;
    const run = this.#command(event);
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #command(event: KeyboardEvent): (() => void) | null {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      const undoes = key === "z" && !event.shiftKey && (this.#mode === "tag" || this.#mode === "guided");
      return undoes ? this.#inMode("u") : null;
    }
    if (key === "?") return () => this.#sheet.toggle();
    if (this.#sheet.open) return key === "Escape" ? () => this.#sheet.close() : null;
    const onControl = event.target instanceof Element && event.target.closest("button, [role=option]") !== null;
    if (onControl && (key === "Enter" || key === " ")) return null;
    const run = this.#inMode(key);
    // Around it, T asks for a tag of what is selected, and that is not on the screen.
    return key === "t" && run === null ? () => undefined : run;
  }

  #inMode(key: string): (() => void) | null {
    switch (this.#mode) {
      case "tag":
        return this.#tag.command(key);
      case "guided":
        return this.#guided.command(key);
      case "report":
        if (key === "Enter" && !this.#tag.done) return () => this.#open("tag");
        return key === "Escape" ? () => this.#around.leave() : null;
      default:
        return key === "Escape" ? () => this.#around.leave() : null;
    }
  }
}

/** Passes as a panel: begins with the choice between them. */
export const passes: Part = (channel, cleanup, around) => {
  const made = new Passes(channel, cleanup, around);
  return { element: made.element, focus: () => made.focus() };
};

/** A widget that is one pass: begins with it. */
export const onePass: Part = (channel, cleanup, around) => {
  const made = new Passes(channel, cleanup, around, true);
  const task = channel.trait<Task | Record<string, never>>("task", {});
  // Until the kernel said hello the parts of it are not known.
  const stop = around.hello.subscribe((hello) => {
    if (!hello) return;
    stop();
    if ("kind" in task) void made.begin(task as Task);
  });
  cleanup.add(stop);
  return { element: made.element, focus: () => made.focus() };
};

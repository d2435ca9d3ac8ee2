import { isAbort, KernelError } from "../../channel.ts";
import { counted } from "../../format.ts";
import { type EditAction, Flag, type Step, type Target } from "../../protocol.ts";
import type { Toast } from "../shared/toast.ts";
import type { Rollback } from "./index-pages.ts";
import { RangeSet } from "./ranges.ts";
import type { Session } from "./session.ts";

/** Ids that go into one message; above, the kernel is told the selection and edits that. */
const MAX_NAMED = 4000;

/**
 * Every change the gallery makes. It shows at once; the kernel confirms it later or refuses, and then it is taken back.
 */
export class Edits {
  readonly #session: Session;
  readonly #toast: Toast;
  /** The position edits are about whatever is selected: the image in the large view; -1 when there is none. */
  only: () => number = () => -1;
  #last: EditAction | null = null;

  constructor(session: Session, toast: Toast) {
    this.#session = session;
    this.#toast = toast;
  }

  get allowed(): boolean {
    return this.#session.channel.health.value !== "gone" && this.#session.hello.value?.readonly === false;
  }

  /** What an edit would touch: the image in the large view, else the selection, else the active image. */
  get target(): RangeSet {
    const only = this.only();
    if (only >= 0) return RangeSet.span(only, only + 1);
    const { set, active } = this.#session.selection.state.value;
    return set.count > 0 || active < 0 ? set : RangeSet.span(active, active + 1);
  }

  rate(value: number): void {
    // A star is seen where it is given: no toast for one image.
    void this.apply({ action: "stars", value }, this.target.count > 1);
  }

  toggleExcluded(): void {
    void this.apply({ action: this.#session.pages.allExcluded(this.target) ? "include" : "toggle_excluded" });
  }

  /** The last change again, on what is selected now. */
  repeat(): void {
    if (this.#last) void this.apply(this.#last);
  }

  async apply(edit: EditAction, tell = true, set = this.target): Promise<void> {
    if (!this.allowed || set.count === 0) return;
    this.#last = edit;
    const session = this.#session;
    const rollback = this.#paint(edit, set);
    session.onPaint();
    try {
      const { ok } = await session.channel.request("edit", { ...edit, target: await this.#wireTarget(set) });
      session.savedAt = new Date();
      session.undo.value = ok.can_undo;
      session.redo.value = ok.can_redo;
      if (ok.affected) session.pages.confirm(ok.affected);
      else session.pages.invalidate(null);
      session.onPaint();
      if (tell && ok.count > 0) this.#toast.show(ok.message, { label: "Undo", run: () => void this.undo() });
    } catch (error) {
      this.#failed(error, rollback, () => void this.apply(edit, tell, set));
    }
  }

  undo(): Promise<void> {
    return this.#step("undo");
  }

  redo(): Promise<void> {
    return this.#step("redo");
  }

  async #step(kind: "undo" | "redo"): Promise<void> {
    const session = this.#session;
    const step: Step = kind === "undo" ? session.undo.value : session.redo.value;
    // A change on its way is what a quick undo means, though the kernel has not named it yet: it keeps the order.
    if (!this.allowed || (step === null && session.channel.waiting.value === 0)) return;
    try {
      const { ok } = await session.channel.request(kind, {});
      session.undo.value = ok.can_undo;
      session.redo.value = ok.can_redo;
      session.savedAt = new Date();
      session.pages.invalidate(null);
      session.onPaint();
      const back =
        kind === "undo"
          ? { label: "Redo", run: () => void this.redo() }
          : { label: "Undo", run: () => void this.undo() };
      this.#toast.show(ok.message, back);
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      this.#toast.show(error.message, null, true);
    }
  }

  async #wireTarget(set: RangeSet): Promise<Target> {
    const ids = this.#session.pages.idsOf(set, MAX_NAMED);
    if (ids) return { ids };
    await this.#session.flushSelection();
    return "selected";
  }

  #paint(edit: EditAction, set: RangeSet): Rollback {
    const { pages } = this.#session;
    switch (edit.action) {
      case "stars":
        return pages.change(set, { stars: edit.value });
      case "exclude":
      case "toggle_excluded":
        return pages.change(set, { flag: Flag.excluded, on: edit.action === "exclude" || !pages.allExcluded(set) });
      case "include":
        return pages.change(set, { flag: Flag.excluded, on: false });
      case "reviewed":
        return pages.change(set, { flag: Flag.reviewed, on: edit.value });
      default:
        return () => undefined;
    }
  }

  #failed(error: unknown, rollback: Rollback, retry: () => void): void {
    rollback();
    this.#session.pages.invalidate(null);
    this.#session.onPaint();
    if (isAbort(error)) return;
    if (!(error instanceof KernelError)) throw error;
    this.#toast.show(`Could not save ${counted(1, "change")}: ${error.message}`, { label: "Retry", run: retry }, true);
  }
}

import type { Channel, Unsaved } from "../../channel.ts";
import { isAbort, KernelError } from "../../channel.ts";
import { fill, h } from "../../dom.ts";
import { counted } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";
import { button, iconButton } from "./button.ts";
import { copyAsCode } from "./unsaved.ts";

/**
 * Changes that a dead kernel left unconfirmed in a widget that is gone: the next widget of the project offers them, to
 * save or to copy. A change that names no images of its own, such as one of the selection, can only be copied.
 */
export class LeftBehind {
  readonly element = h("span", { class: "lr-row lr-warn lr-space" });
  readonly #channel: Channel;
  #said = "";

  constructor(channel: Channel, cleanup: Cleanup) {
    this.#channel = channel;
    cleanup.add(channel.left.subscribe((edits) => this.#show(edits)));
  }

  #show(edits: readonly Unsaved[]): void {
    const said = this.#said;
    const text = `${counted(edits.length, "change")} from before the restart not saved${said && `: ${said}`}`;
    const save = button("Save now", { small: true, onClick: () => void this.#save() });
    save.hidden = !edits.some(nameable);
    fill(
      this.element,
      h("span", { class: "lr-cut", title: text }, text),
      save,
      copyAsCode(edits),
      iconButton("close", "Let these changes go", () => this.#keep([]), { small: true }),
    );
  }

  #keep(edits: readonly Unsaved[], said = ""): void {
    this.#said = said;
    this.#channel.left.value = edits;
  }

  async #save(): Promise<void> {
    const failed: Unsaved[] = [];
    let said = "";
    const edits = this.#channel.left.value;
    this.#keep([]); // on their way they count as changes that wait
    for (const edit of edits) {
      try {
        if (nameable(edit)) await this.#channel.request(edit.kind, edit.payload as never);
        else failed.push(edit);
      } catch (error) {
        if (isAbort(error)) return;
        if (!(error instanceof KernelError)) throw error;
        said = error.message;
        failed.push(edit);
      }
    }
    this.#keep(failed, said);
  }
}

/** Whether it says itself which images it is for, and means the same made twice. */
function nameable({ kind, payload }: Unsaved): boolean {
  if (kind !== "edit") return false;
  const { target, action } = payload as { target: unknown; action: string };
  return target !== "selected" && action !== "toggle_excluded";
}

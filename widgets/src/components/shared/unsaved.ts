import type { Channel, Unsaved } from "../../channel.ts";
import { fill, h } from "../../dom.ts";
import { counted } from "../../format.ts";
import type { EditAction, Target } from "../../protocol.ts";
import { copyButton } from "./copy.ts";

/** `2 changes not saved`, with a button that copies them as code: nothing when everything is. */
export function unsavedNotice(channel: Channel): HTMLElement {
  const notice = h("span", { class: "lr-row lr-unsaved" });
  const edits = channel.unsaved;
  if (edits.length === 0) return notice;
  fill(notice, h("span", { class: "lr-strong" }, `${counted(edits.length, "change")} not saved`), copyAsCode(edits));
  return notice;
}

/** A button that copies changes as lines for a cell, and says that it did. */
export function copyAsCode(edits: readonly Unsaved[]): HTMLElement {
  const said = h("span");
  const code = h("span", { class: "lr-hidden", attrs: { "aria-hidden": true } }, edits.map(asCode).join("\n"));
  const copy = copyButton(code, (text) => {
    said.textContent = text;
  });
  copy.title = "Copy them as lines for a cell";
  copy.setAttribute("aria-label", "Copy the changes not saved");
  return h("span", { class: "lr-row" }, copy, code, said);
}

/** A change as a line for a cell. */
export function asCode({ kind, payload }: Unsaved): string {
  if (kind === "undo" || kind === "redo") return `project.${kind}()`;
  if (kind === "history.undo") return `project.undo(${(payload as { operation: number }).operation})`;
  const edit = payload as EditAction & { target: Target };
  return `${images(edit.target)}.${verb(edit)}`;
}

function images(target: Target): string {
  if (target === "selected") return "view.selected";
  const ids = "id" in target ? [target.id] : target.ids;
  return `project.view(everything=True)[[${ids.join(", ")}]]`;
}

const text = (value: string): string => JSON.stringify(value);
const texts = (values: readonly string[]): string => values.map(text).join(", ");

/** Not said in one call: on which of the images it is. */
const where = (state?: "suggested" | "rejected"): string => (state ? `  # where it is ${state}` : "");

function verb(edit: EditAction): string {
  switch (edit.action) {
    case "tags.add":
    case "tags.accept":
      return `add_tags(${texts(edit.names)})${where(edit.where)}`;
    case "tags.remove":
      return `remove_tags(${texts(edit.names)})`;
    case "tags.reject":
      return `reject_tags(${texts(edit.names)})${where(edit.where)}`;
    case "tags.clear":
      return `clear_tags(${texts(edit.names)})${where(edit.where)}`;
    case "tags.order":
      return `order_tags(${texts(edit.names)})`;
    case "tags.arrange":
      return 'arrange_tags("category").apply()';
    case "tags.set":
      return `add_tags(${texts(edit.names)})  # and remove all others`;
    case "tags.rename":
      return `replace_tags({${text(edit.old)}: ${text(edit.new)}})`;
    case "stars":
      return `stars(${edit.value})`;
    case "exclude":
      return edit.reason === null ? "exclude()" : `exclude(${text(edit.reason)})`;
    case "toggle_excluded":
      return "exclude()  # or include(), where all of them were excluded";
    case "include":
      return "include()";
    case "reviewed":
      return `mark_reviewed(${edit.value ? "True" : "False"})`;
    case "caption":
      return `set_caption(${text(edit.text ?? "")}, variant=${text(edit.variant)})`;
    case "sentences.accept":
      return `accept_sentences(${text(edit.sentence)}, variant=${text(edit.variant)})`;
    case "sentences.strike":
    case "sentences.clear":
      return `${edit.action.slice(10)}_sentences(${text(edit.sentence)})`;
    case "captions.replace": {
      const regex = edit.regex ? "True" : "False";
      const [pattern, replacement] = [text(edit.pattern), text(edit.replacement)];
      return `edit_captions(${pattern}, ${replacement}, variant=${text(edit.variant)}, regex=${regex}).apply()`;
    }
    case "captions.compose":
      return `compose_captions(${text(edit.template)}, variant=${text(edit.variant)}).apply()`;
    case "dataset.add":
      return `add_to(${text(edit.name)})`;
    case "dataset.remove":
      return `remove_from(${text(edit.name)})`;
  }
}

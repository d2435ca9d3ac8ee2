import { iconButton } from "./button.ts";

/**
 * A button that copies the text of an element. Where the host denies the clipboard (sandboxed outputs), the text is
 * selected instead; `say` tells which.
 */
export function copyButton(source: HTMLElement, say: (text: string) => void, label = "Copy"): HTMLButtonElement {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
      say("Copied");
    } catch {
      getSelection()?.selectAllChildren(source);
      say("Selected: copy it with Ctrl C");
    }
  };
  return iconButton("copy", label, () => void copy(), { small: true });
}

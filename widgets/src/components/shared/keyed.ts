import { h } from "../../dom.ts";
import { type ButtonOptions, button } from "./button.ts";

/** A button with its key on it. */
export function keyed(
  text: string,
  key: string,
  onClick: () => void,
  options: Omit<ButtonOptions, "onClick"> = {},
): HTMLButtonElement {
  const element = button(text, { ...options, title: `${text} (${key})`, onClick });
  element.append(h("kbd", { class: "lr-kbd", attrs: { "aria-hidden": "true" } }, key));
  element.setAttribute("aria-keyshortcuts", key);
  return element;
}

import { h, setAttribute } from "../../dom.ts";
import { type IconName, icon } from "../../icons.ts";

export interface ButtonOptions {
  icon?: IconName;
  kind?: "primary" | "quiet" | "link";
  small?: boolean;
  title?: string;
  onClick(event: MouseEvent): void;
}

/**
 * A button with a word on it. Disabled ones stay focusable (aria-disabled), so that the reason in their tooltip
 * can be reached; `enable` switches.
 */
export function button(text: string, options: ButtonOptions): HTMLButtonElement {
  const classes = ["lr-btn", options.kind && `lr-btn-${options.kind}`, options.small && "lr-btn-small"];
  const element = h(
    "button",
    { class: classes.filter(Boolean).join(" "), attrs: { type: "button" }, title: options.title ?? "" },
    options.icon && icon(options.icon),
    h("span", {}, text),
  );
  onPress(element, options.onClick);
  return element;
}

/** A button that is only an icon; `label` is its accessible name and its tooltip. */
export function iconButton(
  name: IconName,
  label: string,
  onClick: (event: MouseEvent) => void,
  options: { small?: boolean; size?: 12 | 16 } = {},
): HTMLButtonElement {
  const element = h(
    "button",
    {
      class: `lr-btn lr-btn-icon${options.small ? " lr-btn-small" : ""}`,
      attrs: { type: "button", "aria-label": label },
      title: label,
    },
    icon(name, options.size ?? 16),
  );
  onPress(element, onClick);
  return element;
}

/** Renames an icon button, tooltip too. */
export function relabel(element: HTMLButtonElement, label: string): void {
  if (element.title === label) return;
  element.title = label;
  element.setAttribute("aria-label", label);
}

/** Switches a button; a disabled one says why in its tooltip. */
export function enable(element: HTMLButtonElement, enabled: boolean, why = ""): void {
  setAttribute(element, "aria-disabled", enabled ? null : true);
  if (!enabled && why) element.title = why;
}

function onPress(element: HTMLButtonElement, onClick: (event: MouseEvent) => void): void {
  element.addEventListener("click", (event) => {
    if (element.getAttribute("aria-disabled") !== "true") onClick(event);
  });
}

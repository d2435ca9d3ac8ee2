// Builds elements. Children are nodes or text; there is no way to pass markup, so names, tags and captions stay text.

export type Child = Node | string | number | null | undefined | false;

type Handlers = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Props {
  class?: string;
  title?: string;
  on?: Handlers;
  style?: Record<string, string>;
  /** Attributes, ARIA and data ones too; false and null leave one out, true makes it empty. */
  attrs?: Record<string, string | number | boolean | null | undefined>;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (props.class) element.className = props.class;
  if (props.title) element.title = props.title;
  for (const [name, value] of Object.entries(props.style ?? {})) element.style.setProperty(name, value);
  for (const [name, value] of Object.entries(props.attrs ?? {})) setAttribute(element, name, value);
  for (const [type, handler] of Object.entries(props.on ?? {})) {
    element.addEventListener(type, handler as EventListener);
  }
  append(element, children);
  return element;
}

/** Replaces the children. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** aria-* take "true" and "false" as words; other attributes are there or not. */
export function setAttribute(
  element: Element,
  name: string,
  value: string | number | boolean | null | undefined,
): void {
  if (value === null || value === undefined) element.removeAttribute(name);
  else if (typeof value === "boolean" && !name.startsWith("aria-")) element.toggleAttribute(name, value);
  else element.setAttribute(name, String(value));
}

/** Writes text only where it differs: no mutation, no repaint, no repeated announcement. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attrs: Record<string, string | number>, ...children: Element[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === "number" ? String(child) : child);
  }
}

let counter = 0;

/** An id no other element of the page has: several widgets may stand in one notebook. */
export function uniqueId(name: string): string {
  counter += 1;
  return `lr-${name}-${counter}-${Math.random().toString(36).slice(2, 7)}`;
}

/** True for elements that take typed text: there, bare letters are text and no commands. */
export function isTextInput(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && !/^(button|checkbox|radio|range|submit)$/.test(target.type)) ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}

/** The element that has the keyboard, as a node of the same tree sees it: some hosts render into a shadow root. */
export function focused(near: Node): HTMLElement | null {
  const root = near.getRootNode();
  const element = (root instanceof ShadowRoot ? root : document).activeElement;
  return element instanceof HTMLElement ? element : null;
}

/**
 * Redraws a container without losing the keyboard: where the focused control is gone afterwards, the one in its place
 * is focused, else the widget's home. A focus lost to the page would send the next letters to the notebook.
 */
export function keepFocus(container: HTMLElement, redraw: () => void): void {
  const controls = (): HTMLElement[] => [...container.querySelectorAll<HTMLElement>("button, input, textarea")];
  const before = focused(container);
  if (!before || !container.contains(before)) {
    redraw();
    return;
  }
  const place = controls().indexOf(before);
  redraw();
  if (container.contains(focused(container)) && !container.closest("[hidden]")) return;
  const next = container.closest("[hidden]") ? undefined : controls()[place];
  if (next) next.focus();
  else focusHome(container);
}

/** Focuses the part of the widget marked `data-home`, else its root. */
export function focusHome(inside: Element): void {
  const root = inside.closest<HTMLElement>(".lr");
  (root?.querySelector<HTMLElement>("[data-home]") ?? root)?.focus({ preventScroll: true });
}

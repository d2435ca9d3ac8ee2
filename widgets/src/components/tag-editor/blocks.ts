import { h } from "../../dom.ts";
import { icon } from "../../icons.ts";

/** A heading with a note beside it, over what it is about. */
export function block(title: string, note: HTMLElement, content: HTMLElement): HTMLElement {
  return h(
    "section",
    { class: "te-block", attrs: { "aria-label": title } },
    h("div", { class: "te-head" }, h("span", { class: "lr-strong" }, title), note),
    content,
  );
}

/** The same, folded until it is asked for. */
export function fold(title: string, note: HTMLElement, content: HTMLElement): HTMLDetailsElement {
  return h(
    "details",
    { class: "te-block te-fold" },
    h("summary", { class: "te-head" }, icon("next", 12), h("span", { class: "lr-strong" }, title), note),
    content,
  );
}

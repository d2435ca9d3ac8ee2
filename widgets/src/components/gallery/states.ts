import { fill, h, svg } from "../../dom.ts";
import { counted } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Relaxation } from "../../protocol.ts";
import { copyButton } from "../shared/copy.ts";
import type { Live } from "../shared/live.ts";

const CODE = 'project.add("photos/")';

/** What the stage says when it has no cells: no images yet, or nothing matches. */
export class States {
  readonly element = h("div", { class: "lr-state", attrs: { hidden: true } });
  readonly #live: Live;
  readonly #search: (query: string) => void;
  #shown = "";

  constructor(live: Live, search: (query: string) => void) {
    this.#live = live;
    this.#search = search;
  }

  show(state: "none" | "empty" | "nothing", relaxations: readonly Relaxation[]): void {
    const signature = `${state} ${JSON.stringify(relaxations)}`;
    if (signature === this.#shown) return;
    this.#shown = signature;
    this.element.hidden = state === "none";
    if (state === "empty") fill(this.element, ...this.#empty());
    else if (state === "nothing") fill(this.element, ...this.#nothing(relaxations));
    else fill(this.element);
  }

  #empty(): HTMLElement[] {
    const code = h("code", { class: "lr-mono" }, CODE);
    const copy = copyButton(code, (text) => this.#live.say(text));
    return [
      h("div", { attrs: { "aria-hidden": "true" } }, pictures()),
      h("div", { class: "lr-state-title" }, "No images yet"),
      h("div", { class: "lr-t2" }, "Add a folder, and they appear here while they are read."),
      h("div", { class: "lr-code" }, code, copy),
    ];
  }

  #nothing(relaxations: readonly Relaxation[]): (HTMLElement | false)[] {
    return [
      h("div", { class: "lr-state-title" }, "Nothing matches"),
      relaxations.length > 0 && h("div", { class: "lr-t2" }, "Leave one part out:"),
      relaxations.length > 0 &&
        h(
          "div",
          { class: "lr-relax" },
          ...relaxations.map(({ term, query, count }) => {
            const name = `Leave out ${term}: ${counted(count, "image")}`;
            return h(
              "button",
              {
                class: "lr-relax-row",
                attrs: { type: "button", "aria-label": name },
                on: { click: () => this.#search(query) },
              },
              icon("close", 12),
              h("s", { class: "lr-mono lr-cut lr-t2" }, term),
              h("span", { class: "lr-space" }),
              h("span", {}, counted(count, "image")),
            );
          }),
        ),
    ];
  }
}

/** The one illustration: three frames, the middle one a picture. */
function pictures(): SVGElement {
  const line = {
    fill: "none",
    stroke: "var(--line-3)",
    "stroke-width": 1.4,
    "stroke-linejoin": "round",
    "stroke-linecap": "round",
  };
  return svg(
    "svg",
    { width: 104, height: 52, viewBox: "0 0 104 52" },
    svg("rect", { x: 2, y: 10, width: 32, height: 32, rx: 3, ...line, stroke: "var(--line-2)" }),
    svg("rect", { x: 70, y: 10, width: 32, height: 32, rx: 3, ...line, stroke: "var(--line-2)" }),
    svg("rect", { x: 36, y: 2, width: 32, height: 48, rx: 3, ...line }),
    svg("path", { d: "M40 38l8-9 6 6 4-4 6 7M54 14a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", ...line }),
  );
}

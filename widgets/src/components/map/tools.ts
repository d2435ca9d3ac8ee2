import { h, setAttribute, svg } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { Cleanup } from "../../signal.ts";
import { Roving } from "../shared/roving.ts";
import type { Tool } from "./pen.ts";

const TOOLS: readonly [Tool, string, string][] = [
  [
    "lasso",
    "Lasso (L): draw around images",
    "M8 3c3 0 5.5 1.5 5.5 3.7S11 10.5 8 10.5 2.5 9 2.5 6.8 5 3 8 3zM5 10c-1.5.3-2 1.2-1.6 2.2.3.8 1.2 1 2.1 1.3",
  ],
  [
    "box",
    "Box (B): draw a rectangle",
    "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M7 2.5h2M7 13.5h2M2.5 7v2M13.5 7v2",
  ],
  [
    "pan",
    "Move the map (P)",
    "M8 2v12M2 8h12M8 2 6.3 3.7M8 2l1.7 1.7M8 14l-1.7-1.7M8 14l1.7-1.7M2 8l1.7-1.7M2 8l1.7 1.7M14 8l-1.7-1.7M14 8l-1.7 1.7",
  ],
];
const FIT = "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10";

export interface ToolsOptions {
  zoom(times: number): void;
  fit(): void;
}

/** What the pointer does, and how near one looks: a column of buttons over the map. */
export class Tools {
  readonly element: HTMLElement;
  readonly #radios = new Map<Tool, HTMLElement>();
  #tool: Tool = "lasso";

  constructor(options: ToolsOptions, cleanup: Cleanup) {
    for (const [tool, label, path] of TOOLS) {
      const radio = press(label, line(path), () => {
        this.tool = tool;
      });
      radio.setAttribute("role", "radio");
      this.#radios.set(tool, radio);
    }
    const group = h("div", { class: "em-group", attrs: { role: "radiogroup", "aria-label": "Pointer" } });
    group.append(...this.#radios.values());
    this.element = h(
      "div",
      { class: "em-tools lr-pop", attrs: { role: "toolbar", "aria-label": "Map", "aria-orientation": "vertical" } },
      group,
      press("Nearer (+)", icon("plus"), () => options.zoom(1.5)),
      press("Farther (-)", icon("minus"), () => options.zoom(1 / 1.5)),
      press("The whole map (0)", line(FIT), () => options.fit()),
    );
    new Roving(this.element, cleanup);
    this.tool = "lasso";
  }

  get tool(): Tool {
    return this.#tool;
  }

  set tool(tool: Tool) {
    this.#tool = tool;
    for (const [each, radio] of this.#radios) setAttribute(radio, "aria-checked", each === tool);
  }
}

function press(label: string, drawing: SVGElement, run: () => void): HTMLElement {
  return h(
    "button",
    {
      class: "lr-btn lr-btn-icon",
      title: label,
      attrs: { type: "button", "aria-label": label },
      on: { click: run },
    },
    drawing,
  );
}

function line(path: string): SVGElement {
  return svg("svg", { class: "lr-i", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: path }));
}

import { fill, h, svg } from "../../dom.ts";
import { number } from "../../format.ts";
import { type Colouring, KINDS, RAMP } from "./colours.ts";

/** Drawings of the shapes that the raster stamps, in a box of 10. */
const MARKS = [
  "M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0-8z",
  "M5 .3 9.7 5 5 9.7 .3 5z",
  "M5 .6 9.6 9H.4z",
  "M1.4 1.4h7.2v7.2H1.4z",
  "M.5 2.8h9v4.4h-9z",
  "M5 .8a4.2 4.2 0 1 0 0 8.4a4.2 4.2 0 1 0 0-8.4zM5 2.8a2.2 2.2 0 1 1 0 4.4a2.2 2.2 0 1 1 0-4.4z",
];
const FORMAT = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

export function valueWords(value: number): string {
  return FORMAT.format(value);
}

/** What the colours mean: a scale with its ends, or kinds with their shapes and counts. */
export function legendOf(colouring: Colouring): HTMLElement {
  const row = h("div", { class: "em-legend lr-row", attrs: { role: "group", "aria-label": "Legend" } });
  if (colouring.labels) {
    const kinds = colouring.labels.map((label, at) =>
      h(
        "span",
        { class: "lr-row em-kind" },
        mark(at),
        h("span", { class: "lr-cut", title: label }, label),
        h("span", { class: "lr-t3" }, number(colouring.counts?.[at] ?? 0)),
      ),
    );
    fill(row, ...kinds);
  } else if (colouring.values) {
    const stops = RAMP.map((token) => `var(${token})`).join(", ");
    fill(
      row,
      h("span", { class: "lr-t3" }, valueWords(colouring.low ?? 0)),
      h("span", { class: "em-ramp", style: { background: `linear-gradient(to right, ${stops})` } }),
      h("span", { class: "lr-t3" }, valueWords(colouring.high ?? 0)),
    );
  }
  return row;
}

function mark(at: number): SVGElement {
  const path = svg("path", { d: MARKS[at % MARKS.length] ?? "", "fill-rule": "evenodd" });
  const drawn = svg("svg", { class: "em-mark", viewBox: "0 0 10 10", "aria-hidden": "true" }, path);
  (drawn as SVGElement & { style: CSSStyleDeclaration }).style.fill = `var(${KINDS[at % KINDS.length]})`;
  return drawn;
}

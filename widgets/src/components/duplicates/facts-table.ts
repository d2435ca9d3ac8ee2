import { fill, h } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { Picture } from "../../protocol/duplicates.ts";
import { type Fact, facts } from "./words.ts";

/** What speaks for A at the left, for B at the right; the better value is bold and checked. */
export class FactsTable {
  readonly element = h("div", { class: "dp-facts", attrs: { role: "table", "aria-label": "What speaks for each" } });

  show(a: Picture, b: Picture): void {
    fill(
      this.element,
      h(
        "div",
        { class: "lr-hidden", attrs: { role: "row" } },
        ...["A", "What", "B"].map((text) => h("span", { attrs: { role: "columnheader" } }, text)),
      ),
      ...facts(a, b).map((row) => fact(row, [a.path, b.path])),
    );
  }
}

function fact({ label, values, better }: Fact, paths: readonly [string, string]): HTMLElement {
  const value = (at: 0 | 1): HTMLElement =>
    h(
      "span",
      {
        class: `dp-value${better === at ? " dp-better" : ""}`,
        title: label === "path" ? paths[at] : values[at],
        attrs: { role: "cell" },
      },
      h("span", { class: "lr-cut" }, values[at]),
      h("span", { class: "dp-mark" }, better === at && icon("check", 12)),
      better === at && h("span", { class: "lr-hidden" }, ", better"),
    );
  return h(
    "div",
    { class: "dp-fact", attrs: { role: "row" } },
    value(0),
    h("span", { class: "lr-t3", attrs: { role: "rowheader" } }, label),
    value(1),
  );
}

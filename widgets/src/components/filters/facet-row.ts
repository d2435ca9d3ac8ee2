import { h } from "../../dom.ts";
import { number } from "../../format.ts";
import { categoryMark, categoryName, icon } from "../../icons.ts";
import type { Facet } from "../../protocol/filters.ts";

export type FacetState = Facet["state"];

const WORDS = { include: "included, ", exclude: "excluded, " } as const;
const CHECKED = { include: "true", exclude: "mixed" } as const;

/** One tag: box, mark, name, how many of the images shown have it, how many of all. */
export function facetRow(facet: Facet, state: FacetState, images: number, id: string, active: boolean): HTMLElement {
  const { name, category, count, total } = facet;
  const share = images > 0 ? Math.round((count / images) * 100) : 0;
  const box = h("span", { class: "lf-box" });
  if (state) box.append(icon(state === "include" ? "check" : "minus", 12));
  const mark = h("span", { class: "lf-mark" });
  const drawn = categoryMark(category);
  if (drawn) mark.append(drawn);
  return h(
    "div",
    {
      class: `lf-facet${state ? ` lf-facet-${state}` : ""}${active ? " lf-facet-active" : ""}`,
      title: category === 0 ? name : `${name}, ${categoryName(category)}`,
      attrs: {
        id,
        role: "checkbox",
        "aria-checked": state ? CHECKED[state] : "false",
        "aria-label": `${name}, ${state ? WORDS[state] : ""}on ${number(count)} shown, on ${number(total)} of all`,
      },
    },
    h("span", { class: "lf-share", style: { width: `${share}%` } }),
    box,
    mark,
    h("span", { class: "lf-tag lr-cut" }, name),
    h("span", { class: "lr-space" }),
    h("span", { class: "lf-count" }, number(count)),
    h("span", { class: "lf-total" }, number(total)),
  );
}

/** A row whose tag has not come yet: as high as any other. */
export function awaitedRow(): HTMLElement {
  return h("div", { class: "lf-facet", attrs: { "aria-hidden": true } });
}

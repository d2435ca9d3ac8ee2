import { fill, h } from "../../dom.ts";

/** Scores of one image: name and value. */
export class ScoreList {
  readonly #list = h("div", { class: "te-scores", attrs: { role: "list" } });
  readonly element = h(
    "section",
    { class: "te-block", attrs: { "aria-label": "Scores", hidden: true } },
    h("div", { class: "te-head" }, h("span", { class: "lr-strong" }, "Scores")),
    this.#list,
  );

  show(scores: Readonly<Record<string, number | null>>): void {
    const known = Object.entries(scores).filter((entry): entry is [string, number] => Number.isFinite(entry[1]));
    this.element.hidden = known.length === 0;
    fill(
      this.#list,
      ...known.map(([name, value]) =>
        h(
          "div",
          { class: "te-score", attrs: { role: "listitem" } },
          h("span", { class: "lr-t2 lr-cut", title: name }, name),
          h("span", { title: String(value) }, written(value)),
        ),
      ),
    );
  }
}

/** Three figures that say something: 0.94, 5.61, 148. */
export function written(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return size !== 0 && size < 0.01 ? value.toPrecision(1) : value.toFixed(2);
}

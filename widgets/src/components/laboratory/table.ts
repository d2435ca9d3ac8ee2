import { fill, h, keepFocus, setAttribute } from "../../dom.ts";
import { number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { LabRow } from "../../protocol/laboratory.ts";
import type { Cleanup } from "../../signal.ts";
import { Roving } from "../shared/roving.ts";
import { costOf, lintOf, percent, rowWords, secondsOf } from "./wording.ts";

const HEADS = [
  ["prompt", "Prompt", ""],
  ["model", "Model", ""],
  ["share", "Preferred", "Of the pairs in which one answer was preferred; the line is the 95% interval"],
  ["answered", "Answered", ""],
  ["refused", "Refused", ""],
  ["tokens", "Tokens", "Median, by the tokenizer of the target"],
  ["over", "Over", "Texts that the encoder does not read to the end"],
  ["lint", "Lint", "Texts without the trigger, with a repeated or a banned phrase"],
  ["cost", "1,000 images", "In USD, by what the questions cost so far"],
  ["seconds", "Each", "Median time of an answer"],
] as const;

/** Prompts by models, a row each, the figures in columns. */
export class Table {
  readonly element: HTMLElement;
  readonly #rows = h("div", { attrs: { role: "radiogroup", "aria-label": "Prompts by models" } });
  readonly #roving: Roving;
  readonly #onPick: (row: LabRow) => void;

  constructor(onPick: (row: LabRow) => void, cleanup: Cleanup) {
    this.#onPick = onPick;
    this.element = h(
      "div",
      { class: "lb-table" },
      h(
        "div",
        { class: "lb-cells lb-heads lr-t3", attrs: { "aria-hidden": "true" } },
        ...HEADS.map(([name, text, title]) => h("span", { class: `lb-${name}`, title }, text)),
      ),
      this.#rows,
    );
    this.#roving = new Roving(this.#rows, cleanup);
  }

  show(rows: readonly LabRow[], best: string | null, picked: string | null): void {
    keepFocus(this.#rows, () => {
      fill(this.#rows, ...rows.map((row) => this.#row(row, row.key === best, row.key === picked)));
    });
    this.#roving.refresh();
  }

  focus(): void {
    const row = this.#rows.querySelector<HTMLElement>("[aria-checked=true]") ?? this.#rows.querySelector("button");
    row?.focus({ preventScroll: true });
  }

  #row(row: LabRow, best: boolean, picked: boolean): HTMLElement {
    const words = rowWords(row);
    const provider = row.model.slice(0, row.model.indexOf("/") + 1);
    const element = h(
      "button",
      {
        class: "lb-cells lb-row",
        attrs: { type: "button", role: "radio", "aria-label": best ? `${words}, preferred` : words },
      },
      h(
        "span",
        { class: "lb-prompt lr-row", title: row.text },
        h("span", { class: "lb-best" }, best && icon("check", 12)),
        h("span", { class: `lr-cut${best ? " lr-strong" : ""}` }, row.prompt),
      ),
      h(
        "span",
        { class: "lb-model lr-row lr-t2", title: row.obstacle ?? row.model },
        icon(row.free ? "disk" : "cloud", 12),
        h("span", { class: "lr-cut" }, h("span", { class: "lb-provider" }, provider), row.model.slice(provider.length)),
      ),
      share(row),
      h("span", { class: "lb-answered" }, number(row.answered)),
      h(
        "span",
        { class: `lb-refused${row.refused + row.failed > 0 ? " lr-warn" : " lr-t3"}`, title: lost(row) },
        number(row.refused + row.failed),
      ),
      h("span", { class: "lb-tokens" }, row.tokens === null ? "" : number(Math.round(row.tokens))),
      h("span", { class: `lb-over${row.over ? " lr-warn" : " lr-t3"}` }, row.over === null ? "" : percent(row.over)),
      lint(row),
      h("span", { class: `lb-cost${row.cost === null && !row.free ? " lr-t3" : ""}` }, costOf(row)),
      h("span", { class: "lb-seconds lr-t2" }, secondsOf(row.seconds)),
    );
    setAttribute(element, "aria-checked", picked);
    element.addEventListener("click", () => this.#onPick(row));
    return element;
  }
}

function share({ share: value, low, high, votes }: LabRow): HTMLElement {
  if (value === null) return h("span", { class: "lb-share lr-t3" }, votes === 0 ? "no votes" : "undecided");
  return h(
    "span",
    { class: "lb-share", title: `${percent(low)} to ${percent(high)}, ${number(votes)} votes` },
    h(
      "span",
      { class: "lb-interval" },
      h("i", { class: "lb-range", style: { left: percent(low), width: percent(high - low) } }),
      h("i", { class: "lb-point", style: { left: percent(value) } }),
    ),
    h("span", { class: "lb-percent" }, percent(value)),
  );
}

function lint(row: LabRow): HTMLElement {
  const found = lintOf(row);
  const total = found.reduce((sum, [, count]) => sum + count, 0);
  const title = found.map(([rule, count]) => `${number(count)} ${rule}`).join(", ");
  return h("span", { class: `lb-lint${total > 0 ? " lr-warn" : " lr-t3"}`, title }, number(total));
}

function lost({ refused, failed }: LabRow): string {
  return failed > 0 ? `${number(refused)} refused, ${number(failed)} failed` : "";
}

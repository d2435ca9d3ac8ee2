import { fill, h, setAttribute } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { PassOpened, PassOrder, PassReport } from "../../protocol/passes.ts";
import { button, enable } from "../shared/button.ts";
import { keyed } from "../shared/keyed.ts";
import { decimal, percent, precisionWords, sampleWords, shortModel, suggestionWords } from "./told.ts";

export interface ReportActions {
  goOn(): void;
  another(): void;
  adopt(threshold: number): void;
  /** Suggests by a wanted precision; null: by the best F1. */
  want(precision: number | null): void;
  /** Judges another model by the same answers; its scores then order the questions left. */
  judge(model: string): void;
}

export interface ReportState {
  readonly report: PassReport;
  readonly opened: PassOpened;
  readonly order: PassOrder;
  readonly wanted: number | null;
  /** Questions are left in this pass. */
  readonly more: boolean;
  /** Why nothing can be changed; empty where it can. */
  readonly why: string;
  readonly readonly: boolean;
}

const WANTED = [
  { label: "Best F1", precision: null },
  { label: "Precision 90%", precision: 0.9 },
  { label: "Precision 95%", precision: 0.95 },
] as const;

/** Fewer answers than this leave a threshold to chance. */
const FEW = 30;

/** What the answers say about the model: its precision with the interval, and a threshold that suits them better. */
export class ReportView {
  readonly element = h("div", { class: "ps-report", attrs: { role: "region", "aria-label": "Report", tabindex: -1 } });
  readonly #actions: ReportActions;

  constructor(actions: ReportActions) {
    this.#actions = actions;
    this.element.hidden = true;
  }

  focus(): void {
    (this.element.querySelector<HTMLElement>(".ps-go") ?? this.element).focus({ preventScroll: true });
  }

  show(state: ReportState): void {
    const { report, more } = state;
    const goOn = more
      ? keyed("Go on", "Enter", () => this.#actions.goOn(), { kind: "primary" })
      : button("Another pass", { kind: "primary", onClick: () => this.#actions.another() });
    goOn.classList.add("ps-go");
    fill(
      this.element,
      h("h2", { class: "ps-title" }, more ? `${report.tag}: paused` : `${report.tag}: all asked`),
      h(
        "p",
        { class: "ps-line" },
        `${counted(report.yes + report.no, "answer")}: ${number(report.yes)} yes, ${number(report.no)} no. `,
        h("span", { class: "lr-t2" }, `${number(report.left)} of ${counted(report.images, "image")} without one.`),
      ),
      report.model === null
        ? h("p", { class: "ps-line lr-t2" }, "No model has scored this tag, so there is none to judge.")
        : this.#model(state, report.model),
      h(
        "div",
        { class: "ps-actions" },
        goOn,
        more && button("Another pass", { onClick: () => this.#actions.another() }),
      ),
    );
  }

  #model(state: ReportState, model: string): HTMLElement {
    const { report, order } = state;
    return h(
      "div",
      { class: "ps-model" },
      h(
        "div",
        { class: "ps-suggest-head" },
        h("span", { class: "lr-strong lr-cut", title: model }, `Precision of ${shortModel(model)}`),
        state.opened.models.length > 1 && this.#models(state.opened.models, model),
      ),
      h("p", { class: "ps-line" }, precisionWords(report)),
      report.precision !== null && interval(report),
      report.shown > 0 && h("p", { class: "ps-line lr-t3" }, sampleWords(order, report.left)),
      this.#suggestion(state),
    );
  }

  #models(models: readonly string[], model: string): HTMLElement {
    const choices = models.map((each) => {
      const choice = button(shortModel(each), {
        kind: "quiet",
        small: true,
        title: each,
        onClick: () => this.#actions.judge(each),
      });
      setAttribute(choice, "aria-pressed", each === model);
      return choice;
    });
    return h("span", { class: "lr-row", attrs: { role: "group", "aria-label": "Model" } }, ...choices);
  }

  #suggestion({ report, opened, wanted, why, readonly }: ReportState): HTMLElement {
    const { suggestion } = report;
    const choices = WANTED.map(({ label, precision }) => {
      const choice = button(label, { kind: "quiet", small: true, onClick: () => this.#actions.want(precision) });
      setAttribute(choice, "aria-pressed", precision === wanted);
      return choice;
    });
    const kind = opened.category_name;
    const head = h(
      "div",
      { class: "ps-suggest-head" },
      h("span", { class: "lr-strong" }, "Suggested threshold"),
      h("span", { class: "lr-row", attrs: { role: "group", "aria-label": "Suggest by" } }, ...choices),
    );
    if (suggestion === null) {
      const none = wanted === null ? "No answer to go by yet." : "No threshold meets this on the answers.";
      return h("div", { class: "ps-suggest" }, head, h("p", { class: "ps-line lr-t2" }, none));
    }
    const same = report.threshold !== null && Math.abs(report.threshold - suggestion.threshold) < 1e-6;
    const adopt = button(`Set ${kind} to ${decimal(suggestion.threshold)}`, {
      onClick: () => this.#actions.adopt(suggestion.threshold),
    });
    enable(adopt, why === "" && !same, why || "It is so already");
    return h(
      "div",
      { class: "ps-suggest" },
      head,
      h(
        "p",
        { class: "ps-line" },
        h("b", {}, decimal(suggestion.threshold)),
        report.threshold !== null && !same && h("span", { class: "lr-t2" }, ` instead of ${decimal(report.threshold)}`),
        `: ${suggestionWords(suggestion)}`,
      ),
      suggestion.answers < FEW &&
        h("p", { class: "ps-line lr-t3" }, "These are few answers: more of them, and it moves less."),
      !readonly && adopt,
      !readonly &&
        h("p", { class: "ps-line lr-t3" }, `Holds for all ${kind} tags of ${shortModel(report.model ?? "")}.`),
    );
  }
}

/** The interval on a line from 0 to 1, with the precision as a mark. */
function interval({ precision, low, high }: PassReport): HTMLElement {
  const label = `Precision ${percent(precision ?? 0)}, 95% interval from ${percent(low)} to ${percent(high)}`;
  return h(
    "div",
    { class: "ps-interval", attrs: { role: "img", "aria-label": label } },
    h("i", { class: "ps-range", style: { left: percent(low), width: percent(high - low) } }),
    h("i", { class: "ps-point", style: { left: percent(precision ?? 0) } }),
  );
}

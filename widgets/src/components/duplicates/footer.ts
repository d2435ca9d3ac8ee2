import { h, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { button, enable } from "../shared/button.ts";
import type { Act, Review } from "./review.ts";
import { keepWords } from "./words.ts";

/** How far it is, and what can be decided. */
export class Footer {
  readonly element: HTMLElement;
  readonly #said = h("span", { class: "lr-t2 dp-progress" });
  readonly #bar = h("i");
  readonly #meter = h(
    "span",
    { class: "dp-meter", attrs: { role: "progressbar", "aria-label": "Groups decided" } },
    this.#bar,
  );
  readonly #merge = h("input", { class: "dp-check", attrs: { type: "checkbox" } });
  readonly #mergeWords = h("span");
  readonly #label: HTMLElement;
  readonly #acts: Readonly<Record<Act, HTMLButtonElement>>;
  readonly #review: Review;

  constructor(review: Review, decide: (act: Act) => void) {
    this.#review = review;
    this.#merge.addEventListener("change", () => {
      review.merge = this.#merge.checked;
    });
    this.#label = h("label", { class: "dp-merge lr-t2" }, this.#merge, this.#mergeWords);
    this.#acts = {
      different: act("Not duplicates", "N", () => decide("different")),
      link: act("Keep all, link", "L", () => decide("link")),
      keep: act("Keep A", "K", () => decide("keep"), true),
    };
    this.element = h(
      "div",
      { class: "dp-foot", attrs: { role: "group", "aria-label": "Decide" } },
      h("span", { class: "dp-far" }, this.#said, this.#meter),
      h("span", { class: "lr-space" }),
      this.#label,
      h("span", { class: "lr-rule dp-edit" }),
      h("span", { class: "dp-acts dp-edit" }, this.#acts.different, this.#acts.link, this.#acts.keep),
    );
  }

  /** `why` says why nothing can be decided now; empty where it can. */
  draw(readonly: boolean, why: string): void {
    const { decided, decisions, group, moving, finished } = this.#review;
    const total = decisions.length;
    setText(this.#said, `${number(decided)} of ${number(total)} decided`);
    this.#bar.style.transform = `scaleX(${total > 0 ? decided / total : 0})`;
    for (const [name, value] of Object.entries({ valuemin: 0, valuemax: total, valuenow: decided })) {
      setAttribute(this.#meter, `aria-${name}`, value);
    }
    this.element.toggleAttribute("data-readonly", readonly);
    const moves = moving.length > 0 && !finished && group !== null;
    this.#merge.checked = this.#review.merge;
    this.#merge.disabled = why !== "";
    this.#label.style.visibility = moves && !readonly ? "" : "hidden";
    this.#label.title = moves ? moving.join(", ") : "";
    setText(this.#mergeWords, `Move ${counted(moving.length, "tag")} to the kept image`);
    const off = why || (group === null || finished ? "No group is looked at" : "");
    setText(this.#acts.keep.querySelector("span") ?? this.#acts.keep, group && !finished ? keepWords(group) : "Keep A");
    for (const element of Object.values(this.#acts)) {
      element.title = "";
      enable(element, off === "", off);
    }
  }
}

function act(text: string, key: string, run: () => void, primary = false): HTMLButtonElement {
  const element = button(text, { ...(primary && { kind: "primary" }), onClick: run });
  element.setAttribute("aria-keyshortcuts", key);
  element.append(h("kbd", { class: "lr-kbd", attrs: { "aria-hidden": "true" } }, key));
  return element;
}

import { h, setAttribute, setText, uniqueId } from "../../dom.ts";
import { number } from "../../format.ts";

export type Tab = "images" | "duplicates" | "map" | "review" | "history";

const ORDER: readonly Tab[] = ["images", "duplicates", "map", "review", "history"];

/** The tabs of the stage: arrows move between them, one is a stop for Tab. */
export class Tabs {
  readonly element = h("div", { class: "wb-tabs", attrs: { role: "tablist", "aria-label": "Stage" } });
  readonly #count = h("span", { class: "lr-t3 wb-tab-count" });
  readonly #tabs: Record<Tab, HTMLButtonElement>;
  readonly #onChoose: (tab: Tab) => void;
  #chosen: Tab = "images";

  constructor(onChoose: (tab: Tab) => void) {
    this.#onChoose = onChoose;
    this.#tabs = {
      images: this.#tab("images", "Images", this.#count),
      duplicates: this.#tab("duplicates", "Duplicates"),
      map: this.#tab("map", "Map"),
      review: this.#tab("review", "Review"),
      history: this.#tab("history", "History"),
    };
    this.element.append(...Object.values(this.#tabs));
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#draw();
  }

  get chosen(): Tab {
    return this.#chosen;
  }

  /** Says which panel a tab shows. */
  bind(tab: Tab, panel: HTMLElement): void {
    panel.id ||= uniqueId("panel");
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", this.#tabs[tab].id);
    this.#tabs[tab].setAttribute("aria-controls", panel.id);
  }

  choose(tab: Tab): void {
    if (tab === this.#chosen) return;
    this.#chosen = tab;
    this.#draw();
    this.#onChoose(tab);
  }

  set images(count: number) {
    setText(this.#count, number(count));
  }

  #tab(tab: Tab, label: string, ...more: HTMLElement[]): HTMLButtonElement {
    const element = h(
      "button",
      { class: "wb-tab", attrs: { type: "button", role: "tab", id: uniqueId("tab") } },
      label,
      ...more,
    );
    element.addEventListener("click", () => this.choose(tab));
    return element;
  }

  #draw(): void {
    for (const [tab, element] of Object.entries(this.#tabs)) {
      const chosen = tab === this.#chosen;
      setAttribute(element, "aria-selected", chosen);
      element.tabIndex = chosen ? 0 : -1;
    }
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const by = event.key === "ArrowRight" ? 1 : ORDER.length - 1;
    this.choose(ORDER[(ORDER.indexOf(this.#chosen) + by) % ORDER.length] ?? "images");
    this.#tabs[this.#chosen].focus();
  }
}

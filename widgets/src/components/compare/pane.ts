import { h, setAttribute, setText } from "../../dom.ts";
import { counted, middleCut } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Details } from "../../protocol.ts";
import { Cleanup } from "../../signal.ts";
import { BigPicture } from "../shared/big-picture.ts";
import { enable, iconButton, relabel } from "../shared/button.ts";
import type { Pictures } from "../shared/pictures.ts";
import { Stars } from "../shared/stars.ts";

const NAME_LIMIT = 40;

export interface PaneActions {
  focus(): void;
  rate(value: number): void;
  exclude(): void;
}

/** One of the images compared: its picture, and under it name, rating, exclusion. */
export class Pane {
  readonly element: HTMLElement;
  readonly picture: BigPicture;
  readonly letter: string;
  readonly #cleanup = new Cleanup();
  readonly #asking = new AbortController();
  readonly #name = h("span", { class: "lr-cut lr-space" });
  readonly #excluded: HTMLElement;
  readonly #stars: Stars;
  readonly #exclude: HTMLButtonElement;
  #id: number | null = null;

  constructor(letter: string, pictures: Pictures, actions: PaneActions) {
    this.letter = letter;
    this.picture = new BigPicture(pictures, this.#cleanup).withoutModes();
    this.#stars = new Stars((value) => actions.rate(value), this.#cleanup);
    this.#exclude = iconButton("exclude", "Exclude (X)", () => actions.exclude(), { small: true });
    this.#excluded = h("span", { class: "cp-badge cp-excluded", attrs: { hidden: true } }, icon("exclude", 12));
    this.picture.element.append(
      h("span", { class: "cp-badge cp-letter", attrs: { "aria-hidden": "true" } }, letter),
      this.#excluded,
    );
    this.element = h(
      "div",
      { class: "cp-pane", attrs: { role: "group", tabindex: -1 } },
      this.picture.element,
      h("div", { class: "cp-under" }, this.#name, this.#stars.element, this.#exclude),
    );
    this.#cleanup.listen(this.element, "focusin", () => actions.focus());
    this.#cleanup.add(() => this.#asking.abort());
  }

  /** `why` says why nothing can be changed now; empty where it can. */
  show(details: Details, why: string, readonly: boolean): void {
    if (this.#id !== details.id) {
      this.#id = details.id;
      this.picture.begin({ name: details.name, size: details });
      void this.picture.load(details.id, this.#asking.signal);
    }
    const { name, width, height, stars, excluded, reason } = details;
    const facts = [`${this.letter}, ${name}`, `${width} × ${height}`, stars > 0 && `rated ${stars}`];
    setAttribute(this.element, "aria-label", [...facts, excluded && "excluded"].filter(Boolean).join(", "));
    setText(this.#name, middleCut(name, NAME_LIMIT));
    this.#name.title = details.path || name;
    this.#excluded.hidden = !excluded;
    this.#excluded.title = excluded ? `Excluded${reason ? `: ${reason}` : ""}` : "";
    this.element.classList.toggle("cp-out", excluded);
    this.#stars.show(stars, why === "" && !readonly, why);
    this.#exclude.hidden = readonly;
    relabel(this.#exclude, `${excluded ? "Include" : "Exclude"} ${this.letter} (X)`);
    enable(this.#exclude, why === "", why);
    setAttribute(this.#stars.element, "aria-label", `Rating of ${this.letter}, ${counted(stars, "star")}`);
  }

  set active(active: boolean) {
    this.element.classList.toggle("cp-active", active);
    this.element.tabIndex = active ? 0 : -1;
    setAttribute(this.element, "aria-current", active ? "true" : null);
  }

  close(): void {
    this.#cleanup.dispose();
    this.element.remove();
  }
}

import { type Channel, isAbort, KernelError } from "../../channel.ts";
import { fill, h, setAttribute, setText } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { Decision, Picture } from "../../protocol/duplicates.ts";
import type { Cleanup } from "../../signal.ts";
import { BigPicture } from "../shared/big-picture.ts";
import { Pictures } from "../shared/pictures.ts";
import { difference } from "./difference.ts";

export const MODES = ["side", "swipe", "difference"] as const;
export type Mode = (typeof MODES)[number];

const LARGEST = 2048;
const KEPT = 8;

interface Pane {
  readonly element: HTMLElement;
  readonly picture: BigPicture;
  readonly badge: HTMLElement;
  id: number | null;
}

/** The one to keep and one of the others: beside each other, one over the other, or what differs. */
export class Stage {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #pictures: Pictures;
  readonly #panes: readonly [Pane, Pane];
  readonly #third: BigPicture;
  readonly #said = h("span", { class: "dp-badge dp-letter" });
  readonly #swipe: HTMLInputElement;
  readonly #swap: HTMLButtonElement;
  #loading = new AbortController();
  #pair = "";
  #shown: readonly [Picture, Picture] | null = null;
  #mode: Mode = "side";
  #linked = true;

  /** `swap`: the other one is to be kept. */
  constructor(channel: Channel, cleanup: Cleanup, swap: () => void) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#pictures = new Pictures(channel, cleanup, LARGEST, KEPT);
    this.#panes = [this.#pane("A"), this.#pane("B")];
    this.#swap = h(
      "button",
      { class: "lr-big-mode dp-swap", title: "Keep B instead (Tab)", attrs: { type: "button" } },
      "Keep this one",
    );
    this.#swap.addEventListener("click", swap);
    this.#panes[1].picture.element.append(this.#swap);
    this.#third = new BigPicture(this.#pictures, cleanup).withoutModes();
    this.#third.element.classList.add("dp-third");
    this.#third.element.append(this.#said);
    this.#swipe = h("input", {
      class: "dp-swipe",
      attrs: { type: "range", min: 0, max: 100, value: 50, step: 1, "aria-label": "How much of A is shown" },
    });
    cleanup.listen(this.#swipe, "input", () => this.#drawSwipe());
    this.element = h(
      "div",
      { class: "dp-stage", attrs: { role: "group", "aria-label": "Pictures", tabindex: 0, "data-mode": "side" } },
      ...this.#panes.map(({ element }) => element),
      this.#third.element,
      h("div", { class: "dp-line", attrs: { "aria-hidden": "true" } }),
      this.#swipe,
    );
    this.#drawSwipe();
    cleanup.add(() => this.#loading.abort());
  }

  get mode(): Mode {
    return this.#mode;
  }

  set mode(mode: Mode) {
    this.#mode = mode;
    this.element.dataset.mode = mode;
    if (mode !== "side") this.#follow(this.#panes[0], true);
    if (mode === "difference") void this.#compare();
  }

  get linked(): boolean {
    return this.#linked;
  }

  set linked(linked: boolean) {
    this.#linked = linked;
    if (linked) this.#follow(this.#panes[0]);
  }

  /** While a key is held the other one stands in the place of each. */
  set flicker(on: boolean) {
    this.element.classList.toggle("dp-flicker", on);
  }

  /** Where nothing is decided the badges say what would be. */
  show(a: Picture, b: Picture, decision: Decision, readonly: boolean): void {
    const pair = `${a.id} ${b.id}`;
    const told = [`A, ${a.name}`, `B, ${b.name}`];
    this.#shown = [a, b];
    this.#swap.hidden = readonly;
    if (pair !== this.#pair) this.#load(a, b, pair);
    for (const [at, one] of [a, b].entries()) {
      const pane = this.#panes[at as 0 | 1];
      const out = decision === "" ? at === 1 : one.excluded;
      pane.badge.hidden = (decision === "" && readonly) || decision === "different";
      pane.badge.classList.toggle("dp-keep", !out);
      fill(pane.badge, icon(out ? "exclude" : "check", 12), badgeWords(decision, out));
      pane.element.classList.toggle("dp-kept", at === 0);
      setAttribute(
        pane.element,
        "aria-label",
        [told[at], pane.badge.hidden ? "" : badgeWords(decision, out)].filter(Boolean).join(", "),
      );
    }
  }

  #load(a: Picture, b: Picture, pair: string): void {
    this.#pair = pair;
    this.#loading.abort();
    this.#loading = new AbortController();
    // Both as large as the one to keep, so that one lies exactly over the other.
    const times = Math.sqrt((a.width * a.height) / Math.max(1, b.width * b.height));
    const sizes = [a, { width: b.width * times, height: b.height * times }];
    for (const [at, one] of [a, b].entries()) {
      const pane = this.#panes[at as 0 | 1];
      const size = sizes[at] ?? one;
      if (pane.id === one.id) {
        pane.picture.size = size;
        continue;
      }
      pane.id = one.id;
      const held = this.#pictures.held(one.id);
      pane.picture.begin({ name: one.name, size, ...(held && { url: held.url }) });
      void pane.picture.load(one.id, this.#loading.signal);
    }
    if (this.#mode === "difference") void this.#compare();
  }

  /** Loads what comes next, so that it shows at once. */
  ahead(ids: readonly number[]): void {
    this.#pictures.ahead(ids);
  }

  fit(): void {
    this.#leader.fit();
  }

  fullSize(): void {
    this.#leader.fullSize();
  }

  toggle(): void {
    this.#leader.toggle();
  }

  /** Keys that zoom. */
  key(key: string): boolean {
    return this.#leader.key(key);
  }

  get #leader(): BigPicture {
    return this.#mode === "difference" ? this.#third : this.#panes[0].picture;
  }

  #pane(letter: string): Pane {
    const picture = new BigPicture(this.#pictures, this.#cleanup).withoutModes();
    const badge = h("span", { class: "dp-badge dp-state", attrs: { "aria-hidden": "true" } });
    picture.element.append(badge, h("span", { class: "dp-badge dp-letter", attrs: { "aria-hidden": "true" } }, letter));
    const element = h("div", { class: "dp-pane", attrs: { role: "group", "data-letter": letter } }, picture.element);
    const pane: Pane = { element, picture, badge, id: null };
    picture.onZoom = () => this.#follow(pane);
    return pane;
  }

  /** The other shows the same part. */
  #follow(leader: Pane, always = false): void {
    if (!(this.#linked || always || this.#mode !== "side")) return;
    const { part } = leader.picture.zoom;
    for (const { picture } of this.#panes) {
      if (picture === leader.picture) continue;
      picture.zoom.look(part);
      picture.draw();
    }
  }

  #drawSwipe(): void {
    this.element.style.setProperty("--dp-swipe", `${this.#swipe.value}%`);
    setAttribute(this.#swipe, "aria-valuetext", `${this.#swipe.value}% of A`);
  }

  async #compare(): Promise<void> {
    const pair = this.#pair;
    if (!this.#shown) return;
    const [a, b] = this.#shown;
    const { signal } = this.#loading;
    setText(this.#said, "Comparing");
    this.#third.begin({ name: `Difference of ${a.name} and ${b.name}`, size: a });
    try {
      const same = a.width === b.width && a.height === b.height;
      const asked = same ? this.#channel.request("duplicates.pixels", { a: a.id, b: b.id }, signal) : null;
      const [one, other] = await Promise.all([a, b].map(({ id }) => this.#pictures.get(id, signal)));
      if (!one || !other) return;
      const [found, answer] = await Promise.all([difference(one.url, other.url), asked]);
      if (this.#pair !== pair || signal.aborted) return;
      this.#third.begin({ name: `Difference of ${a.name} and ${b.name}`, size: a, url: found.url });
      setText(this.#said, answer?.ok.identical ? "identical pixels" : `Difference, ${found.times} times`);
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError || error instanceof Error)) throw error;
      setText(this.#said, `Cannot be compared: ${error.message}`);
    }
  }
}

function badgeWords(decision: Decision, out: boolean): string {
  if (decision === "") return out ? "Exclude" : "Keep";
  return out ? "Excluded" : "Kept";
}

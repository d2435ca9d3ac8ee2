import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./duplicates.css";
import type { Channel } from "../../channel.ts";
import { focused, h, isTextInput, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around, Part, Standing } from "../../part.ts";
import type { Cleanup } from "../../signal.ts";
import { button, iconButton } from "../shared/button.ts";
import { Menu } from "../shared/menu.ts";
import { refused } from "../shared/refused.ts";
import { Roving } from "../shared/roving.ts";
import { FactsTable } from "./facts-table.ts";
import { Footer } from "./footer.ts";
import { GroupList } from "./group-list.ts";
import { type Act, Review } from "./review.ts";
import { MODES, type Mode, Stage } from "./stage.ts";
import { doneWords, likenessWords } from "./words.ts";

const RADII = [0, 2, 4, 6, 8, 10, 12];
const MODE_WORDS: Readonly<Record<Mode, string>> = { side: "Side by side", swipe: "Swipe", difference: "Difference" };
/** Pictures that a digit or Tab can choose. */
const CHOSEN_BY_KEY = 9;

/** Groups of duplicates, one after the other: which to keep, which are wanted, which are none. */
export const duplicates: Part = (channel, cleanup, around) => new Duplicates(channel, cleanup, around);

class Duplicates implements Standing {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #review: Review;
  readonly #list: GroupList;
  readonly #stage: Stage;
  readonly #facts = new FactsTable();
  readonly #footer: Footer;
  readonly #menu: Menu;
  readonly #count = h("span", { class: "lr-strong lr-cut" });
  readonly #radius: HTMLButtonElement;
  readonly #title = h("span", { class: "lr-strong dp-fixed" });
  readonly #like = h("span", { class: "lr-t3 lr-cut dp-like" });
  readonly #copies: HTMLElement;
  readonly #copy = h("span", { class: "dp-fixed" });
  readonly #modes = new Map<Mode, HTMLButtonElement>();
  readonly #link: HTMLButtonElement;
  readonly #head: HTMLElement;
  readonly #looked: HTMLElement;
  readonly #note = h("div", { class: "dp-note", attrs: { hidden: true } });
  readonly #noteTitle = h("div", { class: "dp-note-title" });
  readonly #noteWords = h("div", { class: "lr-t2" });
  readonly #noteBar = h("i");
  readonly #noteMeter = h(
    "div",
    { class: "dp-meter", attrs: { role: "progressbar", "aria-label": "Search" } },
    this.#noteBar,
  );
  #tabbed = 0;
  #told = "";

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#around = around;
    this.#review = new Review(
      channel,
      cleanup,
      () => this.#draw(),
      (what, error) => this.#failed(what, error),
    );
    this.#list = new GroupList(this.#review, channel, cleanup);
    this.#stage = new Stage(channel, cleanup, () => this.#review.keep(this.#review.beside));
    this.#footer = new Footer(this.#review, (act) => void this.#decide(act));
    this.#radius = button("radius 6", { kind: "quiet", small: true, onClick: () => this.#chooseRadius() });
    this.#radius.append(icon("down", 12));
    setAttribute(this.#radius, "aria-haspopup", "menu");
    this.#copies = h(
      "span",
      { class: "lr-row dp-fixed" },
      h("span", { class: "lr-rule" }),
      h("span", { class: "lr-t2" }, "B"),
      iconButton("previous", "Previous copy (←)", () => this.#review.turn(-1), { small: true }),
      this.#copy,
      iconButton("next", "Next copy (→)", () => this.#review.turn(1), { small: true }),
    );
    this.#link = iconButton("link", "Zoom both together", () => this.#toggleLink(), { small: true });
    this.#head = this.#makeHead(cleanup);
    this.#looked = h("div", { class: "dp-look" }, this.#stage.element, this.#facts.element);
    this.#note.append(this.#noteTitle, this.#noteWords, this.#noteMeter);
    const side = h(
      "div",
      { class: "dp-side" },
      h("div", { class: "dp-bar" }, this.#count, h("span", { class: "lr-space" }), this.#radius),
      this.#list.element,
    );
    const main = h("div", { class: "dp-main" }, this.#head, this.#looked, this.#note);
    this.element = h(
      "div",
      { class: "dp", attrs: { role: "region", "aria-label": "Duplicates", tabindex: -1 } },
      h("div", { class: "dp-grid" }, side, main, this.#footer.element),
    );
    this.#menu = new Menu(this.element, cleanup);
    this.#listen(cleanup);
    this.#draw();
    void this.#review.find();
  }

  focus(): void {
    const { group } = this.#review;
    (group ? this.#stage.element : this.element).focus({ preventScroll: true });
  }

  key(event: KeyboardEvent): boolean {
    const run = this.#command(event);
    run?.();
    return run !== null;
  }

  #makeHead(cleanup: Cleanup): HTMLElement {
    const modes = h("div", { class: "dp-modes", attrs: { role: "radiogroup", "aria-label": "How they are compared" } });
    for (const mode of MODES) {
      const element = h(
        "button",
        { class: "dp-mode", attrs: { type: "button", role: "radio", "aria-checked": mode === "side" } },
        MODE_WORDS[mode],
      );
      element.addEventListener("click", () => this.#choose(mode));
      this.#modes.set(mode, element);
      modes.append(element);
    }
    const head = h(
      "div",
      { class: "dp-bar" },
      h(
        "span",
        { class: "lr-row dp-turn" },
        iconButton("up", "Previous group (↑)", () => this.#go(-1), { small: true }),
        iconButton("down", "Next group (↓)", () => this.#go(1), { small: true }),
      ),
      this.#title,
      this.#like,
      this.#copies,
      h("span", { class: "lr-space" }),
      modes,
      h("span", { class: "lr-rule" }),
      this.#link,
      button("1:1", {
        kind: "quiet",
        small: true,
        title: "Pixel by pixel, or whole (Enter)",
        onClick: () => this.#stage.toggle(),
      }),
    );
    new Roving(modes, cleanup);
    return head;
  }

  #listen(cleanup: Cleanup): void {
    cleanup.listen(this.element, "keydown", (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      const run = this.#command(event);
      if (!run) return;
      event.preventDefault();
      event.stopPropagation();
      run();
    });
    cleanup.listen(this.element, "keyup", (event) => {
      if (event.key === " ") this.#stage.flicker = false;
    });
    cleanup.listen(this.#stage.element, "focusout", () => {
      this.#stage.flicker = false;
      this.#tabbed = 0;
    });
    cleanup.add(this.#channel.on("changed", ({ kinds }) => kinds.length > 0 && this.#review.follow()));
    cleanup.add(this.#channel.health.subscribe(() => this.#draw()));
    cleanup.add(this.#around.hello.subscribe(() => this.#draw()));
  }

  get #why(): string {
    return this.#channel.health.value === "gone" ? "Kernel not answering: editing is off." : "";
  }

  get #readonly(): boolean {
    return this.#around.hello.value?.readonly ?? false;
  }

  // ------------------------------------------------------------------------------------------- what is shown

  #draw(): void {
    const { search, keeper, other, decision, finished, group } = this.#review;
    const groups = search?.state === "found" ? search.groups : 0;
    setText(this.#count, search?.state === "found" ? counted(groups, "group") : "Duplicates");
    setText(this.#radius.querySelector("span") ?? this.#radius, `radius ${this.#review.radius}`);
    this.#list.element.hidden = groups === 0;
    this.#list.draw();
    const note = this.#noteToShow();
    const keyboard = note !== null && this.#looked.contains(focused(this.element));
    this.#looked.hidden = note !== null;
    this.#note.hidden = note === null;
    if (keyboard) this.element.focus({ preventScroll: true });
    this.#head.classList.toggle("dp-idle", note !== null);
    if (note) this.#drawNote(note);
    else if (keeper && other && group) {
      this.#stage.show(keeper, other, decision, this.#readonly);
      this.#stage.ahead(group.pictures.slice(0, CHOSEN_BY_KEY).map(({ id }) => id));
      this.#facts.show(keeper, other);
    }
    this.#drawHead();
    this.#footer.draw(this.#readonly, this.#why);
    this.#footer.element.hidden = groups === 0;
    this.#say(finished);
  }

  #drawHead(): void {
    const { group, beside, others, kept } = this.#review;
    const shown = group !== null && this.#note.hidden;
    setText(this.#title, shown ? `Group ${number(group.group)}` : "");
    const pair = group?.pictures[kept === 0 ? beside : kept];
    setText(this.#like, shown && pair ? likenessWords(kept === 0 || beside === 0 ? pair : group) : "");
    this.#like.title = this.#like.textContent ?? "";
    this.#copies.hidden = !shown || others.length < 2;
    setText(this.#copy, `${number(others.indexOf(beside) + 1)} of ${number(others.length)}`);
    for (const [mode, element] of this.#modes) setAttribute(element, "aria-checked", mode === this.#stage.mode);
    setAttribute(this.#link, "aria-pressed", this.#stage.linked);
  }

  /** What stands instead of pictures: title, words, how far; null where there are pictures. */
  #noteToShow(): [title: string, words: string, share: number | null] | null {
    const { search, finished, group, excluded, moved } = this.#review;
    if (!search) return ["", "", null];
    const among = counted(search.images, "image");
    if (search.state === "failed") return ["Duplicates could not be looked for", search.message, null];
    if (search.state === "looking") {
      const share = search.steps > 0 ? search.done / search.steps : 0;
      return ["Looking for duplicates", `${among}, ${number(search.looked)} near another and looked at`, share];
    }
    if (search.groups === 0) {
      const looked =
        search.looked === 0 ? "None lies near another" : `${number(search.looked)} lie near another and were looked at`;
      return ["No duplicates", `Among ${among}. ${looked}, within ${counted(search.radius, "bit")} of 64.`, null];
    }
    if (finished) return [doneWords(search.groups, excluded, moved), "Choose a group to decide it anew.", null];
    return group ? null : ["", "", null];
  }

  #drawNote([title, words, share]: [string, string, number | null]): void {
    setText(this.#noteTitle, title);
    setText(this.#noteWords, words);
    this.#noteMeter.hidden = share === null;
    this.#noteBar.style.transform = `scaleX(${share ?? 0})`;
    setAttribute(this.#noteMeter, "aria-valuenow", share === null ? null : Math.round(share * 100));
  }

  /** Tells screen readers of groups and the end; not of each step. */
  #say(finished: boolean): void {
    const { group, loaded, decision } = this.#review;
    const { state } = this.#review.search ?? { state: "looking" };
    let words = "";
    if (finished || (state === "found" && this.#review.rows.length === 0)) words = this.#noteTitle.textContent ?? "";
    else if (group && loaded) {
      const decided = decision === "" ? "" : ", decided";
      words = `Group ${number(group.group)} of ${number(this.#review.rows.length)}, ${likenessWords(group)}, ${counted(group.images, "image")}${decided}`;
    }
    if (words === "" || words === this.#told) return;
    this.#told = words;
    this.#around.say(words);
  }

  // ------------------------------------------------------------------------------------------- what is done

  #choose(mode: Mode): void {
    this.#stage.mode = mode;
    this.#drawHead();
  }

  #toggleLink(): void {
    this.#stage.linked = !this.#stage.linked;
    this.#drawHead();
  }

  #go(by: number): void {
    const { at, rows } = this.#review;
    this.#review.open(at === null ? 0 : Math.max(0, Math.min(rows.length - 1, at + by)));
  }

  #chooseRadius(): void {
    const now = this.#review.radius;
    const items = RADII.map((radius) => ({
      label: radius === 0 ? "0 bits: same hash" : counted(radius, "bit"),
      checked: radius === now,
      run: () => void this.#review.find(radius),
    }));
    this.#menu.openUnder(this.#radius, [
      ...items,
      { label: "Look again", icon: "redo", run: () => void this.#review.find(now, true) },
    ]);
  }

  async #decide(act: Act): Promise<void> {
    if (this.#readonly || this.#why !== "" || !this.#review.group || this.#review.finished) return;
    if (!this.#review.loaded) this.#around.say("The group is on its way: nothing is decided unseen");
    const message = await this.#review.decide(act);
    if (message) this.#around.toast(message, { label: "Undo", run: () => void this.#step("undo") });
  }

  async #step(kind: "undo" | "redo"): Promise<void> {
    if (this.#readonly || this.#why !== "") return;
    try {
      const { ok } = await this.#channel.request(kind, {});
      this.#around.toast(ok.message);
      this.#review.follow();
    } catch (error) {
      this.#failed(kind, error);
    }
  }

  #failed(what: string, error: unknown): void {
    refused(this.#around, error, `Could not ${what}: `);
  }

  // ------------------------------------------------------------------------------------------- keys

  #command(event: KeyboardEvent): (() => void) | null {
    if (event.altKey || isTextInput(event.target) || this.#menu.open) return null;
    if (event.ctrlKey || event.metaKey) return this.#combination(event);
    const { target } = event;
    const onControl = target instanceof HTMLElement && target.closest("button, input") !== null;
    if (onControl && /^(Enter| |Arrow|Home|End|Page|Tab)/.test(event.key)) return null;
    return this.#bare(event);
  }

  #combination(event: KeyboardEvent): (() => void) | null {
    const key = event.key.toLowerCase();
    if (key === "z") return () => void this.#step(event.shiftKey ? "redo" : "undo");
    return key === "y" ? () => void this.#step("redo") : null;
  }

  #bare(event: KeyboardEvent): (() => void) | null {
    const review = this.#review;
    const onStage = event.target === this.#stage.element;
    if (/^[1-9]$/.test(event.key)) return () => review.keep(Number(event.key) - 1);
    switch (event.key) {
      case "k":
      case "K":
        return () => void this.#decide("keep");
      case "l":
      case "L":
        return () => void this.#decide("link");
      case "n":
      case "N":
        return () => void this.#decide("different");
      case "u":
      case "U":
        return () => void this.#step(event.shiftKey ? "redo" : "undo");
      case "ArrowUp":
        return () => this.#go(-1);
      case "ArrowDown":
        return () => this.#go(1);
      case "Home":
        return () => review.open(0);
      case "End":
        return () => review.open(review.rows.length - 1);
      case "ArrowLeft":
        return () => review.turn(-1);
      case "ArrowRight":
        return () => review.turn(1);
      case "Enter":
        return () => this.#stage.toggle();
      case " ":
        return () => {
          this.#stage.flicker = true;
        };
      case "Escape":
        return () => this.#around.leave();
      case "Tab":
        return onStage && !event.shiftKey ? this.#nextKeeper() : null;
      case "+":
      case "=":
      case "-":
        return () => void this.#stage.key(event.key);
      default:
        return null;
    }
  }

  /** Tab goes through the pictures of a group once, then leaves the stage. */
  #nextKeeper(): (() => void) | null {
    const count = Math.min(this.#review.group?.pictures.length ?? 0, CHOSEN_BY_KEY);
    if (this.#tabbed + 1 >= count) return null;
    return () => {
      this.#tabbed += 1;
      this.#review.keep((this.#review.kept + 1) % count);
    };
  }
}

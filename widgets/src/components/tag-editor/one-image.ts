import { fill, h, setText } from "../../dom.ts";
import { middleCut, number } from "../../format.ts";
import type { Details, EditAction } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { iconButton } from "../shared/button.ts";
import type { Menu } from "../shared/menu.ts";
import { Stars } from "../shared/stars.ts";
import { block, fold } from "./blocks.ts";
import { CaptionBox } from "./caption-box.ts";
import { type Chip, ChipList } from "./chips.ts";
import { CopyTags } from "./copy-tags.ts";
import {
  commonSource,
  fileSize,
  rejectedChips,
  setChips,
  shortModel,
  suggestedChips,
  type Written,
} from "./describe.ts";
import { Picture } from "./picture.ts";
import { ScoreList } from "./score-list.ts";
import type { Session } from "./session.ts";
import { TagInput } from "./tag-input.ts";

/** `This image`: picture, rating, caption, tags and where they come from. */
export class OneImage {
  readonly element: HTMLElement;
  readonly input: TagInput;
  readonly caption: CaptionBox;
  readonly copy: CopyTags;
  readonly #session: Session;
  readonly #picture: Picture;
  readonly #stars: Stars;
  readonly #name = h("span", { class: "lr-strong lr-cut" });
  readonly #size = h("span", { class: "lr-t2 te-fixed" });
  readonly #kind = h("span", { class: "lr-t3 te-fixed" });
  readonly #excluded = h("span", { class: "te-excluded lr-cut" });
  readonly #tagCount = h("span", { class: "lr-t3 lr-cut" });
  readonly #none = h("div", { class: "lr-t3 te-none" }, "No tags yet.");
  readonly #tags: ChipList;
  readonly #suggested: ChipList;
  readonly #suggestedNote = h("span", { class: "lr-t3 lr-cut" });
  readonly #suggestedBlock: HTMLElement;
  readonly #rejected: ChipList;
  readonly #rejectedCount = h("span", { class: "lr-t3 lr-cut" });
  readonly #rejectedFold: HTMLDetailsElement;
  readonly #scores: ScoreList;
  #details: Details | null = null;
  #id: number | null = null;
  #pointed: Chip | null = null;

  /**
   * @param judge opens the panel of sentences
   * @param compare shows the picture beside others, where there is a stage for them
   */
  constructor(
    session: Session,
    written: () => Written,
    menu: Menu,
    cleanup: Cleanup,
    judge: (from: HTMLElement) => void,
    compare?: () => void,
  ) {
    this.#session = session;
    this.#picture = new Picture(session, cleanup, compare);
    this.#stars = new Stars((value) => this.rate(value), cleanup);
    this.caption = new CaptionBox(session, menu, cleanup, judge);
    this.copy = new CopyTags(
      session,
      {
        names: () => this.#details?.tags.map(({ name }) => name) ?? [],
        of: () => `of ${middleCut(this.#details?.name ?? "", 32)}`,
        count: () => 1,
        edit: (action) => this.#edit(action),
      },
      menu,
    );
    this.#scores = new ScoreList();
    this.input = new TagInput(
      session,
      {
        target: () => (this.#details ? { id: this.#details.id } : null),
        count: () => 1,
        written: (name) => written()(name),
        add: (names) => this.#edit({ action: "tags.add", names }),
        down: () => void (this.#tags.focus() || this.#suggested.focus()),
      },
      cleanup,
    );
    const leave = () => this.input.focus();
    const names = (chip: Chip) => ({ names: [chip.name] });
    const common = { leave, point: (chip: Chip | null) => this.#point(chip) };
    const pin = (chip: Chip) => void session.pin(chip.name, true);
    this.#tags = new ChipList(
      "Tags",
      {
        ...common,
        pin,
        only: (chip) => session.only(chip.name),
        menu,
        order: (names) => this.#edit({ action: "tags.order", names }),
        locked: () => session.locked !== null,
        say: (text) => session.toast.say(text),
        remove: (chip) => this.#edit({ action: "tags.remove", ...names(chip) }, false),
        rename: (chip, to) => this.#edit({ action: "tags.rename", old: chip.name, new: to }, false),
      },
      cleanup,
    );
    this.#suggested = new ChipList(
      "Suggested tags",
      {
        accept: (chip) => this.#edit({ action: "tags.accept", ...names(chip) }),
        remove: (chip) => this.#edit({ action: "tags.reject", ...names(chip) }),
        ...common,
      },
      cleanup,
    );
    this.#rejected = new ChipList(
      "Rejected tags",
      {
        accept: (chip) => this.#edit({ action: "tags.add", ...names(chip) }),
        remove: (chip) => this.#edit({ action: "tags.clear", ...names(chip) }),
        ...common,
      },
      cleanup,
    );
    this.#suggestedBlock = block("Suggested", this.#suggestedNote, this.#suggested.element);
    this.#rejectedFold = fold("Rejected", this.#rejectedCount, this.#rejected.element);
    this.element = this.#layout();
  }

  #layout(): HTMLElement {
    const facts = h(
      "div",
      { class: "te-facts" },
      h("div", { class: "lr-row" }, this.#name, h("span", { class: "lr-space" }), this.#size),
      h("div", { class: "lr-row" }, this.#stars.element, this.#excluded, h("span", { class: "lr-space" }), this.#kind),
    );
    const space = h("span", { class: "lr-space" });
    const arrange = iconButton("sort", "Order by category", () => this.#edit({ action: "tags.arrange" }), {
      small: true,
    });
    arrange.classList.add("te-arrange");
    const tags = h(
      "section",
      { class: "te-block", attrs: { "aria-label": "Tags" } },
      h(
        "div",
        { class: "te-head" },
        h("span", { class: "lr-strong" }, "Tags"),
        this.#tagCount,
        space,
        arrange,
        this.copy.element,
      ),
      this.input.element,
      this.#none,
      this.#tags.element,
    );
    this.input.element.append(h("div", { class: "te-pop lr-pop" }, this.input.list));
    const body = h(
      "div",
      { class: "te-scroll" },
      this.caption.element,
      tags,
      this.#suggestedBlock,
      this.#rejectedFold,
      this.#scores.element,
    );
    return h("div", { class: "te-one" }, this.#picture.element, h("div", { class: "te-side" }, facts, body));
  }

  /** Draws an image; null keeps what is there and only forgets that it may be edited. */
  show(details: Details | null, written: Written, enabled: boolean, why: string): void {
    this.#details = details;
    const { readonly } = this.#session;
    this.input.element.hidden = readonly;
    if (details === null) {
      this.caption.show(null, false);
      return;
    }
    if (details.id !== this.#id) {
      this.#id = details.id;
      this.input.clear();
      this.element.querySelector(".te-scroll")?.scrollTo(0, 0);
    }
    this.element.classList.toggle("te-locked", !enabled);
    this.#showFacts(details, enabled, why);
    this.caption.show(details, enabled);
    this.input.refresh("Add a tag to this image", "", enabled, why, details);
    this.#showTags(details, written);
    this.#scores.show(details.scores);
  }

  #showFacts(details: Details, enabled: boolean, why: string): void {
    this.#picture.show(details);
    setText(this.#name, middleCut(details.name, 32));
    this.#name.title = details.path || details.name;
    setText(this.#size, `${details.width} × ${details.height}`);
    setText(this.#kind, `${details.format}, ${fileSize(details.bytes)}`);
    setText(this.#excluded, details.excluded ? `Excluded${details.reason ? `: ${details.reason}` : ""}` : "");
    this.#stars.show(details.stars, enabled, why);
  }

  #showTags(details: Details, written: Written): void {
    const { tags, suggested, rejected } = details;
    this.#showNotes();
    this.copy.refresh();
    this.#none.hidden = tags.length > 0;
    this.#tags.show(setChips(tags, written), `Tags of ${details.name}`);
    this.#suggestedBlock.hidden = suggested.length === 0;
    this.#suggested.show(suggestedChips(suggested, written));
    this.#rejectedFold.hidden = rejected.length === 0;
    this.#rejected.show(rejectedChips(rejected, written));
  }

  /** The headings say where the tag under the pointer or the keyboard comes from; else how many there are. */
  #point(chip: Chip | null): void {
    this.#pointed = chip;
    this.#showNotes();
  }

  #showNotes(): void {
    const { tags = [], suggested = [], rejected = [] } = this.#details ?? {};
    const same = commonSource(tags);
    const told = (kind: Chip["kind"]) =>
      this.#pointed?.kind === kind ? (this.#pointed.note ?? this.#pointed.title) : null;
    setText(this.#tagCount, told("set") ?? `${number(tags.length)}${same === null ? "" : ` · ${same}`}`);
    setText(this.#suggestedNote, told("suggested") ?? suggestionNote(suggested));
    setText(this.#rejectedCount, told("rejected") ?? number(rejected.length));
  }

  rate(value: number): void {
    this.#edit({ action: "stars", value });
  }

  exclude(): void {
    const excluded = this.#details?.excluded ?? false;
    this.#edit(excluded ? { action: "include" } : { action: "exclude", reason: null }, false);
  }

  /** The image on the screen, which is what is edited, even while the next one is on its way. */
  get id(): number | null {
    return this.#details?.id ?? null;
  }

  #edit(action: EditAction, quiet = true): void {
    if (this.#details) void this.#session.edit({ id: this.#details.id }, action, { quiet });
  }

  /** Empties the panel when no image is shown any more. */
  clear(): void {
    this.#id = null;
    this.show(null, (name) => name, false, "");
    fill(this.#name);
  }
}

/** `wd-vit-tagger-v3, from 0.20`: the model when it is one, and the lowest score shown. */
export function suggestionNote(tags: Details["suggested"]): string {
  const models = [...new Set(tags.map((tag) => tag.model).filter((model) => model !== undefined))];
  const scores = tags.map((tag) => tag.score).filter((value) => value !== undefined);
  const [model] = models;
  const name = models.length === 1 && model ? shortModel(model) : `${number(models.length)} models`;
  return [models.length > 0 && name, scores.length > 0 && `from ${Math.min(...scores).toFixed(2)}`]
    .filter(Boolean)
    .join(", ");
}

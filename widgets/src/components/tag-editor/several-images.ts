import { fill, h, setText } from "../../dom.ts";
import { counted, middleCut, number } from "../../format.ts";
import type { EditAction, TagsOk } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import type { Menu } from "../shared/menu.ts";
import { block, fold } from "./blocks.ts";
import { type Chip, ChipList } from "./chips.ts";
import type { Option } from "./completion.ts";
import { CopyTags } from "./copy-tags.ts";
import {
  captionWords,
  commonSource,
  onAllChips,
  onSomeChips,
  rejectedOnSome,
  suggestedForSome,
  type Written,
} from "./describe.ts";
import { FoldedChips } from "./folded-chips.ts";
import { Having } from "./having.ts";
import { Samples } from "./samples.ts";
import type { Session } from "./session.ts";
import { TagInput } from "./tag-input.ts";
import { TooLong } from "./too-long.ts";

const PREVIEWED = 6;
const TOO_MANY = "What models suggest is looked up for 400 images at most.";

/** Several images: what is on all, on some, suggested; an edit touches all of them. */
export class SeveralImages {
  readonly element: HTMLElement;
  readonly input: TagInput;
  readonly copy: CopyTags;
  readonly #session: Session;
  readonly #samples: Samples;
  readonly #having: Having;
  readonly #captions = h("span");
  readonly #limits = h("span");
  readonly #tooLong: TooLong;
  readonly #allHead = h("span", { class: "lr-strong" });
  readonly #allNote = h("span", { class: "lr-t3 lr-cut" });
  readonly #someNote = h("span", { class: "lr-t3 lr-cut" });
  readonly #all: ChipList;
  readonly #some: ChipList;
  readonly #folded: FoldedChips;
  readonly #suggested: ChipList;
  readonly #allNone = h("div", { class: "lr-t3 te-none" }, "No tag is on all of them.");
  readonly #someBlock: HTMLElement;
  readonly #suggestedNote = h("span", { class: "lr-t3 lr-cut" });
  readonly #suggestedBlock: HTMLElement;
  readonly #rejected: ChipList;
  readonly #rejectedNote = h("span", { class: "lr-t3 lr-cut" });
  readonly #rejectedFold: HTMLDetailsElement;
  readonly #preview = h("div", { class: "te-preview" });
  #tags: TagsOk | null = null;
  #pointed: Chip | null = null;
  readonly #written: () => Written;

  constructor(session: Session, written: () => Written, menu: Menu, cleanup: Cleanup) {
    this.#session = session;
    this.#written = written;
    this.#samples = new Samples(session, cleanup);
    this.#having = new Having(session, cleanup);
    this.#tooLong = new TooLong(session);
    this.input = new TagInput(
      session,
      {
        target: () => "selected",
        count: () => this.#tags?.count ?? 0,
        written: (name) => written()(name),
        add: (names) => this.#edit({ action: "tags.add", names }),
        point: (option) => this.#pointOption(option),
        down: () => void (this.#all.focus() || this.#some.focus() || this.#suggested.focus()),
      },
      cleanup,
    );
    this.copy = new CopyTags(
      session,
      {
        names: () => this.#tags?.on_all.map(({ name }) => name) ?? [],
        of: () => `that all ${number(this.#tags?.count ?? 0)} have`,
        count: () => this.#tags?.count ?? 0,
        edit: (action) => this.#edit(action),
      },
      menu,
    );
    const leave = () => this.input.focus();
    const point = (chip: Chip | null) => this.#pointChip(chip);
    const add = (chip: Chip) => this.#edit({ action: "tags.add", names: [chip.name] });
    const remove = (chip: Chip) => this.#edit({ action: "tags.remove", names: [chip.name] });
    const rename = (chip: Chip, to: string) => this.#edit({ action: "tags.rename", old: chip.name, new: to });
    const pin = (chip: Chip) => void session.pin(chip.name, true);
    const only = (chip: Chip) => session.only(chip.name);
    const locked = () => session.locked !== null;
    const common = { remove, rename, pin, only, menu, locked, point, leave };
    this.#all = new ChipList("On all", common, cleanup);
    this.#some = new ChipList("On some", { ...common, accept: add }, cleanup);
    this.#folded = new FoldedChips(this.#some, cleanup);
    this.#suggested = new ChipList(
      "Suggested",
      {
        accept: (chip) => this.#edit({ action: "tags.accept", names: [chip.name], where: "suggested" }),
        remove: (chip) => this.#edit({ action: "tags.reject", names: [chip.name], where: "suggested" }),
        point,
        leave,
      },
      cleanup,
    );
    this.#rejected = new ChipList(
      "Rejected",
      {
        accept: (chip) => this.#edit({ action: "tags.add", names: [chip.name], where: "rejected" }),
        remove: (chip) => this.#edit({ action: "tags.clear", names: [chip.name], where: "rejected" }),
        point,
        leave,
      },
      cleanup,
    );
    this.#rejectedFold = fold("Rejected", this.#rejectedNote, this.#rejected.element);
    this.#someBlock = block("On some", this.#someNote, this.#folded.element);
    this.#suggestedBlock = block("Suggested", this.#suggestedNote, this.#suggested.element);
    this.element = this.#layout();
  }

  #layout(): HTMLElement {
    const facts = h(
      "div",
      { class: "te-kv" },
      h("div", {}, h("span", { class: "lr-t3" }, "Captions"), this.#captions),
      h("div", {}, h("span", { class: "lr-t3" }, "Tags each"), this.#limits),
      this.#tooLong.element,
    );
    this.input.element.append(h("div", { class: "te-pop te-pop-wide lr-pop" }, this.input.list, this.#preview));
    const all = h(
      "section",
      { class: "te-block", attrs: { "aria-label": "On all" } },
      h("div", { class: "te-head" }, this.#allHead, this.#allNote, h("span", { class: "lr-space" }), this.copy.element),
      this.#allNone,
      this.#all.element,
    );
    return h(
      "div",
      { class: "te-several" },
      h("div", { class: "te-left" }, this.#samples.element, facts),
      h(
        "div",
        { class: "te-right" },
        this.input.element,
        h("div", { class: "te-scroll" }, all, this.#someBlock, this.#suggestedBlock, this.#rejectedFold),
      ),
    );
  }

  show(tags: TagsOk | null, written: Written, enabled: boolean, why: string): void {
    const { readonly } = this.#session;
    this.#tags = tags;
    this.#having.forget();
    this.input.element.hidden = readonly;
    if (tags === null) return;
    const count = number(tags.count);
    this.element.classList.toggle("te-locked", !enabled);
    this.input.refresh(`Add a tag to all ${counted(tags.count, "image")}`, `adds to all ${count}`, enabled, why, tags);
    this.#samples.show(tags.sample, tags.count);
    setText(this.#captions, captionWords(tags.captions, tags.count));
    this.#captions.title = tags.captions.text ?? "";
    const { min, median, max } = tags.limits;
    setText(this.#limits, min === max ? number(min) : `${number(min)} – ${number(max)}, median ${number(median)}`);
    this.#tooLong.show(tags.tokens);
    setText(this.#allHead, `On all ${count}`);
    this.#allNone.hidden = tags.on_all.length > 0;
    this.#all.show(onAllChips(tags, written), `On all ${count}`);
    this.#someBlock.hidden = tags.on_some.length === 0;
    this.#showNotes();
    this.copy.refresh();
    this.#folded.show(onSomeChips(tags, written), `On some of ${count}`);
    this.#suggestedBlock.hidden = tags.judged && tags.suggested.length === 0;
    this.#suggested.show(suggestedForSome(tags, written));
    this.#rejectedFold.hidden = tags.rejected.length === 0;
    this.#rejected.show(rejectedOnSome(tags, written));
  }

  /** Forgets what was typed: other images. */
  clear(): void {
    this.input.clear();
    this.#folded.fold();
    this.show(null, (name) => name, false, "");
  }

  #edit(action: EditAction): void {
    void this.#session.edit("selected", action);
  }

  /** The headings say what is known of the tag under the pointer or the keyboard. */
  #showNotes(): void {
    const tags = this.#tags;
    if (tags === null) return;
    const told = (kind: Chip["kind"]) =>
      this.#pointed?.kind === kind ? (this.#pointed.note ?? this.#pointed.title) : null;
    const count = number(tags.count);
    setText(this.#allNote, told("set") ?? commonSource(tags.on_all) ?? "");
    const some = this.#session.readonly ? `of ${count}` : `of ${count} · click to add to the rest`;
    setText(this.#someNote, told("partial") ?? some);
    setText(this.#suggestedNote, told("suggested") ?? (tags.judged ? "images · mean score" : TOO_MANY));
    setText(this.#rejectedNote, told("rejected") ?? number(tags.rejected.length));
  }

  /** The images that have the tag of the chip under the pointer are outlined. */
  #pointChip(chip: Chip | null): void {
    this.#pointed = chip;
    this.#showNotes();
    if (chip === null || chip.kind !== "partial") {
      this.#having.cancel();
      this.#samples.outline(null);
      return;
    }
    this.#having.ask(chip.name, this.#tags?.sample ?? [], (having) => this.#samples.outline(having));
  }

  /** What the highlighted completion would do: to how many images, and to which of those in sight. */
  #pointOption(option: Option | null): void {
    const tags = this.#tags;
    this.#preview.hidden = option === null;
    if (option === null || tags === null) {
      this.#having.cancel();
      return;
    }
    const rest = tags.count - option.in_target;
    const pictures = h("div", { class: "te-preview-grid" });
    fill(
      this.#preview,
      h(
        "div",
        { class: "lr-row" },
        h("span", { class: "lr-strong lr-cut", title: option.name }, middleCut(this.#written()(option.name), 28)),
        h("span", { class: "lr-space" }),
        h("span", { class: "lr-t2" }, rest > 0 ? `adds to ${number(rest)}` : `on all ${number(tags.count)}`),
      ),
      ...(option.implies ?? []).map((implied) =>
        h("div", { class: "lr-t2 lr-cut" }, impliedWords(implied, tags.count, this.#written())),
      ),
      pictures,
    );
    const draw = (having: ReadonlySet<number>) => {
      const changed = tags.sample.filter((id) => !having.has(id)).slice(0, PREVIEWED);
      fill(pictures, ...changed.map((id) => this.#samples.thumbnail(id)));
    };
    if (option.in_target === 0) draw(new Set());
    else if (rest > 0) this.#having.ask(option.name, tags.sample, draw);
  }
}

/** `implies dog, already on all 40`. */
export function impliedWords(
  { name, in_target }: { name: string; in_target: number },
  count: number,
  written: Written,
) {
  if (in_target >= count) return `implies ${written(name)}, already on all ${number(count)}`;
  return `implies ${written(name)}, on ${number(in_target)} of ${number(count)}`;
}

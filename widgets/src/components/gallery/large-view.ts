import { h, setText } from "../../dom.ts";
import { middleCut, number } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";
import { BigPicture } from "../shared/big-picture.ts";
import { iconButton } from "../shared/button.ts";
import { Pictures } from "../shared/pictures.ts";
import type { Session } from "./session.ts";

const KEPT = 8;
const LARGEST = 2560;
const NAME_LIMIT = 60;

/** One image over the whole stage; arrows go on. */
export class LargeView {
  readonly element: HTMLElement;
  /** The image shown changed: the active one of the grid follows. */
  onMove: (position: number) => void = () => undefined;
  onOpen: () => void = () => undefined;
  onClose: () => void = () => undefined;
  position = -1;
  readonly #session: Session;
  readonly #pictures: Pictures;
  readonly #picture: BigPicture;
  readonly #name = h("span", { class: "lr-strong lr-cut" });
  readonly #place = h("span", { class: "lr-t3 lr-large-place" });
  readonly #facts = h("span", { class: "lr-t2 lr-cut" });
  #asking: AbortController | null = null;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#pictures = new Pictures(session.channel, cleanup, LARGEST, KEPT);
    this.#picture = new BigPicture(this.#pictures, cleanup);
    this.element = h(
      "div",
      { class: "lr-large", attrs: { role: "region", "aria-label": "Large view", tabindex: -1, hidden: true } },
      h(
        "div",
        { class: "lr-large-head" },
        iconButton("previous", "Back to the images (Esc)", () => this.close(), { small: true }),
        this.#name,
        h("span", { class: "lr-space" }),
        this.#facts,
        this.#place,
        iconButton("previous", "Previous", () => this.step(-1), { small: true }),
        iconButton("next", "Next", () => this.step(1), { small: true }),
      ),
      this.#picture.element,
    );
    cleanup.add(() => this.#asking?.abort());
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  show(position: number): void {
    if (position < 0 || position >= this.#session.counts.value.count) return;
    this.position = position;
    this.element.hidden = false;
    this.#picture.zoom.fitted = true;
    this.element.focus({ preventScroll: true });
    this.onOpen();
    void this.#load();
  }

  close(): void {
    if (!this.open) return;
    this.#asking?.abort();
    this.element.hidden = true;
    this.#picture.clear();
    this.onClose();
  }

  step(by: number): void {
    const to = this.position + by;
    if (to < 0 || to >= this.#session.counts.value.count) return;
    this.onMove(to);
    this.show(to);
  }

  /** The order changed under it: what is at this place now. */
  refresh(): void {
    if (!this.open) return;
    if (this.position < this.#session.counts.value.count) void this.#load();
    else this.close();
  }

  /** Keys that zoom; returns whether this was one. */
  key(key: string): boolean {
    return this.#picture.key(key);
  }

  async #load(): Promise<void> {
    this.#asking?.abort();
    const controller = new AbortController();
    this.#asking = controller;
    const { pages, counts, thumbs } = this.#session;
    setText(this.#place, `${number(this.position + 1)} of ${number(counts.value.count)}`);
    pages.want(this.position, this.position + 1);
    const entry = pages.at(this.position);
    if (!entry) return;
    const held = this.#pictures.held(entry.id);
    const thumb = thumbs.get(entry.id);
    const details = this.#session.known(entry.id);
    const name = details?.name ?? "";
    this.#describe(name, details ? `${details.width} × ${details.height} · ${details.format}` : "");
    // The thumbnail stands in, at the size the picture will have.
    const guess = { width: LARGEST * Math.min(1, entry.aspect), height: LARGEST / Math.max(1, entry.aspect) };
    const url = held?.url ?? (thumb && "url" in thumb ? thumb.url : undefined);
    this.#picture.begin({ name, size: details ?? held ?? guess, color: entry.color, ...(url && { url }) });
    await Promise.all([this.#fetch(entry.id, controller), this.#detail(entry.id, controller)]);
    if (!controller.signal.aborted) this.#aheadOf();
  }

  async #fetch(id: number, controller: AbortController): Promise<void> {
    const size = await this.#picture.load(id, controller.signal);
    if (size && !this.#session.known(id)) this.#picture.size = size;
  }

  async #detail(id: number, controller: AbortController): Promise<void> {
    const details = await this.#session.details(id, controller.signal);
    if (!details || controller.signal.aborted) return;
    this.#describe(details.name, `${details.width} × ${details.height} · ${details.format}`);
    this.#picture.size = { width: details.width, height: details.height };
  }

  /** The neighbours, so that the next arrow shows at once. */
  #aheadOf(): void {
    const ids = [this.position + 1, this.position - 1].map((position) => this.#session.pages.idAt(position));
    this.#pictures.ahead(ids.filter((id) => id !== null));
  }

  #describe(name: string, facts: string): void {
    setText(this.#name, middleCut(name, NAME_LIMIT));
    this.#name.title = name;
    this.#picture.name = name;
    setText(this.#facts, facts);
  }
}

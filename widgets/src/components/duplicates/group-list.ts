import { split } from "../../buffers.ts";
import type { Channel } from "../../channel.ts";
import { h, setAttribute, uniqueId } from "../../dom.ts";
import { counted } from "../../format.ts";
import type { Decision, GroupRow } from "../../protocol/duplicates.ts";
import type { Cleanup } from "../../signal.ts";
import { Thumbs } from "../gallery/thumbs.ts";
import { VirtualList } from "../shared/virtual-list.ts";
import type { Review } from "./review.ts";
import { rowWords } from "./words.ts";

const ROW = 48;
/** Longest side in device pixels. */
const SIZE = 96;
const KEPT = 600;

/** The groups: the first pictures of each, how alike they are, or what is decided. One tab stop; arrows move. */
export class GroupList {
  readonly element: HTMLElement;
  readonly #review: Review;
  readonly #list: VirtualList<number>;
  readonly #thumbs: Thumbs;
  readonly #name = uniqueId("group");
  readonly #wanted = new Set<number>();
  #painted = -1;
  #shown: number | null = null;

  constructor(review: Review, channel: Channel, cleanup: Cleanup) {
    this.#review = review;
    this.#list = new VirtualList<number>({ rowHeight: ROW, render: (at) => this.#row(at) }, cleanup);
    this.element = this.#list.element;
    this.element.classList.add("dp-list");
    for (const [name, value] of Object.entries({ role: "listbox", "aria-label": "Groups", tabindex: 0 })) {
      setAttribute(this.element, name, value);
    }
    this.#thumbs = new Thumbs(
      async (ids, size, signal) => {
        const { ok, buffers } = await channel.request("thumbs", { version: 0, ids, size }, signal);
        return { ...ok, parts: split(buffers[0] ?? new Uint8Array(), ok.lengths) };
      },
      (id, thumb) => {
        if (!("url" in thumb)) return;
        for (const image of this.element.querySelectorAll<HTMLImageElement>(`img[data-id="${id}"]`)) {
          image.src = thumb.url;
        }
      },
      KEPT,
    );
    cleanup.add(() => this.#thumbs.close());
    cleanup.listen(this.element, "click", (event) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-at]") : null;
      if (row) review.open(Number(row.dataset.at));
    });
  }

  /** Shows what is known now; the group looked at comes into sight when it is another. */
  draw(): void {
    const { rows, at, revision } = this.#review;
    if (revision !== this.#painted) {
      this.#painted = revision;
      this.#wanted.clear();
      this.#list.items = rows.map((_, place) => place);
    }
    setAttribute(this.element, "aria-activedescendant", at === null ? null : `${this.#name}-${at}`);
    if (at !== null && at !== this.#shown) this.#list.reveal(at);
    this.#shown = at;
  }

  #row(at: number): HTMLElement {
    const row = this.#review.rows[at] ?? null;
    const decision = this.#review.decisions[at] ?? "";
    if (row) this.#want(row);
    else this.#review.need(at);
    const chosen = at === this.#review.at;
    return h(
      "div",
      {
        class: `dp-row${decision === "" ? "" : " dp-decided"}`,
        attrs: {
          role: "option",
          id: `${this.#name}-${at}`,
          "data-at": at,
          "aria-selected": chosen,
          "aria-label": `Group ${at + 1}, ${row ? `${rowWords(row, decision)}, ${counted(row.images, "image")}` : "loading"}`,
          "aria-posinset": at + 1,
          "aria-setsize": this.#review.rows.length,
        },
      },
      ...(row?.ids ?? []).map((id) => this.#thumb(id)),
      h("span", { class: "lr-space" }),
      row && this.#said(row, decision),
    );
  }

  #said(row: GroupRow, decision: Decision): HTMLElement {
    return h(
      "span",
      { class: "dp-said" },
      h("span", { class: decision === "" ? "lr-t2 lr-cut" : "lr-t3 lr-cut" }, rowWords(row, decision)),
      h("span", { class: "lr-t3" }, counted(row.images, "image")),
    );
  }

  #thumb(id: number): HTMLElement {
    const thumb = this.#thumbs.get(id);
    const image = h("img", { attrs: { alt: "", decoding: "async", draggable: "false", "data-id": id } });
    if (thumb && "url" in thumb) image.src = thumb.url;
    return h("span", { class: "dp-thumb" }, image);
  }

  #want({ ids }: GroupRow): void {
    const before = this.#wanted.size;
    for (const id of ids) this.#wanted.add(id);
    if (this.#wanted.size > before) this.#thumbs.want([...this.#wanted].reverse(), SIZE);
  }
}

import { split } from "../../buffers.ts";
import { fill, h, setText } from "../../dom.ts";
import { number } from "../../format.ts";
import type { Cleanup } from "../../signal.ts";
import { Thumbs } from "../gallery/thumbs.ts";
import type { Session } from "./session.ts";

/** Longest side in device pixels. */
const SIZE = 128;
const KEPT = 256;

/** Sample pictures of the selection, some of them outlined. */
export class Samples {
  readonly element: HTMLElement;
  readonly #grid = h("div", { class: "te-samples-grid", attrs: { role: "img", "aria-label": "Images" } });
  readonly #more = h("span", { class: "lr-t3" });
  readonly #thumbs: Thumbs;
  readonly #cells = new Map<number, HTMLElement>();
  /** All elements that wait for a picture, also those outside the grid. */
  readonly #waiting = new Map<number, Set<HTMLImageElement>>();

  constructor(session: Session, cleanup: Cleanup) {
    this.element = h("div", { class: "te-samples" }, this.#grid, this.#more);
    this.#thumbs = new Thumbs(
      async (ids, size, signal) => {
        const ask = { version: session.follow.version, ids, size };
        const { ok, buffers } = await session.channel.request("thumbs", ask, signal);
        return { ...ok, parts: split(buffers[0] ?? new Uint8Array(), ok.lengths) };
      },
      (id, thumb) => {
        if ("url" in thumb) for (const image of this.#waiting.get(id) ?? []) image.src = thumb.url;
        this.#waiting.delete(id);
      },
      KEPT,
    );
    cleanup.add(() => this.#thumbs.close());
  }

  show(ids: readonly number[], count: number): void {
    setText(this.#more, count > ids.length ? `and ${number(count - ids.length)} more` : "");
    this.#grid.setAttribute("aria-label", `${number(ids.length)} of the ${number(count)} images`);
    if (ids.length === this.#cells.size && ids.every((id) => this.#cells.has(id))) return;
    this.#cells.clear();
    this.#waiting.clear();
    for (const id of ids) this.#cells.set(id, this.thumbnail(id));
    fill(this.#grid, ...this.#cells.values());
    this.#thumbs.want(ids, SIZE);
  }

  /** A small square with the picture of one of the samples, as soon as it is there. */
  thumbnail(id: number): HTMLElement {
    const image = h("img", { class: "te-thumb-image", attrs: { alt: "", decoding: "async", draggable: "false" } });
    const thumb = this.#thumbs.get(id);
    if (thumb && "url" in thumb) image.src = thumb.url;
    else if (!thumb) this.#waiting.set(id, (this.#waiting.get(id) ?? new Set()).add(image));
    return h("span", { class: "te-thumb" }, image);
  }

  /** Outlines these images; null outlines none. */
  outline(ids: ReadonlySet<number> | null): void {
    this.#grid.classList.toggle("te-outlining", ids !== null);
    for (const [id, cell] of this.#cells) cell.classList.toggle("te-thumb-on", ids?.has(id) ?? false);
  }
}

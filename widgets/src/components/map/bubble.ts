import { dataUrl, split } from "../../buffers.ts";
import { type Channel, isAbort } from "../../channel.ts";
import { fill, h } from "../../dom.ts";
import { Lru } from "../shared/lru.ts";
import type { Point } from "./plane.ts";

const SIDE = 128;
const KEPT = 200;
const ROOM = 190; // pixels it is high, at most
const CALM = 40; // ms that a pointer stays on a point before its picture is asked for

interface Known {
  url: string | null;
  name: string;
}

/** The picture of the point under the pointer or the keyboard, beside it. */
export class Bubble {
  readonly element = h("div", { class: "em-bubble lr-pop", attrs: { "aria-hidden": "true", hidden: true } });
  readonly #channel: Channel;
  readonly #kept = new Lru<number, Known>(KEPT);
  readonly #image = h("img", { class: "em-thumb", attrs: { alt: "", draggable: "false" } });
  readonly #well = h("div", { class: "em-well" }, this.#image);
  readonly #name = h("div", { class: "lr-cut" });
  readonly #value = h("div", { class: "lr-cut lr-t3" });
  #id: number | null = null;
  #asking: AbortController | null = null;

  constructor(channel: Channel) {
    this.#channel = channel;
    fill(this.element, this.#well, this.#name, this.#value);
  }

  /** @returns the name, once it is known */
  async show(id: number, at: Point, value: string): Promise<string | null> {
    this.#place(at);
    this.element.hidden = false;
    this.#value.textContent = value;
    if (this.#id === id) return this.#kept.get(id)?.name ?? null;
    this.#id = id;
    this.#asking?.abort();
    let known = this.#kept.get(id);
    this.#paint(known);
    if (!known) {
      const asking = new AbortController();
      this.#asking = asking;
      try {
        await new Promise((done) => setTimeout(done, CALM));
        if (asking.signal.aborted) return null;
        known = await this.#ask(id, asking.signal);
      } catch (error) {
        if (isAbort(error)) return null;
        known = { url: null, name: error instanceof Error ? error.message : String(error) };
      }
      this.#kept.set(id, known);
      if (this.#id === id) this.#paint(known);
    }
    return known.name;
  }

  hide(): void {
    this.#id = null;
    this.#asking?.abort();
    this.element.hidden = true;
  }

  async #ask(id: number, signal: AbortSignal): Promise<Known> {
    const [thumbs, details] = await Promise.all([
      this.#channel.request("thumbs", { version: 0, ids: [id], size: 2 * SIDE }, signal),
      this.#channel.request("details", { id }, signal),
    ]);
    const [bytes] = split(thumbs.buffers[0] ?? new Uint8Array(), thumbs.ok.lengths);
    return { url: bytes ? dataUrl(bytes, thumbs.ok.type) : null, name: details.ok.name };
  }

  #paint(known: Known | undefined): void {
    this.#image.hidden = !known?.url;
    if (known?.url) this.#image.src = known.url;
    this.#name.textContent = known?.name ?? "";
    this.#name.title = known?.name ?? "";
  }

  #place({ x, y }: Point): void {
    const box = this.element.parentElement;
    const { clientWidth: width = 0, clientHeight: height = 0 } = box ?? {};
    const side = SIDE + 12;
    const left = x + 14 + side > width ? x - 14 - side : x + 14;
    const top = Math.min(Math.max(4, y - ROOM / 2), height - ROOM - 4);
    this.element.style.transform = `translate(${Math.round(Math.max(4, left))}px, ${Math.round(Math.max(4, top))}px)`;
  }
}

import "./big-picture.css";
import { isAbort, KernelError } from "../../channel.ts";
import { fill, h } from "../../dom.ts";
import { icon } from "../../icons.ts";
import type { Cleanup } from "../../signal.ts";
import type { Pictures } from "./pictures.ts";
import { Zoom } from "./zoom.ts";

const WHEEL_STEP = 1.0015;
const KEY_STEP = 1.25;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What stands there until the picture itself came. */
export interface StandIn {
  readonly name: string;
  /** Of the picture, in its own pixels. */
  readonly size: Size;
  readonly color?: string;
  /** A smaller one. */
  readonly url?: string;
}

/** A picture in its well: Fit, 1:1, wheel zooms at the pointer, drag pans, double click toggles. */
export class BigPicture {
  readonly element: HTMLElement;
  readonly zoom = new Zoom();
  /** A person zoomed or moved it. */
  onZoom: () => void = () => undefined;
  readonly #pictures: Pictures;
  readonly #image = h("img", { class: "lr-big-image", attrs: { alt: "", draggable: "false" } });
  readonly #trouble = h("div", { class: "lr-big-trouble", attrs: { hidden: true } });
  readonly #modes: HTMLElement;
  readonly #fit: HTMLButtonElement;
  readonly #full: HTMLButtonElement;
  #size: Size = { width: 1, height: 1 };

  constructor(pictures: Pictures, cleanup: Cleanup) {
    this.#pictures = pictures;
    this.#fit = this.#mode("Fit", () => this.fit());
    this.#full = this.#mode("1:1", () => this.fullSize());
    this.#modes = h(
      "div",
      { class: "lr-big-modes", attrs: { role: "group", "aria-label": "Zoom" } },
      this.#fit,
      this.#full,
    );
    this.element = h("div", { class: "lr-big" }, this.#image, this.#trouble, this.#modes);
    this.#listen(cleanup);
  }

  /** Leaves the buttons to whoever has several of these. */
  withoutModes(): this {
    this.#modes.remove();
    return this;
  }

  /** Shows what stands in for a picture; `load` then brings it. */
  begin({ name, size, color, url }: StandIn): void {
    this.#trouble.hidden = true;
    this.#image.alt = name;
    this.#image.style.backgroundColor = color ?? "";
    if (url) this.#image.src = url;
    else this.#image.removeAttribute("src");
    this.size = size;
  }

  /** The picture, or why it cannot be read. Resolves with its size. */
  async load(id: number, signal: AbortSignal): Promise<Size | null> {
    try {
      const picture = await this.#pictures.get(id, signal);
      if (signal.aborted) return null;
      this.#image.src = picture.url;
      return picture;
    } catch (error) {
      if (isAbort(error)) return null;
      if (!(error instanceof KernelError)) throw error;
      fill(this.#trouble, icon("error"), h("span", {}, "Cannot be read"), h("span", {}, error.message));
      this.#trouble.hidden = false;
      return null;
    }
  }

  clear(): void {
    this.#trouble.hidden = true;
    this.#image.removeAttribute("src");
  }

  /** In its own pixels. */
  set size(size: Size) {
    this.#size = size;
    this.measure();
  }

  set name(name: string) {
    this.#image.alt = name;
  }

  fit(): void {
    this.zoom.fit();
    this.#moved();
  }

  fullSize(x?: number, y?: number): void {
    const { width, height } = this.element.getBoundingClientRect();
    this.zoom.to(1 / (globalThis.devicePixelRatio || 1), x ?? width / 2, y ?? height / 2);
    this.#moved();
  }

  toggle(x?: number, y?: number): void {
    if (this.zoom.fitted) this.fullSize(x, y);
    else this.fit();
  }

  /** Keys that zoom; returns whether this was one. */
  key(key: string): boolean {
    const { width, height } = this.element.getBoundingClientRect();
    if (key === "+" || key === "=") this.zoom.to(this.zoom.scale * KEY_STEP, width / 2, height / 2);
    else if (key === "-") this.zoom.to(this.zoom.scale / KEY_STEP, width / 2, height / 2);
    else return false;
    this.#moved();
    return true;
  }

  /** After another picture or another size of the well. */
  measure(): void {
    const { width, height } = this.element.getBoundingClientRect();
    if (width === 0) return;
    this.zoom.resize({ viewWidth: width, viewHeight: height, ...this.#size });
    this.draw();
  }

  draw(): void {
    const { scale, x, y, fitted } = this.zoom;
    const { style } = this.#image;
    style.width = `${this.#size.width * scale}px`;
    style.height = `${this.#size.height * scale}px`;
    style.transform = `translate(${x}px, ${y}px)`;
    this.#fit.setAttribute("aria-pressed", String(fitted));
    this.#full.setAttribute("aria-pressed", String(Math.abs(scale * (globalThis.devicePixelRatio || 1) - 1) < 0.01));
  }

  #moved(): void {
    this.draw();
    this.onZoom();
  }

  #mode(text: string, run: () => void): HTMLButtonElement {
    const element = h("button", { class: "lr-big-mode", attrs: { type: "button", "aria-pressed": false } }, text);
    element.addEventListener("click", run);
    return element;
  }

  #listen(cleanup: Cleanup): void {
    const point = (event: MouseEvent): [number, number] => {
      const box = this.element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    cleanup.listen(
      this.element,
      "wheel",
      (event) => {
        event.preventDefault();
        const [x, y] = point(event);
        this.zoom.to(this.zoom.scale * WHEEL_STEP ** -event.deltaY, x, y);
        this.#moved();
      },
      { passive: false },
    );
    cleanup.listen(this.#image, "dblclick", (event) => this.toggle(...point(event)));
    // movementX is in device pixels in some browsers: the difference is taken here.
    let last: [number, number] = [0, 0];
    cleanup.listen(this.#image, "pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#image.setPointerCapture(event.pointerId);
      last = point(event);
    });
    cleanup.listen(this.#image, "pointermove", (event) => {
      if (!this.#image.hasPointerCapture(event.pointerId)) return;
      const [x, y] = point(event);
      this.zoom.pan(x - last[0], y - last[1]);
      last = [x, y];
      this.#moved();
    });
    const observer = new ResizeObserver(() => this.measure());
    observer.observe(this.element);
    cleanup.add(() => observer.disconnect());
  }
}

import { h } from "../../dom.ts";
import type { Cleanup } from "../../signal.ts";
import { type Colouring, type Palette, paletteOf } from "./colours.ts";
import { Plane, type Point } from "./plane.ts";
import { Points } from "./points.ts";
import { Raster, radiusOf } from "./raster.ts";

/** The two canvases: the points, and above them the line of a lasso and the mark of the keyboard. */
export class Stage {
  readonly element: HTMLElement;
  readonly plane = new Plane();
  points = new Points(new Int32Array(), new Float32Array());
  colouring: Colouring = { by: "" };
  /** The point that has the keyboard; -1 for none. */
  active = -1;
  line: readonly Point[] = [];
  readonly #raster = new Raster(h("canvas", { class: "em-points", attrs: { "aria-hidden": "true" } }));
  readonly #over = h("canvas", { class: "em-over", attrs: { "aria-hidden": "true" } });
  #palette: Palette | null = null;
  #ratio = 1;
  #asked = 0;
  #followed = false;

  constructor(cleanup: Cleanup) {
    this.element = h(
      "div",
      { class: "em-stage", attrs: { tabindex: 0, "data-home": "" } },
      this.#raster.element,
      this.#over,
    );
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry?.contentRect ?? { width: 0, height: 0 };
      if (width === 0 || height === 0) return;
      this.#follow(cleanup);
      this.#resize(width, height);
    });
    observer.observe(this.element);
    cleanup.add(() => observer.disconnect());
    cleanup.add(() => cancelAnimationFrame(this.#asked));
  }

  /** The theme of the root decides the colours; there is a root once the stage has a size. */
  #follow(cleanup: Cleanup): void {
    const root = this.element.closest<HTMLElement>(".lr");
    if (!root || this.#followed) return;
    this.#followed = true;
    const observer = new MutationObserver(() => {
      this.#palette = null;
      this.draw();
    });
    observer.observe(root, { attributes: true, attributeFilter: ["data-theme", "data-own-ground"] });
    cleanup.add(() => observer.disconnect());
  }

  /** Draws with the next frame, once however often it is asked. */
  draw(): void {
    if (this.#asked) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      this.#paint();
    });
  }

  #resize(width: number, height: number): void {
    this.#ratio = Math.min(2, window.devicePixelRatio || 1);
    this.plane.resize(width, height);
    this.#raster.resize(width, height, this.#ratio);
    this.#over.width = Math.round(width * this.#ratio);
    this.#over.height = Math.round(height * this.#ratio);
    this.#paint(); // a canvas that got another size is empty
  }

  #paint(): void {
    if (!this.element.isConnected) return;
    this.#palette ??= paletteOf(this.element);
    this.#raster.draw(this.points, this.plane, this.colouring, this.#palette, this.#ratio);
    this.#paintOver();
  }

  #paintOver(): void {
    const pen = this.#over.getContext("2d");
    if (!pen) return;
    const { color, accentColor } = getComputedStyle(this.#over);
    pen.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    pen.clearRect(0, 0, this.plane.width, this.plane.height);
    if (this.line.length > 1) {
      pen.beginPath();
      for (const { x, y } of this.line) pen.lineTo(x, y);
      pen.closePath();
      pen.strokeStyle = accentColor;
      pen.fillStyle = accentColor;
      pen.lineWidth = 1.5;
      pen.globalAlpha = 0.09;
      pen.fill("evenodd");
      pen.globalAlpha = 1;
      pen.stroke();
    }
    if (this.active < 0 || this.active >= this.points.length) return;
    const place = this.points.place(this.active);
    const { x, y } = this.plane.toScreen(place.x, place.y);
    pen.beginPath();
    pen.arc(x, y, radiusOf(this.points.length) + 5, 0, 2 * Math.PI);
    pen.strokeStyle = color;
    pen.lineWidth = 2;
    pen.stroke();
  }
}

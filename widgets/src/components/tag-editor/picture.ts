import { dataUrl } from "../../buffers.ts";
import { isAbort } from "../../channel.ts";
import { h, setAttribute } from "../../dom.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import type { Session } from "./session.ts";
import { fitPose, type Pose, panned, zoomedAt } from "./zoom.ts";

/** Sizes asked for, long edge in px: a preview, a large screen, 1:1. */
const SIZES = [768, 1536, 4096];
const THUMBNAIL = 256;
const WHEEL_STEP = 1.0015;

export interface Shown {
  readonly id: number;
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** The picture: fitted, 1:1 or zoomed at the pointer; only as many pixels are asked for as are shown. */
export class Picture {
  readonly element: HTMLElement;
  readonly #image: HTMLImageElement;
  readonly #note: HTMLElement;
  readonly #fit: HTMLButtonElement;
  readonly #full: HTMLButtonElement;
  readonly #session: Session;
  #shown: Shown | null = null;
  #pose: Pose | null = null;
  #box = { width: 0, height: 0 };
  #have = 0;
  #asked = 0;
  #url = "";
  #asking: AbortController | null = null;

  constructor(session: Session, cleanup: Cleanup, compare?: () => void) {
    this.#session = session;
    this.#image = h("img", { class: "te-picture-image", attrs: { alt: "", draggable: "false", hidden: true } });
    this.#note = h("span", { class: "te-picture-note lr-t3", attrs: { hidden: true } });
    this.#fit = button("Fit", {
      kind: "quiet",
      small: true,
      title: "Show the whole picture",
      onClick: () => this.#set(null),
    });
    this.#full = button("1:1", {
      kind: "quiet",
      small: true,
      title: "Show it pixel by pixel (double click)",
      onClick: () => this.#toggle(),
    });
    const modes = h(
      "div",
      { class: "te-picture-modes", attrs: { role: "group", "aria-label": "Zoom" } },
      this.#fit,
      this.#full,
      compare && button("Compare", { kind: "quiet", small: true, title: "Side by side (C)", onClick: compare }),
    );
    this.element = h("div", { class: "te-picture", attrs: { tabindex: -1 } }, this.#image, this.#note, modes);
    cleanup.listen(this.element, "dblclick", (event) => {
      if (!modes.contains(event.target as Node)) this.#toggle(this.#at(event));
    });
    cleanup.listen(this.element, "wheel", (event) => this.#wheel(event), { passive: false });
    cleanup.listen(this.element, "pointerdown", (event) => this.#drag(event, cleanup));
    const observer = new ResizeObserver((entries) => {
      const box = entries[0]?.contentRect;
      if (!box || box.width === 0 || box.height === 0) return;
      this.#box = { width: box.width, height: box.height };
      this.#place();
    });
    observer.observe(this.element);
    cleanup.add(() => {
      observer.disconnect();
      this.#asking?.abort();
      URL.revokeObjectURL(this.#url);
    });
  }

  show(shown: Shown): void {
    if (this.#shown?.id === shown.id) return;
    this.#asking?.abort();
    this.#asking = new AbortController();
    this.#shown = shown;
    this.#pose = null;
    this.#have = 0;
    this.#asked = 0;
    this.#image.hidden = true;
    this.#note.hidden = true;
    setAttribute(this.#image, "alt", shown.name);
    void this.#thumbnail(shown, this.#asking.signal);
    this.#place();
  }

  async #thumbnail({ id }: Shown, signal: AbortSignal): Promise<void> {
    const ask = { version: this.#session.follow.version, ids: [id], size: THUMBNAIL };
    try {
      const { ok, buffers } = await this.#session.channel.request("thumbs", ask, signal);
      const bytes = buffers[0];
      if (ok.ids[0] === id && bytes && bytes.length > 0) this.#use(dataUrl(bytes, ok.type), THUMBNAIL);
    } catch (error) {
      // The picture itself is on its way too; it says what is wrong.
      if (!isAbort(error)) this.#place();
    }
  }

  async #load(size: number): Promise<void> {
    const shown = this.#shown;
    const asking = this.#asking;
    if (!shown || !asking || size <= this.#asked) return;
    this.#asked = size;
    try {
      const { ok, buffers } = await this.#session.channel.request("image", { id: shown.id, max: size }, asking.signal);
      const bytes = buffers[0];
      if (asking.signal.aborted || !bytes) return;
      // Copied: the host may own the memory behind the buffer.
      this.#use(URL.createObjectURL(new Blob([bytes.slice()], { type: ok.type })), size);
    } catch (error) {
      if (isAbort(error) || this.#shown !== shown) return;
      this.#note.textContent = `Cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      this.#note.hidden = this.#have > 0;
    }
  }

  #use(url: string, size: number): void {
    if (size <= this.#have) {
      URL.revokeObjectURL(url);
      return;
    }
    const former = this.#url;
    this.#have = size;
    this.#url = url;
    this.#image.src = url;
    this.#image.hidden = false;
    URL.revokeObjectURL(former);
    this.#place();
  }

  #set(pose: Pose | null): void {
    this.#pose = pose;
    this.#place();
  }

  #toggle(at = { x: this.#box.width / 2, y: this.#box.height / 2 }): void {
    if (!this.#shown) return;
    this.#set(this.#pose ? null : zoomedAt(fitPose(this.#shown, this.#box), 1, at, this.#shown, this.#box));
  }

  #at(event: MouseEvent): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** Only once it has the focus: else the page scrolls past the picture. */
  #wheel(event: WheelEvent): void {
    if (!this.#shown || !(event.ctrlKey || this.element.matches(":focus-within"))) return;
    event.preventDefault();
    const fitted = fitPose(this.#shown, this.#box);
    const from = this.#pose ?? fitted;
    const scale = from.scale * WHEEL_STEP ** -event.deltaY;
    this.#set(
      scale <= fitted.scale ? null : zoomedAt(from, Math.min(scale, 8), this.#at(event), this.#shown, this.#box),
    );
  }

  #drag(down: PointerEvent, cleanup: Cleanup): void {
    if (!this.#pose || down.button !== 0 || (down.target as Element).closest("button")) return;
    const from = this.#pose;
    const done = new AbortController();
    this.element.setPointerCapture(down.pointerId);
    const options = { signal: AbortSignal.any([done.signal, cleanup.signal]) };
    const move = (event: PointerEvent): void => {
      if (!this.#shown) return;
      const by = { x: event.clientX - down.clientX, y: event.clientY - down.clientY };
      this.#set(panned(from, by, this.#shown, this.#box));
    };
    this.element.addEventListener("pointermove", move, options);
    for (const type of ["pointerup", "pointercancel"] as const) {
      this.element.addEventListener(type, () => done.abort(), options);
    }
  }

  #place(): void {
    const shown = this.#shown;
    if (!shown || this.#box.width === 0) return;
    const pose = this.#pose ?? fitPose(shown, this.#box);
    const { style } = this.#image;
    style.width = `${shown.width}px`;
    style.height = `${shown.height}px`;
    style.transform = `translate(${pose.x}px, ${pose.y}px) scale(${pose.scale})`;
    this.element.classList.toggle("te-picture-zoomed", this.#pose !== null);
    this.#fit.setAttribute("aria-pressed", String(this.#pose === null));
    this.#full.setAttribute("aria-pressed", String(this.#pose?.scale === 1));
    const pixels = Math.max(shown.width, shown.height) * pose.scale * (window.devicePixelRatio || 1);
    void this.#load(SIZES.find((size) => size >= pixels) ?? SIZES[SIZES.length - 1] ?? THUMBNAIL);
  }
}

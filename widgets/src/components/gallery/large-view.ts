import { isAbort, KernelError } from "../../channel.ts";
import { fill, h, setText } from "../../dom.ts";
import { middleCut, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Cleanup } from "../../signal.ts";
import { iconButton } from "../shared/button.ts";
import { Lru } from "./lru.ts";
import type { Session } from "./session.ts";
import { Zoom } from "./zoom.ts";

/** Full-size pictures held as blob: URLs; the one let go is revoked. */
const KEPT = 8;
const LARGEST = 2560;
const WHEEL_STEP = 1.0015;
const KEY_STEP = 1.25;
const NAME_LIMIT = 60;

interface Picture {
  url: string;
  width: number;
  height: number;
}

/** One image over the whole stage: Fit, 1:1, wheel zooms at the pointer, drag pans, arrows go on. */
export class LargeView {
  readonly element: HTMLElement;
  /** The image shown changed: the active one of the grid follows. */
  onMove: (position: number) => void = () => undefined;
  onOpen: () => void = () => undefined;
  onClose: () => void = () => undefined;
  position = -1;
  readonly #session: Session;
  readonly #kept = new Lru<number, Picture>(KEPT, ({ url }) => URL.revokeObjectURL(url));
  readonly #zoom = new Zoom();
  readonly #name = h("span", { class: "lr-strong lr-cut" });
  readonly #place = h("span", { class: "lr-t3 lr-large-place" });
  readonly #facts = h("span", { class: "lr-t2 lr-cut" });
  readonly #view = h("div", { class: "lr-large-view" });
  readonly #image = h("img", { class: "lr-large-image", attrs: { alt: "", draggable: "false" } });
  readonly #trouble = h("div", { class: "lr-large-trouble", attrs: { hidden: true } });
  readonly #fit: HTMLButtonElement;
  readonly #full: HTMLButtonElement;
  #asking: AbortController | null = null;
  #size = { width: 1, height: 1 };

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#fit = this.#mode("Fit", () => this.#zoom.fit());
    this.#full = this.#mode("1:1", () => this.#fullSize());
    this.#view.append(
      this.#image,
      this.#trouble,
      h("div", { class: "lr-large-modes", attrs: { role: "group", "aria-label": "Zoom" } }, this.#fit, this.#full),
    );
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
      this.#view,
    );
    this.#listen(cleanup);
    cleanup.add(() => {
      this.#asking?.abort();
      this.#kept.clear();
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  show(position: number): void {
    if (position < 0 || position >= this.#session.counts.value.count) return;
    this.position = position;
    this.element.hidden = false;
    this.#zoom.fitted = true;
    this.element.focus({ preventScroll: true });
    this.onOpen();
    void this.#load();
  }

  close(): void {
    if (!this.open) return;
    this.#asking?.abort();
    this.element.hidden = true;
    this.#image.removeAttribute("src");
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
    const { width, height } = this.#view.getBoundingClientRect();
    if (key === "+" || key === "=") this.#zoom.to(this.#zoom.scale * KEY_STEP, width / 2, height / 2);
    else if (key === "-") this.#zoom.to(this.#zoom.scale / KEY_STEP, width / 2, height / 2);
    else return false;
    this.#draw();
    return true;
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
    this.#trouble.hidden = true;
    const held = this.#kept.get(entry.id);
    const thumb = thumbs.get(entry.id);
    const details = this.#session.known(entry.id);
    this.#describe(details?.name ?? "", details ? `${details.width} × ${details.height} · ${details.format}` : "");
    // The thumbnail stands in, at the size the picture will have.
    const guess = { width: LARGEST * Math.min(1, entry.aspect), height: LARGEST / Math.max(1, entry.aspect) };
    this.#size = details ?? held ?? guess;
    if (held) this.#image.src = held.url;
    else if (thumb && "url" in thumb) this.#image.src = thumb.url;
    else this.#image.removeAttribute("src");
    this.#image.style.backgroundColor = entry.color;
    this.#measure();
    await Promise.all([held ? undefined : this.#fetch(entry.id, controller), this.#detail(entry.id, controller)]);
    if (!controller.signal.aborted) await this.#prefetch(controller);
  }

  async #fetch(id: number, controller: AbortController): Promise<void> {
    try {
      const picture = await this.#picture(id, controller.signal);
      if (controller.signal.aborted) return;
      this.#image.src = picture.url;
      if (!this.#session.known(id)) this.#size = picture;
      this.#measure();
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      fill(this.#trouble, icon("error"), h("span", {}, "Cannot be read"), h("span", {}, error.message));
      this.#trouble.hidden = false;
    }
  }

  async #picture(id: number, signal: AbortSignal): Promise<Picture> {
    const held = this.#kept.get(id);
    if (held) return held;
    const { ok, buffers } = await this.#session.channel.request("image", { id, max: LARGEST }, signal);
    const blob = new Blob([(buffers[0] ?? new Uint8Array()) as Uint8Array<ArrayBuffer>], { type: ok.type });
    const picture = { url: URL.createObjectURL(blob), width: ok.width, height: ok.height };
    this.#kept.set(id, picture);
    return picture;
  }

  async #detail(id: number, controller: AbortController): Promise<void> {
    const details = await this.#session.details(id, controller.signal);
    if (!details || controller.signal.aborted) return;
    this.#describe(details.name, `${details.width} × ${details.height} · ${details.format}`);
    this.#size = { width: details.width, height: details.height };
    this.#measure();
  }

  /** The neighbours, so that the next arrow shows at once. Trouble with them shows when they are looked at. */
  async #prefetch(controller: AbortController): Promise<void> {
    for (const position of [this.position + 1, this.position - 1]) {
      const id = this.#session.pages.idAt(position);
      if (id === null || controller.signal.aborted) continue;
      try {
        await this.#picture(id, controller.signal);
      } catch (error) {
        if (!(isAbort(error) || error instanceof KernelError)) throw error;
      }
    }
  }

  #describe(name: string, facts: string): void {
    setText(this.#name, middleCut(name, NAME_LIMIT));
    this.#name.title = name;
    this.#image.alt = name;
    setText(this.#facts, facts);
  }

  #mode(text: string, run: () => void): HTMLButtonElement {
    const element = h("button", { class: "lr-large-mode", attrs: { type: "button", "aria-pressed": false } }, text);
    element.addEventListener("click", () => {
      run();
      this.#draw();
    });
    return element;
  }

  #fullSize(x?: number, y?: number): void {
    const { width, height } = this.#view.getBoundingClientRect();
    this.#zoom.to(1 / (globalThis.devicePixelRatio || 1), x ?? width / 2, y ?? height / 2);
  }

  #measure(): void {
    const { width, height } = this.#view.getBoundingClientRect();
    if (width === 0) return;
    this.#zoom.resize({ viewWidth: width, viewHeight: height, ...this.#size });
    this.#draw();
  }

  #draw(): void {
    const { scale, x, y, fitted } = this.#zoom;
    const { style } = this.#image;
    style.width = `${this.#size.width * scale}px`;
    style.height = `${this.#size.height * scale}px`;
    style.transform = `translate(${x}px, ${y}px)`;
    this.#fit.setAttribute("aria-pressed", String(fitted));
    this.#full.setAttribute("aria-pressed", String(Math.abs(scale * (globalThis.devicePixelRatio || 1) - 1) < 0.01));
  }

  #listen(cleanup: Cleanup): void {
    const point = (event: MouseEvent): [number, number] => {
      const box = this.#view.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    cleanup.listen(
      this.#view,
      "wheel",
      (event) => {
        event.preventDefault();
        const [x, y] = point(event);
        this.#zoom.to(this.#zoom.scale * WHEEL_STEP ** -event.deltaY, x, y);
        this.#draw();
      },
      { passive: false },
    );
    cleanup.listen(this.#image, "dblclick", (event) => {
      const [x, y] = point(event);
      if (this.#zoom.fitted) this.#fullSize(x, y);
      else this.#zoom.fit();
      this.#draw();
    });
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
      this.#zoom.pan(x - last[0], y - last[1]);
      last = [x, y];
      this.#draw();
    });
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(this.#view);
    cleanup.add(() => observer.disconnect());
  }
}

/** Browsers clamp the height of an element (Firefox near 17.9 million pixels); we stay well below. */
export const MAX_HEIGHT = 8_000_000;
/** Within this of either end one pixel of the scroll bar is one pixel of content. */
const EDGE = 100_000;
/** A step up to this many viewports is a wheel, a page or a glide: it moves the content by as much. More is a drag of the thumb. */
const STEP_VIEWPORTS = 4;

/**
 * Maps the scroll position of an element of limited height to a position in content of any height.
 *
 * Small steps move the content pixel by pixel whatever the scale; a drag of the thumb jumps in proportion. The two
 * drift apart with small steps in the scaled middle; `settled` says where the bar belongs once the user pauses.
 */
export class ScrollMap {
  #content = 0;
  #viewport = 0;
  #scroll = 0;
  #top = 0;

  /** Height to give the scrolled element. */
  get height(): number {
    return Math.min(this.#content, MAX_HEIGHT);
  }

  /** Where the view's top is in the content. */
  get top(): number {
    return this.#top;
  }

  get maxTop(): number {
    return Math.max(0, this.#content - this.#viewport);
  }

  get scaled(): boolean {
    return this.#content > MAX_HEIGHT;
  }

  /** New sizes. Keeps the position in the content as far as it exists; the caller sets the bar to `settled`. */
  resize(content: number, viewport: number): void {
    this.#content = content;
    this.#viewport = viewport;
    this.#top = Math.min(this.#top, this.maxTop);
    this.#scroll = this.settled;
  }

  /** The bar moved to `scroll`. */
  scrolled(scroll: number): number {
    const step = scroll - this.#scroll;
    this.#scroll = scroll;
    if (!this.scaled) this.#top = clamp(scroll, 0, this.maxTop);
    else if (Math.abs(step) <= STEP_VIEWPORTS * this.#viewport) this.#top = clamp(this.#top + step, 0, this.maxTop);
    else this.#top = Math.round(this.#toContent(scroll));
    return this.#top;
  }

  /** Moves the view to `top`; returns where the bar goes. */
  jump(top: number): number {
    this.#top = clamp(Math.round(top), 0, this.maxTop);
    this.#scroll = this.settled;
    return this.#scroll;
  }

  /** Where the bar belongs for the present position. */
  get settled(): number {
    return this.scaled ? Math.round(this.#toBar(this.#top)) : this.#top;
  }

  /** True when the bar is at an end and the content is not: it must be put back or the user is stuck. */
  get stuck(): boolean {
    const atEnd = this.#scroll <= 0 || this.#scroll >= this.height - this.#viewport;
    return this.scaled && atEnd && Math.abs(this.#toContent(this.#scroll) - this.#top) > 1;
  }

  /** How far content coordinates lie below those of the scrolled element. */
  get offset(): number {
    return this.#top - this.#scroll;
  }

  #toContent(scroll: number): number {
    const { bar, content } = this.#spans();
    if (scroll <= EDGE) return clamp(scroll, 0, this.maxTop);
    if (scroll >= EDGE + bar) return clamp(EDGE + content + (scroll - EDGE - bar), 0, this.maxTop);
    return EDGE + ((scroll - EDGE) / bar) * content;
  }

  #toBar(top: number): number {
    const { bar, content } = this.#spans();
    if (top <= EDGE) return top;
    if (top >= EDGE + content) return EDGE + bar + (top - EDGE - content);
    return EDGE + ((top - EDGE) / content) * bar;
  }

  /** The lengths of the scaled middle, on the bar and in the content. */
  #spans(): { bar: number; content: number } {
    return { bar: this.height - this.#viewport - 2 * EDGE, content: this.maxTop - 2 * EDGE };
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

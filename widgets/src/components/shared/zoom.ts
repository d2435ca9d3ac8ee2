/** Lengths in CSS pixels; `scale` is CSS pixels per pixel of the picture. */
export interface Sizes {
  viewWidth: number;
  viewHeight: number;
  width: number;
  height: number;
}

/** What is seen, in terms that hold for pictures of any size. */
export interface Part {
  /** The middle of the view, as shares of the picture's width and height. */
  readonly u: number;
  readonly v: number;
  /** How many times larger than fitted. */
  readonly times: number;
}

const LARGEST_SCALE = 8;

/** Where a picture lies in its view. Never smaller than fitted, never beyond the edges. */
export class Zoom {
  scale = 1;
  x = 0;
  y = 0;
  fitted = true;
  #sizes: Sizes = { viewWidth: 1, viewHeight: 1, width: 1, height: 1 };

  /** Fitted, but never larger than its own pixels. */
  get fitScale(): number {
    const { viewWidth, viewHeight, width, height } = this.#sizes;
    return Math.min(viewWidth / width, viewHeight / height, 1);
  }

  /** Another picture or another view: fitted stays fitted, a zoom keeps its scale. */
  resize(sizes: Sizes): void {
    this.#sizes = sizes;
    if (this.fitted) this.fit();
    else this.#place(this.scale, this.x, this.y);
  }

  fit(): void {
    this.fitted = true;
    this.#place(this.fitScale, 0, 0);
  }

  /** To a scale, with the point of the picture under (x, y) staying there. */
  to(scale: number, x: number, y: number): void {
    const next = Math.min(Math.max(scale, this.fitScale), Math.max(LARGEST_SCALE, this.fitScale));
    const grow = next / this.scale;
    this.fitted = next === this.fitScale;
    this.#place(next, x - (x - this.x) * grow, y - (y - this.y) * grow);
  }

  pan(dx: number, dy: number): void {
    this.#place(this.scale, this.x + dx, this.y + dy);
  }

  get part(): Part {
    const { viewWidth, viewHeight, width, height } = this.#sizes;
    return {
      u: (viewWidth / 2 - this.x) / (width * this.scale),
      v: (viewHeight / 2 - this.y) / (height * this.scale),
      times: this.scale / this.fitScale,
    };
  }

  /** Shows the same part as another picture does. */
  look({ u, v, times }: Part): void {
    const { viewWidth, viewHeight, width, height } = this.#sizes;
    const scale = Math.min(Math.max(1, times) * this.fitScale, Math.max(LARGEST_SCALE, this.fitScale));
    this.fitted = scale === this.fitScale;
    this.#place(scale, viewWidth / 2 - u * width * scale, viewHeight / 2 - v * height * scale);
  }

  #place(scale: number, x: number, y: number): void {
    const { viewWidth, viewHeight, width, height } = this.#sizes;
    this.scale = scale;
    this.x = inside(x, width * scale, viewWidth);
    this.y = inside(y, height * scale, viewHeight);
  }
}

/** Centred where the picture is smaller than the view, else without a gap at either edge. */
function inside(at: number, length: number, view: number): number {
  return length <= view ? (view - length) / 2 : Math.min(0, Math.max(view - length, at));
}

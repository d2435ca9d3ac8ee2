/** A place on the map or on the screen. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const MARGIN = 24; // pixels around a map that is fitted
const LEFT = 56; // pixels on its left, where the buttons are
const LARGEST = 400; // times larger than fitted
const LEAST_SEEN = 40; // pixels of the map that stay in sight

/** Where the map, -1 to 1 both ways and y upward, lies on the screen. */
export class Plane {
  width = 1;
  height = 1;
  /** Pixels per unit. */
  scale = 1;
  x = 0;
  y = 0;
  #fitted = true;

  resize(width: number, height: number): void {
    const [dx, dy] = [(width - this.width) / 2, (height - this.height) / 2];
    this.width = width;
    this.height = height;
    if (this.#fitted) this.fit();
    else this.pan(dx, dy);
  }

  get #fitScale(): number {
    return Math.max(10, Math.min(this.width - LEFT - MARGIN, this.height - 2 * MARGIN) / 2);
  }

  fit(): void {
    this.#fitted = true;
    this.scale = this.#fitScale;
    this.x = this.#middle;
    this.y = this.height / 2;
  }

  get #middle(): number {
    return (this.width + LEFT - MARGIN) / 2;
  }

  /** The point under (x, y) stays there. */
  zoom(times: number, x = this.width / 2, y = this.height / 2): void {
    const next = Math.min(Math.max(this.scale * times, this.#fitScale), this.#fitScale * LARGEST);
    const grow = next / this.scale;
    this.scale = next;
    this.#put(x - (x - this.x) * grow, y - (y - this.y) * grow);
  }

  pan(dx: number, dy: number): void {
    this.#put(this.x + dx, this.y + dy);
  }

  toScreen(x: number, y: number): Point {
    return { x: this.x + x * this.scale, y: this.y - y * this.scale };
  }

  toMap(x: number, y: number): Point {
    return { x: (x - this.x) / this.scale, y: (this.y - y) / this.scale };
  }

  /** Brings a point into sight. */
  reveal(x: number, y: number): void {
    const at = this.toScreen(x, y);
    const into = (value: number, length: number): number => Math.min(Math.max(value, MARGIN), length - MARGIN) - value;
    this.pan(into(at.x, this.width), into(at.y, this.height));
  }

  #put(x: number, y: number): void {
    const keep = (at: number, length: number): number =>
      Math.min(Math.max(at, LEAST_SEEN - this.scale), length - LEAST_SEEN + this.scale);
    this.x = keep(x, this.width);
    this.y = keep(y, this.height);
    this.#fitted = this.scale === this.#fitScale && this.x === this.#middle && this.y === this.height / 2;
  }
}

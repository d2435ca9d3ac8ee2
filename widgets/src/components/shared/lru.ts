/** Keeps the `limit` entries used last; tells about each one it lets go. */
export class Lru<K, V> {
  readonly #limit: number;
  readonly #onEvict: ((value: V) => void) | undefined;
  readonly #map = new Map<K, V>();

  constructor(limit: number, onEvict?: (value: V) => void) {
    this.#limit = limit;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    const value = this.#map.get(key);
    if (value !== undefined) {
      this.#map.delete(key);
      this.#map.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    const old = this.#map.get(key);
    if (old !== undefined && old !== value) this.#onEvict?.(old);
    this.#map.delete(key);
    this.#map.set(key, value);
    for (const [oldest, gone] of this.#map) {
      if (this.#map.size <= this.#limit) break;
      this.#map.delete(oldest);
      this.#onEvict?.(gone);
    }
  }

  delete(key: K): void {
    const value = this.#map.get(key);
    if (value !== undefined && this.#map.delete(key)) this.#onEvict?.(value);
  }

  clear(): void {
    for (const value of this.#map.values()) this.#onEvict?.(value);
    this.#map.clear();
  }
}

/** The tags copied last: shared by the widgets of a page, since hosts may deny them the system's clipboard. */

const HELD = Symbol.for("lorairo.copied-tags");

const page = globalThis as { [HELD]?: readonly string[] };

export function copiedTags(): readonly string[] {
  return page[HELD] ?? [];
}

export function holdTags(names: readonly string[]): void {
  page[HELD] = [...names];
}

/** The tags as other programs take them. */
export function tagText(names: readonly string[]): string {
  return names.join(", ");
}

import type { Unsaved } from "./channel.ts";

const LEFT = Symbol.for("lorairo.left");

type Page = typeof globalThis & { [LEFT]?: Map<string, readonly Unsaved[]> };

/** Told to the page when there are changes for another widget: a host may end the old view after the new one began. */
export const LEFT_EVENT = "lorairo-left";

/** By project: changes of widgets that are gone, for the next one. One place for all bundles of the page. */
export function leftOnPage(): Map<string, readonly Unsaved[]> {
  const page: Page = globalThis;
  page[LEFT] ??= new Map();
  return page[LEFT];
}

import { split } from "../../buffers.ts";
import type { Channel } from "../../channel.ts";
import { h } from "../../dom.ts";
import type { Part } from "../../part.ts";

export type PartName =
  | "filters"
  | "tag-editor"
  | "caption-panels"
  | "model-picker"
  | "history"
  | "compare"
  | "passes"
  | "duplicates"
  | "embedding-map";

interface Bundle<P> {
  part: P;
  style: string;
}

/** Shared by all widgets of a page: a module once imported is never let go by the browser. */
const HELD = Symbol.for("lorairo.parts");

function held(): Map<string, Promise<Bundle<unknown>>> {
  const page = globalThis as { [HELD]?: Map<string, Promise<Bundle<unknown>>> };
  page[HELD] ??= new Map();
  return page[HELD];
}

/**
 * Parts are bundles of their own: each is asked for when it opens for the first time, so that
 * no bundle is large and the pictures do not wait for what is folded. They come over the notebook's connection, as
 * everything does, and are imported as anywidget imports the widget itself.
 *
 * `P` is what that bundle exports, where it is no `Part`.
 *
 * @param digest of the bundle the kernel has; the same digest is the same code, whichever widget asked first
 */
export async function loadPart<P = Part>(channel: Channel, name: PartName, digest: string): Promise<Bundle<P>> {
  const key = `${name} ${digest}`;
  const known = held().get(key) as Promise<Bundle<P>> | undefined;
  if (known) return known;
  const coming = fetchPart<P>(channel, name);
  held().set(key, coming);
  try {
    return await coming;
  } catch (error) {
    held().delete(key); // asked again, it may come
    throw error;
  }
}

async function fetchPart<P>(channel: Channel, name: PartName): Promise<Bundle<P>> {
  const { ok, buffers } = await channel.request("part", { name });
  const [script, style] = split(buffers[0] ?? new Uint8Array(), ok.lengths).map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  const url = URL.createObjectURL(new Blob([script ?? ""], { type: "text/javascript" }));
  try {
    const module = (await import(/* @vite-ignore */ url)) as { part: P };
    return { part: module.part, style: style ?? "" };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** The style of a part, for inside the widget: a shadow root would not see the page's. */
export function styleOf(bundle: { style: string }): HTMLStyleElement {
  const element = h("style");
  element.textContent = bundle.style;
  return element;
}

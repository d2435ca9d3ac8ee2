import { MAX_PAGE, type Range } from "../../protocol.ts";
import type { Session } from "./session.ts";

/** All positions of some ranges, in order. */
function* positions(ranges: readonly Range[]): Generator<number> {
  for (const [start, stop] of ranges) for (let at = start; at < stop; at++) yield at;
}

/**
 * Goes to the previous (-1) or next (1) image: among several selected ones by walking through them, else by moving
 * the selection, so that the gallery follows. Does nothing at the ends.
 */
export async function step(session: Session, shown: number | null, by: -1 | 1): Promise<void> {
  const { follow, channel } = session;
  const selection = follow.subject.value?.selection;
  const first = selection?.ranges[0]?.[0];
  const last = selection?.ranges.at(-1)?.[1];
  if (selection === undefined || first === undefined || last === undefined) return;
  if (selection.count > 1) {
    const ids = await follow.ids(first, Math.min(last, first + MAX_PAGE));
    const selected = [...positions(selection.ranges)].map((at) => ids[at - first]).filter((id) => id !== undefined);
    const next = selected[selected.indexOf(shown ?? Number.NaN) + by];
    if (next !== undefined) session.show(next);
    return;
  }
  const at = first + by;
  if (at < 0 || at >= (follow.hello.value?.count ?? 0)) return;
  const [id] = await follow.ids(at, at + 1);
  if (id === undefined) return;
  const ranges: Range[] = [[at, at + 1]];
  await channel.request("select", { version: follow.version, ranges, active: id });
  // The kernel tells the other widgets of the view; this one knows.
  follow.subject.value = { selection: { ranges, count: 1 }, id };
}

import type { Channel } from "../../channel.ts";
import { number } from "../../format.ts";
import type { Around } from "../../part.ts";
import type { Cleanup } from "../../signal.ts";
import { Panel } from "../shared/panel.ts";
import { RangeSet } from "./ranges.ts";
import type { Selected } from "./selection.ts";
import type { Session } from "./session.ts";

export const MOST_COMPARED = 4;

/**
 * Which positions are compared: two to four that are selected; else one with the active image, or with its neighbour.
 * Empty where that cannot be said.
 */
export function compared({ set, active }: Selected, count: number): RangeSet {
  if (set.count > MOST_COMPARED || count < 2) return RangeSet.empty;
  if (set.count > 1) return set;
  const at = active < 0 ? 0 : active;
  const one = set.count === 1 ? set : RangeSet.span(at, at + 1);
  const both = one.union(RangeSet.span(at, at + 1));
  if (both.count > 1) return both;
  const from = Math.min(at, count - 2);
  return RangeSet.span(from, from + 2);
}

/** The comparison over the stage; its part is loaded when it is first asked for. */
export class Comparing {
  readonly panel: Panel;
  onChange: () => void = () => undefined;
  /** Closed: gives the keyboard back to the images. */
  onClose: () => void = () => undefined;
  readonly #session: Session;
  readonly #toast: Around["toast"];

  constructor(channel: Channel, cleanup: Cleanup, session: Session, toast: Around["toast"], say: Around["say"]) {
    this.#session = session;
    this.#toast = toast;
    this.panel = new Panel("compare", "Compare", channel, cleanup, {
      hello: session.hello,
      toast,
      say,
      leave: () => this.close(),
      searched: (ok) => session.searched(ok),
    });
  }

  get open(): boolean {
    return this.panel.open;
  }

  /** Compares what is selected. */
  async show(): Promise<void> {
    const { selection, counts, pages } = this.#session;
    const chosen = compared(selection.state.value, counts.value.count);
    if (chosen.count < 2) {
      const selected = selection.set.count;
      const why = selected > MOST_COMPARED ? `${number(selected)} are selected` : "there is only one";
      this.#toast(`Two to four images are compared, and ${why}`, null, true);
      return;
    }
    const ids = pages.idsOf(chosen, MOST_COMPARED);
    if (ids === null) await this.#session.flushSelection(); // far away: the kernel knows which they are
    this.panel.open = true;
    this.onChange();
    const standing = await this.panel.ready();
    standing?.show?.(ids ?? []);
  }

  /** Keys pressed in it are not about the images below; search and the sheet are reached from anywhere. */
  takes(event: KeyboardEvent): boolean {
    const inside = event.target instanceof Node && this.panel.element.contains(event.target);
    return this.open && inside && !/^[/?]$/.test(event.key);
  }

  close(): void {
    if (!this.open) return;
    this.panel.open = false;
    this.onChange();
    this.onClose();
  }
}

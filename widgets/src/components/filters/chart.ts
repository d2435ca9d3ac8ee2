import { svg } from "../../dom.ts";
import type { Histogram, Interval } from "../../protocol/filters.ts";
import { axisOf, binsInside, fractionOf, sameInterval } from "./axis.ts";
import { heightOf, type Scale } from "./scale.ts";

const HEIGHT = 38;
const PITCH = 6; // of a bar, in a drawing that is stretched to the width there is
const BAR = 5;

/** The bars: all of the view, what passes the rest of the search, what passes all of it. Never animated. */
export class Chart {
  readonly element = svg("svg", { class: "lf-chart", preserveAspectRatio: "none", "aria-hidden": "true" });
  readonly #total = svg("path", { class: "lf-bar-total" });
  readonly #others = svg("path", { class: "lf-bar-others" });
  readonly #passed = svg("path", { class: "lf-bar-passed" });
  readonly #base = svg("path", { class: "lf-base" });
  readonly #limit = svg("path", { class: "lf-limit" });

  constructor() {
    this.element.append(this.#total, this.#others, this.#passed, this.#base, this.#limit);
  }

  /** @param range where the brush is now: bars follow it before the kernel does */
  draw(of: Histogram, range: Interval | null, scale: Scale): void {
    const bins = of.total.length;
    const axis = axisOf(of);
    const passed = sameInterval(range, of.range) ? of.passed : within(of.others, binsInside(range, axis, bins));
    const most = Math.max(1, ...of.total);
    this.element.setAttribute("viewBox", `0 0 ${Math.max(1, bins) * PITCH} ${HEIGHT}`);
    this.#total.setAttribute("d", bars(of.total, most, scale));
    this.#others.setAttribute("d", bars(of.others, most, scale));
    this.#passed.setAttribute("d", bars(passed, most, scale));
    this.#base.setAttribute("d", `M0 ${HEIGHT - 0.5}H${bins * PITCH}`);
    const at = of.limit === null ? -1 : fractionOf(of.limit, axis);
    this.#limit.setAttribute("d", at > 0 && at < 1 ? `M${(at * bins * PITCH).toFixed(1)} 0V${HEIGHT}` : "");
  }
}

function within(counts: readonly number[], inside: readonly boolean[]): number[] {
  return counts.map((count, bin) => (inside[bin] ? count : 0));
}

/** One image is a pixel at least. */
function bars(counts: readonly number[], most: number, scale: Scale): string {
  let path = "";
  for (const [bin, count] of counts.entries()) {
    if (count === 0) continue;
    const height = Math.max(1, heightOf(count, most, scale) * (HEIGHT - 1));
    path += `M${bin * PITCH} ${HEIGHT}v-${height.toFixed(1)}h${BAR}V${HEIGHT}z`;
  }
  return path;
}

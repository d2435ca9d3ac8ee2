import type { Channel } from "../../channel.ts";
import { setText } from "../../dom.ts";
import type { Signal } from "../../signal.ts";
import { button } from "../shared/button.ts";

/** How counts become heights: square roots show what is rare beside what is frequent, logarithms even more so. */
export type Scale = "root" | "linear" | "log";

const SCALES: readonly (readonly [Scale, string])[] = [
  ["root", "square root"],
  ["linear", "linear"],
  ["log", "logarithm"],
];

/** A height from 0 to 1. */
export function heightOf(count: number, most: number, scale: Scale): number {
  if (scale === "linear") return count / most;
  return scale === "log" ? Math.log1p(count) / Math.log1p(most) : Math.sqrt(count / most);
}

export function isScale(value: unknown): value is Scale {
  return SCALES.some(([scale]) => scale === value);
}

/** The button that says how high bars are, goes on to the next way, and has it remembered in the project. */
export function scaleButton(channel: Channel, scale: Signal<Scale>, failed: (error: unknown) => void): HTMLElement {
  const next = (): Scale =>
    SCALES[(SCALES.findIndex(([each]) => each === scale.value) + 1) % SCALES.length]?.[0] ?? "root";
  const nameOf = (wanted: Scale): string => SCALES.find(([each]) => each === wanted)?.[1] ?? wanted;
  const element = button("", {
    kind: "quiet",
    small: true,
    onClick: () => {
      scale.value = next();
      channel.request("setting", { key: "histogram_scale", value: scale.value }).catch(failed);
    },
  });
  scale.subscribe((value) => {
    setText(element.querySelector("span") ?? element, value);
    element.setAttribute("aria-label", `Bars: ${nameOf(value)}`);
    element.title = `Heights of the bars: ${nameOf(value)}. Press for ${nameOf(next())}`;
  }, true);
  return element;
}

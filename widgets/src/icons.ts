import { svg } from "./dom.ts";

/** One path each in a 16 x 16 box, drawn with a stroke of 1.4. */
const PATHS = {
  addTo: "M4.5 2.5h7a2 2 0 0 1 2 2v7a2 2 0 0 1 -2 2h-7a2 2 0 0 1 -2 -2v-7a2 2 0 0 1 2 -2zM8 5.5v5M5.5 8h5",
  braces:
    "M6 2.5c-1.6 0-2 .7-2 2v1.7c0 1-.5 1.8-1.5 1.8 1 0 1.5.8 1.5 1.8v1.7c0 1.3.4 2 2 2M10 2.5c1.6 0 2 .7 2 2v1.7c0 1 .5 1.8 1.5 1.8-1 0-1.5.8-1.5 1.8v1.7c0 1.3-.4 2-2 2",
  check: "m3.5 8.5 3 3 6-7",
  chip: "M5.5 4h5a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1 -1.5 1.5h-5a1.5 1.5 0 0 1 -1.5 -1.5v-5a1.5 1.5 0 0 1 1.5 -1.5zM6.3 1.8V4M9.7 1.8V4M6.3 12v2.2M9.7 12v2.2M1.8 6.3H4M1.8 9.7H4M12 6.3h2.2M12 9.7h2.2",
  close: "m4 4 8 8M12 4l-8 8",
  cloud: "M4.5 12.5a3 3 0 0 1-.3-6 4 4 0 0 1 7.7.6 2.7 2.7 0 0 1 .1 5.4M8 13.5V8.3M8 8.3 6.2 10M8 8.3l1.8 1.7",
  compare: "M3 3.5h3.5v9H3a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM9.5 3.5H13a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H9.5z",
  copy: "M7 5.5h5a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1 -1.5 1.5h-5a1.5 1.5 0 0 1 -1.5 -1.5v-5a1.5 1.5 0 0 1 1.5 -1.5zM3 10.5A.5.5 0 0 1 2.5 10V3.5a1 1 0 0 1 1-1H10a.5.5 0 0 1 .5.5",
  crop: "M4.5 1.5v10h10M1.5 4.5h10v10",
  disk: "M4 4h8a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1 -1.5 1.5h-8a1.5 1.5 0 0 1 -1.5 -1.5v-5a1.5 1.5 0 0 1 1.5 -1.5zM5 10h3M11 10v.1",
  down: "m4.5 6.5 3.5 3.5 3.5-3.5",
  duplicate:
    "M4 2.5h5a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1 -1.5 1.5h-5a1.5 1.5 0 0 1 -1.5 -1.5v-5a1.5 1.5 0 0 1 1.5 -1.5zM5.5 13.5H12a1.5 1.5 0 0 0 1.5-1.5V5.5",
  error: "M2 8a6 6 0 1 0 12 0a6 6 0 1 0 -12 0zM8 4.8v3.7M8 11v.1",
  exclude: "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0zM4.2 4.2l7.6 7.6",
  filters: "M2.5 4h11M4.5 8h7M6.5 12h3",
  gridLarge:
    "M4.5 3h7a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1 -1.5 1.5h-7a1.5 1.5 0 0 1 -1.5 -1.5v-7a1.5 1.5 0 0 1 1.5 -1.5z",
  gridSmall:
    "M3.5 2.5h2.5a1 1 0 0 1 1 1v2.5a1 1 0 0 1 -1 1h-2.5a1 1 0 0 1 -1 -1v-2.5a1 1 0 0 1 1 -1zM10 2.5h2.5a1 1 0 0 1 1 1v2.5a1 1 0 0 1 -1 1h-2.5a1 1 0 0 1 -1 -1v-2.5a1 1 0 0 1 1 -1zM3.5 9h2.5a1 1 0 0 1 1 1v2.5a1 1 0 0 1 -1 1h-2.5a1 1 0 0 1 -1 -1v-2.5a1 1 0 0 1 1 -1zM10 9h2.5a1 1 0 0 1 1 1v2.5a1 1 0 0 1 -1 1h-2.5a1 1 0 0 1 -1 -1v-2.5a1 1 0 0 1 1 -1z",
  help: "M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.7.4-1.1.8-1.1 1.6M8 12v.1M1.7 8a6.3 6.3 0 1 0 12.6 0a6.3 6.3 0 1 0 -12.6 0z",
  info: "M2 8a6 6 0 1 0 12 0a6 6 0 1 0 -12 0zM8 7.3v3.7M8 5v.1",
  key: "M2.5 11a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0zM7 9l6-6M11 5l2 2",
  link: "M6.5 9.5a2.5 2.5 0 0 0 3.6 0l2.2-2.2a2.5 2.5 0 0 0-3.6-3.6l-.7.7M9.5 6.5a2.5 2.5 0 0 0-3.6 0L3.7 8.7a2.5 2.5 0 0 0 3.6 3.6l.7-.7",
  minus: "M4 8h8",
  more: "M3.5 8v.1M8 8v.1M12.5 8v.1",
  next: "m6.5 4.5 3.5 3.5-3.5 3.5",
  panelLeft: "M4 3h8a2 2 0 0 1 2 2v6a2 2 0 0 1 -2 2h-8a2 2 0 0 1 -2 -2v-6a2 2 0 0 1 2 -2zM6.5 3v10",
  panelRight: "M4 3h8a2 2 0 0 1 2 2v6a2 2 0 0 1 -2 2h-8a2 2 0 0 1 -2 -2v-6a2 2 0 0 1 2 -2zM9.5 3v10",
  paste:
    "M5.5 3.5H4a1 1 0 0 0-1 1V13a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V4.5a1 1 0 0 0-1-1h-1.5M6.5 2h3a1 1 0 0 1 1 1v1.5h-5V3a1 1 0 0 1 1-1zM8 7v4M8 11 6.3 9.3M8 11l1.7-1.7",
  person: "M5.4 5.3a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0zM3 13.5c.4-2.7 2.4-4.2 5-4.2s4.6 1.5 5 4.2",
  pin: "M6 2.5h4M6.7 2.5v4L4.5 9h7L9.3 6.5v-4M8 9v4.5",
  play: "M5 3.2v9.6l7.5-4.8z",
  plug: "m2 14 2.5-2.5M4 8.5 7.5 12l-1 1a2.5 2.5 0 0 1-3.5-3.5zM12 7.5 8.5 4l1-1A2.5 2.5 0 0 1 13 6.5zM11.5 4.5 14 2M6.7 9.3 8 8M8 10.5l1-1",
  plus: "M8 3.5v9M3.5 8h9",
  previous: "m9.5 4.5-3.5 3.5 3.5 3.5",
  redo: "M13 6.5H6.5a3.5 3.5 0 0 0 0 7H9M13 6.5l-3-3M13 6.5l-3 3",
  refused: "M8 1.8 13 3.6v4c0 3.2-2.1 5.4-5 6.6-2.9-1.2-5-3.4-5-6.6v-4zM6.2 6.2l3.6 3.6M9.8 6.2 6.2 9.8",
  search: "M2.5 7a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0zM10.5 10.5 14 14",
  sort: "M5 3v10M5 13l-2.5-2.5M5 13l2.5-2.5M9.5 4.5h4M9.5 8h3M9.5 11.5h2",
  star: "m8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6z",
  stop: "M5 4h6a1 1 0 0 1 1 1v6a1 1 0 0 1 -1 1h-6a1 1 0 0 1 -1 -1v-6a1 1 0 0 1 1 -1z",
  tag: "M2.5 3.5v4.3l6 6 5.3-5.3-6-6H3.5a1 1 0 0 0-1 1zM5.3 5.3v.1",
  tray: "M8 2.5v7M8 9.5 5.2 6.7M8 9.5l2.8-2.8M2.5 11v1.5a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1V11",
  undo: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H7M3 6.5 6 3.5M3 6.5l3 3",
  up: "m4.5 9.5 3.5-3.5 3.5 3.5",
  warning: "M8 2.5 14.3 13.5H1.7zM8 6.5v3.2M8 11.5v.1",
} as const;

export type IconName = keyof typeof PATHS;

const FILLED: ReadonlySet<IconName> = new Set<IconName>(["play", "stop"]);

/** A decorative icon; the control around it carries the name. `size` 12 is for chips and badges. */
export function icon(name: IconName, size: 12 | 16 = 16): SVGElement {
  const filled = FILLED.has(name);
  return svg(
    "svg",
    {
      class: `lr-i${size === 12 ? " lr-i12" : ""}${filled ? " lr-i-fill" : ""}`,
      viewBox: "0 0 16 16",
      "aria-hidden": "true",
    },
    svg("path", { d: PATHS[name] }),
  );
}

/** Marks before a tag's name: shape and colour say the category, general tags have none. 8 x 8. */
const MARKS: Readonly<Record<string, { shape: string; ring?: boolean }>> = {
  trigger: { shape: "M4 .3 8 7.5H0z" },
  character: { shape: "M0 4a4 4 0 1 0 8 0a4 4 0 1 0-8 0z" },
  series: { shape: "M.5.5h7v7h-7z" },
  artist: { shape: "M4 0 8 4 4 8 0 4z" },
  rating: { shape: "M0 2.5h8v3H0z" },
  meta: { shape: "M1 4a3 3 0 1 0 6 0a3 3 0 1 0-6 0z", ring: true },
};

/** Danbooru's category numbers by the name of their mark. */
const CATEGORY_NAMES: Readonly<Record<number, string>> = {
  1: "artist",
  3: "series",
  4: "character",
  5: "meta",
  9: "rating",
};

/** The word for a category, for names and tooltips: "general", "artist", "series", ... */
export function categoryName(category: number): string {
  return CATEGORY_NAMES[category] ?? "general";
}

/** The mark of a category, or null for general tags. `trigger` marks a data set's trigger word. */
export function categoryMark(category: number, trigger = false): SVGElement | null {
  const name = trigger ? "trigger" : CATEGORY_NAMES[category];
  const mark = name === undefined ? undefined : MARKS[name];
  if (!mark) return null;
  return svg(
    "svg",
    { class: `lr-mark lr-mark-${name}${mark.ring ? " lr-mark-ring" : ""}`, viewBox: "0 0 8 8", "aria-hidden": "true" },
    svg("path", { d: mark.shape }),
  );
}

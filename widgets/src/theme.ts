import type { Channel } from "./channel.ts";
import type { Cleanup } from "./signal.ts";

export type Theme = "light" | "dark";

/** Where black and white text contrast equally (WCAG relative luminance). */
const DARK_BELOW = 0.179;
/** Hosts mark their theme here; a change of any of these means: measure again. */
const HOST_MARKS = [
  "class",
  "style",
  "theme",
  "data-theme",
  "data-jp-theme-light",
  "data-jp-theme-name",
  "data-vscode-theme-kind",
  "data-vscode-theme-id",
];
/** A host may load the style sheet of a theme after it sets the attribute. */
const SETTLE_MS = 300;

type Rgba = [red: number, green: number, blue: number, alpha: number];

/** Reads the form in which browsers report a computed colour: `rgb(1, 2, 3)`, `rgba(...)`, `color(srgb 0 0 0 / 1)`. */
export function parseColor(text: string): Rgba | null {
  const numbers = text.match(/-?[\d.]+(?:e-?\d+)?%?/gi)?.map((part) => Number.parseFloat(part));
  if (!numbers || numbers.length < 3) return null;
  const scale = text.startsWith("color(") ? 255 : 1;
  const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
  return [red * scale, green * scale, blue * scale, alpha];
}

/** WCAG 2 relative luminance, 0 (black) to 1 (white). */
export function luminance([red, green, blue]: Rgba): number {
  const [r, g, b] = [red, green, blue].map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The element around another, out of the shadow root some hosts render into. */
function above(element: HTMLElement): HTMLElement | null {
  const root = element.getRootNode();
  const host = root instanceof ShadowRoot ? root.host : null;
  return element.parentElement ?? (host instanceof HTMLElement ? host : null);
}

function measured(element: HTMLElement): Theme {
  // Hosts render into an element they have not put on the page yet: until then the page speaks for it, or a dark
  // notebook would show dark text on a dark ground for a moment.
  const root = element.isConnected ? element : document.body;
  const behind = element.isConnected ? above(element) : document.body;
  const probe = document.createElement("span");
  probe.style.backgroundColor = "var(--jp-layout-color0, var(--vscode-editor-background, transparent))";
  root.append(probe);
  let color = parseColor(getComputedStyle(probe).backgroundColor);
  probe.remove();
  for (let node = behind; node && !(color && color[3] > 0.5); node = above(node)) {
    color = parseColor(getComputedStyle(node).backgroundColor);
  }
  if (color && color[3] > 0.5) return luminance(color) < DARK_BELOW ? "dark" : "light";
  const scheme = document.documentElement.getAttribute("theme") ?? getComputedStyle(behind ?? root).colorScheme;
  if (scheme === "dark" || scheme === "light") return scheme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * Keeps `data-theme` of a root in step with the host's background, or with the `theme` trait where that is set.
 * The luminance of the background decides, never the name of the host's theme.
 */
export function followTheme(root: HTMLElement, channel: Channel, cleanup: Cleanup): void {
  const apply = (): void => {
    const wanted = channel.trait<string>("theme", "auto");
    const host = measured(root);
    const theme = wanted === "light" || wanted === "dark" ? wanted : host;
    root.dataset.theme = theme;
    // Asked for the opposite of the host: its background is no use, ours is.
    root.toggleAttribute("data-own-ground", theme !== host);
  };
  const settle = (): void => {
    apply();
    requestAnimationFrame(() => {
      if (!cleanup.done) apply();
    });
    cleanup.after(SETTLE_MS, apply);
  };
  settle();
  const observer = new MutationObserver(settle);
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: HOST_MARKS });
  }
  cleanup.add(() => observer.disconnect());
  cleanup.add(channel.onTrait("theme", apply));
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", apply, { signal: cleanup.signal });
}

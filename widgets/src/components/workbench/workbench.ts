import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "../gallery/gallery.css";
import "../gallery/grid.css";
import "../gallery/large-view.css";
import "./workbench.css";
import { type Channel, isAbort } from "../../channel.ts";
import { fill, h, isTextInput, setAttribute } from "../../dom.ts";
import type { Around } from "../../part.ts";
import type { Cleanup } from "../../signal.ts";
import type { Component } from "../../widget.ts";
import { Gallery } from "../gallery/gallery.ts";
import { KEY_GROUPS } from "../gallery/keys.ts";
import { button, iconButton, relabel } from "../shared/button.ts";
import type { KeyGroup } from "../shared/key-sheet.ts";
import { Panel } from "../shared/panel.ts";
import type { PartName } from "../shared/parts.ts";
import { type Folded, Folding, type Side } from "./folding.ts";
import { type Tab, Tabs } from "./tabs.ts";

/** Everything in one output: the gallery in the middle, what narrows it at the left, what edits it at the right. */
export const workbench: Component = (root, channel, cleanup) => {
  new Workbench(root, channel, cleanup);
};

const PANEL_KEYS: KeyGroup = {
  title: "Panels",
  keys: [
    [["F"], "filter tags"],
    [["E"], "edit the caption"],
    [["G"], "images"],
    [["D"], "duplicates; there K, L, N decide"],
    [["R"], "review: image by image, or one tag"],
    [["H"], "history"],
    [["M"], "models"],
    [["Esc"], "back to the images"],
  ],
};

/** Keys of the gallery that mean the same wherever the keyboard is; the others belong to the panel they are pressed in. */
function meantEverywhere(event: KeyboardEvent): boolean {
  if (isTextInput(event.target)) return false;
  return event.ctrlKey || event.metaKey ? /^[zy]$/i.test(event.key) : /^[/?ctu]$/i.test(event.key);
}

class Workbench {
  readonly #root: HTMLElement;
  readonly #channel: Channel;
  readonly #gallery: Gallery;
  readonly #folding = new Folding();
  readonly #tabs: Tabs;
  readonly #panels: Record<Side | "models" | "history" | "map" | "review" | "duplicates", Panel>;
  readonly #toggles: Record<Side, HTMLButtonElement>;
  readonly #models: HTMLButtonElement;
  readonly #run: HTMLButtonElement;

  constructor(root: HTMLElement, channel: Channel, cleanup: Cleanup) {
    this.#root = root;
    this.#channel = channel;
    this.#gallery = new Gallery(root, channel, cleanup, [...KEY_GROUPS, PANEL_KEYS]);
    root.classList.add("lr-workbench");
    root.setAttribute("aria-label", "lorairo workbench");
    const around = this.#around();
    const panel = (name: PartName, label: string): Panel => new Panel(name, label, channel, cleanup, around);
    this.#panels = {
      filters: panel("filters", "Filters"),
      inspector: panel("tag-editor", "Inspector"),
      models: panel("model-picker", "Models"),
      history: panel("history", "History"),
      review: panel("passes", "Review"),
      duplicates: panel("duplicates", "Duplicates"),
      map: panel("embedding-map", "Map"),
    };
    this.#tabs = new Tabs((tab) => this.#show(tab));
    this.#toggles = {
      filters: iconButton("panelLeft", "Hide filters", () => this.#toggle("filters")),
      inspector: iconButton("panelRight", "Hide inspector", () => this.#toggle("inspector")),
    };
    this.#models = button("Models", { icon: "chip", kind: "quiet", onClick: () => this.#toggleModels() });
    this.#run = button("Run…", { kind: "primary", small: true, onClick: () => this.#toggleModels() });
    this.#assemble();
    this.#connect(cleanup);
    this.#gallery.start();
  }

  #around(): Around {
    const gallery = this.#gallery;
    return {
      hello: gallery.session.hello,
      toast: (text, action = null, bad = false) => gallery.toast.show(text, action, bad),
      say: (text) => gallery.live.say(text),
      leave: () => this.#leavePanel(),
      searched: (ok) => gallery.session.searched(ok),
      compare: () => void gallery.comparing.show(),
      priced: (price) => this.#price(price),
    };
  }

  #assemble(): void {
    const { top, head, strip } = this.#gallery;
    const { filters, inspector, models, history, review, duplicates, map } = this.#panels;
    top.element.prepend(this.#toggles.filters);
    top.element.append(this.#toggles.inspector);
    head.element.prepend(this.#tabs.element);
    this.#models.setAttribute("aria-expanded", "false");
    this.#run.classList.add("lr-edit-only");
    const foot = h("div", { class: "wb-foot" }, this.#models, h("span", { class: "lr-rule" }));
    strip.element.replaceWith(foot);
    foot.append(strip.element, this.#run);
    const stage = this.#gallery.grid.element.parentElement;
    if (stage) this.#tabs.bind("images", stage);
    this.#tabs.bind("history", history.element);
    this.#tabs.bind("review", review.element);
    this.#tabs.bind("duplicates", duplicates.element);
    this.#tabs.bind("map", map.element);
    top.element.after(filters.element);
    foot.before(history.element, map.element, inspector.element, review.element, duplicates.element, models.element);
  }

  #connect(cleanup: Cleanup): void {
    const { session, hooks } = this.#gallery;
    hooks.key = (event) => this.#onKey(event);
    hooks.open = () => this.#openNarrow();
    hooks.tag = () => this.#inInspector("tag");
    hooks.models = () => this.#toggleModels(true);
    hooks.escape = () => this.#closeOver();
    this.#folding.onFold = (folded) => void this.#remember(folded);
    cleanup.add(this.#folding.changed.subscribe(() => this.#draw()));
    cleanup.add(
      session.hello.subscribe((hello) => {
        if (!hello) return;
        this.#root.setAttribute("aria-label", `lorairo workbench, ${hello.project}`);
        this.#folding.folded = asFolded(hello.settings);
      }),
    );
    cleanup.add(
      session.counts.subscribe(({ count }) => {
        this.#tabs.images = count;
      }, true),
    );
    const sizes = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width > 0) this.#folding.width = width + 2; // the border is part of the widget
    });
    sizes.observe(this.#root);
    cleanup.add(() => sizes.disconnect());
  }

  #draw(): void {
    if (this.#gallery.session.hello.value === null) return;
    for (const side of ["filters", "inspector"] as const) {
      const open = this.#folding.isOpen(side);
      const panel = this.#panels[side];
      if (panel.open !== open) panel.open = open;
      panel.element.classList.toggle("wb-over", open && !this.#folding.beside(side));
      this.#root.toggleAttribute(`data-${side}`, open && this.#folding.beside(side));
      const toggle = this.#toggles[side];
      setAttribute(toggle, "aria-expanded", open);
      relabel(toggle, `${open ? "Hide" : "Show"} ${side}`);
    }
  }

  #toggle(side: Side): void {
    this.#folding.toggle(side);
    if (this.#folding.isOpen(side) && !this.#folding.beside(side)) void this.#panels[side].focus();
  }

  #show(tab: Tab): void {
    for (const name of ["history", "review", "duplicates", "map"] as const) {
      this.#panels[name].open = tab === name;
      this.#root.toggleAttribute(`data-${name}`, tab === name);
    }
    this.#gallery.comparing.close();
    this.#gallery.large.close();
    if (tab === "images") this.#gallery.focusGrid();
    else void this.#panels[tab].focus();
  }

  #toggleModels(open = !this.#panels.models.open): void {
    this.#panels.models.open = open;
    this.#root.toggleAttribute("data-models", open);
    this.#models.setAttribute("aria-expanded", String(open));
    if (open) void this.#panels.models.focus();
    else this.#models.focus();
  }

  /** A press opens the quote and sends nothing; where there is no room the price alone is the name. */
  #price(price: string | null): void {
    const words = this.#run.lastElementChild;
    if (!words) return;
    fill(words, h("span", { class: price === null ? "" : "wb-run-word" }, "Run… "), price);
    this.#run.setAttribute("aria-label", price === null ? "Run…" : `Run… ${price}`);
  }

  /** On a phone an image opens in the inspector, which has its picture on top. */
  #openNarrow(): boolean {
    if (!this.#folding.narrow) return false;
    this.#folding.set("inspector", true);
    void this.#panels.inspector.focus();
    return true;
  }

  /** Puts the keyboard on the tag input or the caption of the inspector where that is open. */
  #inInspector(what: "tag" | "caption"): boolean {
    if (!this.#folding.isOpen("inspector") || this.#gallery.edits.target.count === 0) return false;
    const key = new KeyboardEvent("keydown", { key: what === "tag" ? "t" : "e" });
    return this.#panels.inspector.standing?.key?.(key) ?? false;
  }

  #onKey(event: KeyboardEvent): boolean {
    if (event.isComposing || event.altKey) return false;
    const inPanel = event.target instanceof Element && event.target.closest(".wb-panel") !== null;
    const run = this.#command(event, inPanel);
    if (run) {
      event.preventDefault();
      event.stopPropagation();
      run();
      return true;
    }
    return inPanel && !meantEverywhere(event);
  }

  /** What a key does in the workbench beyond the gallery. */
  #command(event: KeyboardEvent, inPanel: boolean): (() => void) | null {
    if (event.key === "Escape") return inPanel ? () => this.#leavePanel() : null;
    if (isTextInput(event.target) || event.ctrlKey || event.metaKey) return null;
    switch (event.key.toLowerCase()) {
      case "f":
        return () => void this.#findTags(event);
      case "h":
        return () => this.#tabs.choose("history");
      case "d":
        return () => this.#tabs.choose("duplicates");
      case "r":
        return () => this.#tabs.choose("review");
      case "g":
        return () => this.#tabs.choose("images");
      case "m":
        return () => this.#toggleModels();
      case "e":
        return () => void this.#inInspector("caption");
      default:
        return null;
    }
  }

  async #findTags(event: KeyboardEvent): Promise<void> {
    this.#folding.set("filters", true);
    const standing = await this.#panels.filters.ready();
    if (!standing?.key?.(event)) standing?.focus();
  }

  /** Esc inside a panel: one over the stage closes, and the keyboard goes back to the pictures. */
  #leavePanel(): void {
    if (!this.#closeOver()) this.#back();
  }

  #closeOver(): boolean {
    if (this.#panels.models.open) this.#toggleModels(false);
    else if (!this.#folding.uncover()) {
      if (this.#tabs.chosen === "images") return false;
      this.#tabs.choose("images");
    }
    this.#back();
    return true;
  }

  #back(): void {
    this.#gallery.focusGrid();
  }

  async #remember(folded: Folded): Promise<void> {
    try {
      await this.#channel.request("setting", { key: "panels", value: folded });
    } catch (error) {
      if (isAbort(error)) return;
      const said = error instanceof Error ? error.message : String(error);
      this.#gallery.toast.show(`Could not remember the panels: ${said}`, null, true);
    }
  }
}

function asFolded(settings: Record<string, unknown> | undefined): Folded {
  const { filters, inspector } = settings ?? {};
  return {
    ...(typeof filters === "boolean" && { filters }),
    ...(typeof inspector === "boolean" && { inspector }),
  };
}

import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./histograms.css";
import type { Channel } from "../../channel.ts";
import { h } from "../../dom.ts";
import type { Around, Part } from "../../part.ts";
import type { Charts } from "../../protocol/filters.ts";
import { Cleanup, Signal } from "../../signal.ts";
import { Latest } from "../shared/latest.ts";
import { HistogramView } from "./histogram.ts";
import { Narrower } from "./narrower.ts";
import { isScale, type Scale, scaleButton } from "./scale.ts";

const NARROW = { width: 432, bins: 36 };
const WIDE = { pixels: 12, most: 120 };

interface Placed {
  view: HistogramView;
  cleanup: Cleanup;
}

/** Histograms, one below the other. */
export class Histograms {
  readonly element = h("div", { class: "lf-hists", attrs: { role: "group", "aria-label": "Scores" } });
  /** How high bars are; as remembered in the project until somebody says otherwise. */
  readonly scale = new Signal<Scale>("root");
  /** Columns there could be, as the kernel last said. */
  available: string[] = [];
  readonly #channel: Channel;
  readonly #narrower: Narrower;
  readonly #views = new Map<string, Placed>();
  readonly #latest: Latest;
  /** Empty: those remembered in the project. */
  #columns: string[];
  #bins = NARROW.bins;
  #told = false;
  /** The columns that the last change of the search was to bring along. */
  #wanted: string[] = [];
  /** It brought them. */
  #brought = false;

  /** @param columns what is shown; empty for what is remembered in the project */
  constructor(channel: Channel, narrower: Narrower, columns: string[], cleanup: Cleanup) {
    this.#channel = channel;
    this.#narrower = narrower;
    this.#columns = columns;
    this.#latest = new Latest(
      () => this.#ask(),
      (error) => narrower.failed(error),
    );
    narrower.charts = {
      asked: () => {
        this.#wanted = this.#columns;
        return { columns: this.#columns, bins: this.#bins };
      },
      came: (charts, calm) => {
        this.#brought = this.#wanted === this.#columns;
        if (this.#brought) this.#show(charts, calm);
      },
    };
    narrower.settled.push(() => {
      if (!this.#brought) this.#latest.ask();
      this.#brought = false;
    });
    cleanup.add(channel.on("changed", () => this.#latest.ask()));
    const observer = new ResizeObserver(([entry]) => this.#resized(entry?.contentRect.width ?? 0));
    observer.observe(this.element);
    cleanup.add(() => observer.disconnect());
    cleanup.add(
      channel.health.subscribe(() => {
        for (const { view } of this.#views.values()) view.refresh();
      }),
    );
    cleanup.add(() => {
      for (const { cleanup: own } of this.#views.values()) own.dispose();
    });
    this.#latest.ask();
  }

  /** The columns on the screen. */
  get columns(): string[] {
    return [...this.#views.keys()];
  }

  set columns(columns: string[]) {
    this.#columns = columns;
    this.#latest.ask();
  }

  /** Bars get no wider than is good to read; no width is no answer. */
  #resized(width: number): void {
    const bins = width > NARROW.width ? Math.min(WIDE.most, Math.round(width / WIDE.pixels)) : NARROW.bins;
    if (width === 0 || bins === this.#bins) return;
    this.#bins = bins;
    this.#latest.ask();
  }

  async #ask(): Promise<void> {
    const columns = this.#columns;
    const { calm } = this.#narrower;
    const { ok } = await this.#channel.request("histograms", { columns, bins: this.#bins });
    if (columns === this.#columns) this.#show(ok, calm !== null && calm === this.#narrower.calm);
  }

  /** @param calm nothing that a brush says is still on its way */
  #show(charts: Charts, calm: boolean): void {
    this.available = charts.available;
    if (isScale(charts.scale) && !this.#told) this.scale.value = charts.scale;
    this.#told = true;
    const named = charts.histograms.map((each) => each.column);
    for (const [column, placed] of this.#views) {
      if (named.includes(column)) continue;
      placed.cleanup.dispose();
      placed.view.element.remove();
      this.#views.delete(column);
    }
    for (const [place, of] of charts.histograms.entries()) {
      const { view } = this.#viewOf(of.column);
      if (this.element.children[place] !== view.element) {
        this.element.insertBefore(view.element, this.element.children[place] ?? null);
      }
      if (calm) view.settle();
      view.show(of);
    }
  }

  #viewOf(column: string): Placed {
    const known = this.#views.get(column);
    if (known) return known;
    const cleanup = new Cleanup();
    const made = { view: new HistogramView(column, this.#narrower, this.scale, cleanup), cleanup };
    this.#views.set(column, made);
    return made;
  }
}

/** The widget ScoreHistogram: the columns of its trait, else those remembered. */
export const histograms: Part = (channel: Channel, cleanup: Cleanup, around: Around) => {
  const asked = (): string[] => channel.trait<string[]>("columns", []);
  const narrower = new Narrower(channel, around);
  const stack = new Histograms(channel, narrower, asked(), cleanup);
  cleanup.add(
    channel.onTrait("columns", () => {
      stack.columns = asked();
    }),
  );
  stack.element.classList.add("lf-alone");
  const scale = scaleButton(channel, stack.scale, (error) => narrower.failed(error));
  const element = h("div", { class: "lf-stack" }, h("div", { class: "lf-bars lr-row" }, "Bars", scale), stack.element);
  return {
    element,
    focus: () => stack.element.querySelector<HTMLElement>(".lf-grip")?.focus(),
  };
};

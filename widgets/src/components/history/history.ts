import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./history.css";
import type { Channel } from "../../channel.ts";
import { h, isTextInput, setText } from "../../dom.ts";
import { counted, moment } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around, Part, Standing } from "../../part.ts";
import type { Operation } from "../../protocol/history.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { refused } from "../shared/refused.ts";
import { HistoryList } from "./history-list.ts";
import { HistoryPages } from "./history-pages.ts";
import type { Act } from "./history-row.ts";
import { RecipePanel } from "./recipe.ts";

const FILTER_CALM = 250;
const RECIPE_CALM = 1000;

/** Every change of the project, with its undo; above the line "Now" those that are undone, with their redo. */
export const history: Part = (channel, cleanup, around) => new History(channel, cleanup, around);

class History implements Standing {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #cleanup: Cleanup;
  readonly #pages: HistoryPages;
  readonly #list: HistoryList;
  readonly #recipe: RecipePanel;
  readonly #said = h("span", { class: "lr-t3 lr-cut" });
  readonly #filter: HTMLInputElement;
  readonly #none = h("div", { class: "hi-none lr-t2", attrs: { hidden: true } });
  #calm: Dispose | null = null;
  #rewrite: Dispose | null = null;
  #first = true;
  /** The change an undo is on its way for: a second press of it is none. */
  #turning: number | null = null;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#around = around;
    this.#pages = new HistoryPages(
      async (start, stop, filter) => (await channel.request("history", { start, stop, filter })).ok,
      () => this.#paint(),
    );
    this.#list = new HistoryList(
      this.#pages,
      {
        get readonly() {
          return around.hello.value?.readonly ?? true;
        },
        get why() {
          return channel.health.value === "gone" ? "Kernel not answering: editing is off." : "";
        },
        show: (row) => void this.#show(row),
        act: (row, act) => void this.#act(row, act),
        leave: () => around.leave(),
      },
      cleanup,
    );
    this.#filter = h("input", {
      class: "lr-input",
      attrs: { type: "text", placeholder: "Filter history", "aria-label": "Filter history", spellcheck: "false" },
    });
    this.#recipe = new RecipePanel(channel, (text) => around.say(text));
    this.element = h(
      "div",
      { class: "hi" },
      h(
        "div",
        { class: "hi-main" },
        h(
          "header",
          { class: "hi-title" },
          h("span", { class: "lr-strong" }, "History"),
          this.#said,
          h("span", { class: "lr-space" }),
          this.#recipe.toggle,
          h("div", { class: "lr-field hi-filter" }, icon("search", 12), this.#filter),
        ),
        this.#list.element,
        this.#none,
      ),
      this.#recipe.element,
    );
    this.#listen();
    this.#load(this.#pages.reload(0));
  }

  focus(): void {
    this.#list.focus();
  }

  /** `u` and Ctrl Z undo the last change of one's own, with Shift they redo. */
  key(event: KeyboardEvent): boolean {
    const command = event.ctrlKey || event.metaKey;
    if (event.altKey || isTextInput(event.target) || event.key.toLowerCase() !== (command ? "z" : "u")) return false;
    void this.#step(event.shiftKey ? "redo" : "undo");
    return true;
  }

  #listen(): void {
    const { hello } = this.#around;
    this.#cleanup.add(hello.subscribe(() => this.#list.refresh()));
    this.#cleanup.add(this.#channel.health.subscribe(() => this.#list.refresh()));
    this.#cleanup.add(
      this.#channel.on("changed", ({ kinds }) => {
        if (kinds.length === 0) return;
        this.#load(this.#pages.reload(this.#list.top));
        this.#rewrite?.();
        this.#rewrite = this.#cleanup.after(RECIPE_CALM, () => this.#recipe.refresh());
      }),
    );
    this.#cleanup.listen(this.#filter, "input", () => {
      this.#calm?.();
      this.#calm = this.#cleanup.after(FILTER_CALM, () => this.#load(this.#pages.narrow(this.#filter.value.trim())));
    });
    this.#cleanup.listen(this.#filter, "keydown", (event) => {
      if (event.key !== "Escape" && event.key !== "ArrowDown") return;
      event.preventDefault();
      event.stopPropagation();
      this.#list.focus();
    });
  }

  #load(loading: Promise<void>): void {
    loading.catch((error: unknown) => this.#refused("read the history", error));
  }

  #paint(): void {
    const { summary, items, filter } = this.#pages;
    if (!summary) return;
    const since = summary.since ? ` since ${moment(new Date(summary.since))}` : "";
    setText(this.#said, `${counted(summary.changes, "change")}${since}`);
    this.#said.title = this.#said.textContent ?? "";
    this.#none.hidden = items.length > 0;
    setText(this.#none, filter ? "No change matches" : "No changes yet. Each one comes here, with its undo.");
    this.#list.element.hidden = items.length === 0;
    this.#list.refresh();
    if (this.#first) this.#list.showNow();
    this.#first = false;
  }

  async #show(row: Operation): Promise<void> {
    this.#list.chosen = row.id;
    this.#list.refresh();
    try {
      const { ok } = await this.#channel.request("history.select", { operation: row.id });
      if (ok.count > 0) this.#around.say(`${counted(ok.count, "image")} selected`);
      else this.#around.toast("This change names no image that is still here");
    } catch (error) {
      this.#refused("show the images", error);
    }
  }

  async #act(row: Operation, act: Act): Promise<void> {
    if (act === "cancel") this.#list.ask(null);
    else await this.#turn(row, act === "turn" ? "ask" : act);
  }

  async #turn(row: Operation, later: "ask" | "undo" | "keep"): Promise<void> {
    if (this.#turning === row.id) return;
    this.#turning = row.id;
    try {
      const { ok } = await this.#channel.request("history.undo", { operation: row.id, later });
      this.#list.ask(ok.message === null ? row.id : null, ok.later);
      if (ok.message === null) this.#around.say(`${counted(ok.later, "later change")} to undo or to keep`);
      else this.#told(ok.message, row.undone ? "Undo" : "Redo", () => this.#turn(row, "ask"));
    } catch (error) {
      this.#refused(row.undone ? "redo" : "undo", error);
      this.#load(this.#pages.reload(this.#list.top));
    } finally {
      this.#turning = null;
    }
  }

  async #step(kind: "undo" | "redo"): Promise<void> {
    if (this.#around.hello.value?.readonly !== false || this.#channel.health.value === "gone") return;
    const back = kind === "undo" ? "redo" : "undo";
    try {
      const { ok } = await this.#channel.request(kind, {});
      this.#told(ok.message, back === "undo" ? "Undo" : "Redo", () => this.#step(back));
    } catch (error) {
      this.#refused(kind, error);
    }
  }

  #told(message: string, label: string, back: () => Promise<void>): void {
    this.#around.toast(message, { label, run: () => void back() });
    this.#load(this.#pages.reload(this.#list.top));
  }

  #refused(what: string, error: unknown): void {
    refused(this.#around, error, `Could not ${what}: `);
  }
}

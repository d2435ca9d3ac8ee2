import type { Channel } from "../../channel.ts";
import { h, setText } from "../../dom.ts";
import { counted } from "../../format.ts";
import type { Around } from "../../part.ts";
import type { LabRow } from "../../protocol/laboratory.ts";
import type { Cleanup } from "../../signal.ts";
import { button, enable } from "../shared/button.ts";
import { Latest } from "../shared/latest.ts";
import { refused } from "../shared/refused.ts";
import { Answers } from "./answers.ts";
import { AskingPanel } from "./asking.ts";
import { Table } from "./table.ts";

/** With names: the table of prompts by models, the answers of one cell, and the run of it over the whole view. */
export class Results {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #cleanup: Cleanup;
  readonly #table: Table;
  readonly #answers: Answers;
  readonly #panel: AskingPanel;
  readonly #use: HTMLButtonElement;
  readonly #chosen = h("span", { class: "lr-cut lr-t2 lr-space" });
  readonly #latest: Latest;
  #rows: readonly LabRow[] = [];
  #best: string | null = null;
  #picked: string | null = null;
  #opened: string | null = null;
  #over = 0;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#around = around;
    this.#cleanup = cleanup;
    this.#table = new Table((row) => void this.#pick(row), cleanup);
    this.#answers = new Answers(channel, cleanup);
    this.#answers.onClose = () => this.close();
    this.#panel = new AskingPanel(around.say, (budget, quoted) => void this.#start(budget, quoted));
    this.#panel.element.hidden = true;
    this.#latest = new Latest(
      () => this.#load(),
      (error) => refused(this.#around, error),
    );
    this.#use = button("Use this", { kind: "primary", onClick: () => this.#toggle() });
    this.element = h(
      "div",
      { class: "lb-view lb-results", attrs: { hidden: true } },
      h("div", { class: "lb-body" }, this.#table.element, this.#answers.element),
      this.#panel.element,
      h("div", { class: "lb-foot" }, this.#chosen, this.#use),
    );
    cleanup.add(channel.health.subscribe(() => this.#draw()));
  }

  /** @param over images of the view that the sample stands for */
  show(over: number): void {
    this.#over = over;
    this.#latest.ask();
  }

  focus(): void {
    this.#table.focus();
  }

  /** Closes the plan, else the answers; false where nothing was open. */
  close(): boolean {
    if (!this.#panel.element.hidden) {
      this.#panel.element.hidden = true;
      this.#draw();
      this.#use.focus({ preventScroll: true });
      return true;
    }
    if (this.#opened === null) return false;
    this.#opened = null;
    this.#draw();
    this.focus();
    return true;
  }

  async #load(): Promise<void> {
    const { ok } = await this.#channel.request("lab.figures", {}, this.#cleanup.signal);
    this.#rows = ok.rows;
    this.#best = ok.best;
    this.#picked ??= ok.best ?? ok.rows[0]?.key ?? null;
    this.#draw();
    if (this.#opened !== null) await this.#loadAnswers(this.#opened);
  }

  get #row(): LabRow | undefined {
    return this.#rows.find(({ key }) => key === this.#picked);
  }

  async #pick(row: LabRow): Promise<void> {
    this.#picked = row.key;
    this.#opened = row.key;
    this.#draw();
    if (!this.#panel.element.hidden) void this.#plan();
    try {
      await this.#loadAnswers(row.key);
    } catch (error) {
      refused(this.#around, error);
    }
  }

  async #loadAnswers(cell: string): Promise<void> {
    const { ok } = await this.#channel.request("lab.answers", { cell }, this.#cleanup.signal);
    const row = this.#rows.find(({ key }) => key === cell);
    if (row && this.#opened === cell) this.#answers.show(row, ok.answers);
  }

  #toggle(): void {
    if (this.#panel.element.hidden) void this.#plan();
    else this.close();
  }

  async #plan(): Promise<void> {
    const row = this.#row;
    if (!row) return;
    this.#panel.element.hidden = false;
    this.#panel.wait();
    this.#draw();
    try {
      const { ok } = await this.#channel.request("lab.plan", { cell: row.key }, this.#cleanup.signal);
      if (row.key !== this.#picked) return;
      const { code, quote, free, obstacle } = ok;
      const label = `${free ? "Run on" : "Send"} ${counted(quote.send, "image")}`;
      this.#panel.show({ code, quote, free, obstacle, label }, this.#why);
      this.#panel.focus();
    } catch (error) {
      refused(this.#around, error);
    }
  }

  async #start(budget: number | null, quoted: number): Promise<void> {
    const row = this.#row;
    if (!row) return;
    try {
      await this.#channel.request("lab.use", { cell: row.key, budget, quoted });
      this.#around.toast(`Started ${row.prompt} · ${row.model} on ${counted(this.#over, "image")}`);
      this.#panel.lock("Started");
    } catch (error) {
      refused(this.#around, error);
      void this.#plan(); // with the price of now
    }
  }

  get #why(): string {
    if (this.#around.hello.value?.readonly) return "Read only";
    return this.#channel.health.value === "gone" ? "Kernel not answering: editing is off." : "";
  }

  #draw(): void {
    const row = this.#row;
    this.#table.show(this.#rows, this.#best, this.#picked);
    this.#answers.element.hidden = this.#opened === null;
    this.element.toggleAttribute("data-open", this.#opened !== null);
    setText(this.#chosen, row ? `${row.prompt} · ${row.model}` : "");
    const open = !this.#panel.element.hidden;
    setText(this.#use, open ? "Not now" : `Use this for ${counted(this.#over, "image")}`);
    this.#use.setAttribute("aria-expanded", String(open));
    this.#use.classList.toggle("lr-btn-primary", !open); // one primary button at a time
    this.#use.hidden = this.#around.hello.value?.readonly ?? false;
    enable(this.#use, row !== undefined, "Nothing is chosen");
    this.#panel.lock(this.#why);
  }
}

import type { Channel } from "../../channel.ts";
import { fill, h, setAttribute, setText, uniqueId } from "../../dom.ts";
import { number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around } from "../../part.ts";
import type { Facet, FacetOrder } from "../../protocol/filters.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { Latest } from "../shared/latest.ts";
import type { Menu } from "../shared/menu.ts";
import { VirtualList } from "../shared/virtual-list.ts";
import { awaitedRow, type FacetState, facetRow } from "./facet-row.ts";
import type { Narrower } from "./narrower.ts";

const ROW = 24;
const PAGE = 100; // rows asked for around what is in sight
const CALM = 120; // ms after the last letter of the filter
const ORDERS: readonly [FacetOrder, string][] = [
  ["count", "by count"],
  ["name", "by name"],
  ["category", "by category"],
  ["split", "by split"],
];

/** The tags of what is shown: how many images have each, and which the search includes or excludes. */
export class FacetList {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** Called with the number of terms of the search, each time the kernel says it. */
  onTerms: (terms: number) => void = () => undefined;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #narrower: Narrower;
  readonly #menu: Menu;
  readonly #cleanup: Cleanup;
  readonly #list: VirtualList<Facet | null>;
  readonly #latest: Latest;
  readonly #tags = h("span", { class: "lr-t3" });
  readonly #orderName = h("span", {}, "by count");
  readonly #order: HTMLButtonElement;
  readonly #none = h("div", { class: "lf-none lr-t3", attrs: { hidden: true } });
  readonly #ids = uniqueId("facet");
  /** What was clicked and is not confirmed: painted at once. */
  readonly #expected = new Map<string, FacetState>();
  #by: FacetOrder = "count";
  #images = 0;
  #active = 0;
  /** Of the active row: it stays active where it goes. */
  #name = "";
  #keep = true;
  #hovered = false;
  #wait: Dispose | null = null;

  constructor(channel: Channel, around: Around, narrower: Narrower, menu: Menu, cleanup: Cleanup) {
    this.#channel = channel;
    this.#around = around;
    this.#narrower = narrower;
    this.#menu = menu;
    this.#cleanup = cleanup;
    this.input = h("input", {
      class: "lr-input",
      attrs: { type: "text", placeholder: "Filter tags", "aria-label": "Filter tags", spellcheck: "false" },
      title: "Filter tags (F)",
    });
    this.#order = h(
      "button",
      { class: "lr-btn lr-btn-quiet lr-btn-small lf-order", attrs: { type: "button", "aria-haspopup": "menu" } },
      this.#orderName,
      icon("down", 12),
    );
    this.#list = new VirtualList<Facet | null>({ rowHeight: ROW, render: (row, at) => this.#row(row, at) }, cleanup);
    this.#list.element.classList.add("lf-list");
    for (const [name, value] of [
      ["role", "group"],
      ["aria-label", "Tags"],
      ["tabindex", "0"],
    ] as const) {
      this.#list.element.setAttribute(name, value);
    }
    this.element = h(
      "section",
      { class: "lf-facets", attrs: { "aria-label": "Tags" } },
      h(
        "div",
        { class: "lf-facets-head" },
        h("span", { class: "lr-strong" }, "Tags"),
        this.#tags,
        h("span", { class: "lr-space" }),
        this.#order,
      ),
      h("div", { class: "lr-field lf-filter" }, icon("search", 12), this.input),
      this.#none,
      this.#list.element,
    );
    this.#latest = new Latest(
      () => this.#ask(),
      (error) => narrower.failed(error),
    );
    this.#listen();
    this.#refresh(false);
  }

  #listen(): void {
    const { element } = this.#list;
    const cleanup = this.#cleanup;
    cleanup.listen(this.input, "input", () => {
      this.#wait?.();
      this.#wait = cleanup.after(CALM, () => this.#refilter());
    });
    cleanup.listen(this.input, "keydown", (event) => this.#onInputKey(event));
    cleanup.listen(this.#order, "click", () => this.#openOrders());
    cleanup.listen(element, "click", (event) => this.#onClick(event));
    cleanup.listen(element, "contextmenu", (event) => this.#onContext(event));
    cleanup.listen(element, "keydown", (event) => this.#onKey(event));
    cleanup.listen(element, "scroll", () => this.#fillGaps(), { passive: true });
    cleanup.listen(element, "focusin", () => this.#mark(this.#active));
    cleanup.listen(element, "focusout", () => this.#refresh(this.#hovered));
    cleanup.listen(element, "pointerenter", () => {
      this.#hovered = true;
    });
    cleanup.listen(element, "pointerleave", () => {
      this.#hovered = false;
      this.#refresh(false);
    });
    cleanup.add(this.#channel.on("changed", () => this.#refresh(this.#hovered || this.#focused)));
    cleanup.add(this.#channel.health.subscribe(() => this.#list.refresh()));
    this.#narrower.settled.push(() => this.#refresh(this.#hovered || this.#focused));
  }

  get #focused(): boolean {
    return this.#list.element.matches(":focus");
  }

  // -------------------------------------------------------------------------------------- asking

  /** @param keep the order stays: somebody points at a row */
  #refresh(keep: boolean): void {
    this.#keep &&= keep;
    this.#latest.ask();
  }

  #refilter(): void {
    this.#list.element.scrollTop = 0;
    this.#active = 0;
    this.#refresh(false);
  }

  /** After scrolling: asks where rows in sight have not come yet; the order must be that of the others. */
  #fillGaps(): void {
    const [first, last] = this.#inSight();
    if (this.#list.items.slice(first, last).includes(null)) this.#refresh(true);
  }

  #inSight(): [number, number] {
    const { scrollTop, clientHeight } = this.#list.element;
    return [Math.floor(scrollTop / ROW), Math.ceil((scrollTop + clientHeight) / ROW)];
  }

  async #ask(): Promise<void> {
    const keep = this.#keep;
    const { calm } = this.#narrower;
    this.#keep = true;
    const [first, last] = this.#inSight();
    const start = Math.max(0, Math.min(first, this.#list.items.length) - PAGE / 2);
    const payload = { filter: this.input.value, order: this.#by, start, stop: last + PAGE / 2, keep };
    const { ok } = await this.#channel.request("facets", payload);
    const rows: (Facet | null)[] =
      keep && ok.count === this.#list.items.length ? [...this.#list.items] : new Array(ok.count).fill(null);
    if (calm !== null && calm === this.#narrower.calm) this.#expected.clear();
    rows.splice(ok.start, ok.rows.length, ...ok.rows);
    this.#images = ok.images;
    this.#list.items = rows;
    setText(this.#tags, ok.tags > 0 ? number(ok.tags) : "");
    this.#tellNone(ok.tags, ok.count);
    this.onTerms(ok.terms);
    const moved = this.#name === "" ? -1 : rows.findIndex((row) => row?.name === this.#name);
    this.#mark(moved < 0 ? Math.min(this.#active, Math.max(0, rows.length - 1)) : moved, this.#focused);
    this.#fillGaps();
  }

  #tellNone(tags: number, rows: number): void {
    this.#none.hidden = rows > 0;
    this.#list.element.hidden = rows === 0;
    const readonly = this.#around.hello.value?.readonly ?? false;
    if (tags === 0) setText(this.#none, readonly ? "No tags yet." : "No tags yet. Run a tagger or press T.");
    else setText(this.#none, `No tag has ${this.input.value.trim()} in its name.`);
  }

  // -------------------------------------------------------------------------------------- rows

  #row(row: Facet | null, at: number): HTMLElement {
    if (!row) return awaitedRow();
    const element = facetRow(row, this.#stateOf(row), this.#images, `${this.#ids}-${at}`, at === this.#active);
    const why = this.#narrower.locked;
    setAttribute(element, "aria-disabled", why === null ? null : true);
    if (why !== null) element.title = why;
    return element;
  }

  #stateOf(row: Facet): FacetState {
    const expected = this.#expected.get(row.name);
    return expected === undefined ? row.state : expected;
  }

  #mark(at: number, reveal = true): void {
    const before = this.#active;
    this.#active = at;
    this.#name = this.#list.items[at]?.name ?? "";
    const { element } = this.#list;
    for (const each of element.querySelectorAll(".lf-facet-active")) each.classList.remove("lf-facet-active");
    const row = element.querySelector(`#${this.#ids}-${at}`);
    row?.classList.add("lf-facet-active");
    setAttribute(element, "aria-activedescendant", this.#list.items.length > 0 ? `${this.#ids}-${at}` : null);
    if (reveal && before !== at) this.#list.reveal(at);
  }

  #narrow(row: Facet, wanted: "include" | "exclude" | "only" | null): void {
    if (this.#narrower.locked !== null) return;
    if (wanted === "only") for (const each of this.#list.items) if (each?.state) this.#expected.set(each.name, null);
    this.#expected.set(row.name, wanted === "only" ? "include" : wanted);
    this.#list.refresh();
    this.#narrower.narrow({ kind: "tag", name: row.name, state: wanted });
    const said = { include: "included", exclude: "excluded", only: "alone included" };
    this.#around.say(`${row.name} ${wanted ? said[wanted] : "off"}`);
  }

  /** Includes or excludes; again is off. */
  #toggle(row: Facet, wanted: "include" | "exclude"): void {
    this.#narrow(row, this.#stateOf(row) === wanted ? null : wanted);
  }

  // -------------------------------------------------------------------------------------- pointer and keys

  #rowOf(event: Event): [Facet, number] | null {
    const element = event.target instanceof Element ? event.target.closest(`[id^="${this.#ids}-"]`) : null;
    if (!element) return null;
    const at = Number(element.id.slice(this.#ids.length + 1));
    const row = this.#list.items[at];
    return row ? [row, at] : null;
  }

  #onClick(event: MouseEvent): void {
    const found = this.#rowOf(event);
    if (!found) return;
    const [row, at] = found;
    this.#mark(at);
    if (event.ctrlKey || event.metaKey) this.#narrow(row, "only");
    else this.#toggle(row, event.shiftKey || event.altKey ? "exclude" : "include");
  }

  #onContext(event: MouseEvent): void {
    const found = this.#rowOf(event);
    if (!found || this.#narrower.locked !== null) return;
    event.preventDefault();
    const [row, at] = found;
    this.#mark(at);
    const state = this.#stateOf(row);
    this.#menu.openAt(
      event.clientX,
      event.clientY,
      [
        { label: "Include", checked: state === "include", run: () => this.#narrow(row, "include") },
        { label: "Exclude", key: "-", checked: state === "exclude", run: () => this.#narrow(row, "exclude") },
        { label: "Off", checked: state === null, run: () => this.#narrow(row, null) },
        { label: "Only this", checked: false, run: () => this.#narrow(row, "only") },
      ],
      this.#list.element,
    );
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#list.items.length - 1;
    const page = Math.max(1, Math.floor(this.#list.element.clientHeight / ROW) - 1);
    const at = this.#active;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: last }[
      event.key
    ];
    const row = this.#list.items[at];
    if (to !== undefined) this.#mark(Math.max(0, Math.min(last, to)));
    else if (!row || event.altKey) return;
    else if (event.key === "-") this.#toggle(row, "exclude");
    else if (event.key !== " " && event.key !== "Enter") return;
    else if (event.ctrlKey || event.metaKey) this.#narrow(row, "only");
    else this.#toggle(row, event.shiftKey ? "exclude" : "include");
    event.preventDefault();
    event.stopPropagation();
  }

  #onInputKey(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.input.value !== "") {
      this.input.value = "";
      this.#refilter();
    } else if (event.key === "Enter") {
      const first = this.#list.items[0];
      if (first) this.#toggle(first, event.shiftKey ? "exclude" : "include");
    } else if (event.key === "ArrowDown" && this.#list.items.length > 0) this.#list.element.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #openOrders(): void {
    this.#menu.openUnder(
      this.#order,
      ORDERS.map(([order, label]) => ({
        label: order === "split" ? "by split, nearest half first" : label,
        checked: order === this.#by,
        run: () => {
          this.#by = order;
          fill(this.#orderName, label);
          this.#refilter();
        },
      })),
    );
  }
}

import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./gallery.css";
import "./grid.css";
import "./large-view.css";
import type { Channel } from "../../channel.ts";
import { isAbort, KernelError } from "../../channel.ts";
import { focused, h, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { SearchOption } from "../../protocol.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import type { Component } from "../../widget.ts";
import { Dock } from "../shared/dock.ts";
import { type KeyGroup, KeySheet } from "../shared/key-sheet.ts";
import { Live } from "../shared/live.ts";
import { Menu } from "../shared/menu.ts";
import { SearchField } from "../shared/search-field.ts";
import { StatusStrip, type StripInfo } from "../shared/status-strip.ts";
import { Toast } from "../shared/toast.ts";
import { TopBar } from "../shared/top-bar.ts";
import { resizeByWheel } from "./cell-wheel.ts";
import { openCommands } from "./commands.ts";
import { Comparing } from "./comparing.ts";
import { Edits } from "./edits.ts";
import { NARROW } from "./geometry.ts";
import { Grid } from "./grid.ts";
import { command, KEY_GROUPS } from "./keys.ts";
import { LargeView } from "./large-view.ts";
import { Pointing } from "./pointer.ts";
import { SelectionBar } from "./selection-bar.ts";
import { Session } from "./session.ts";
import { StageHead, sortKey } from "./stage-head.ts";
import { States } from "./states.ts";

const REMEMBER_MS = 400;
const DETAILS_CALM = 150;

/** The gallery: search above, the grid, the dock over it, the strip below. */
export const gallery: Component = (root, channel, cleanup) => {
  new Gallery(root, channel, cleanup).start();
};

/** What a widget around the gallery may take over. */
export interface GalleryHooks {
  /** A key before the gallery looks at it; true where it is not the gallery's. */
  key?(event: KeyboardEvent): boolean;
  /** Enter, a double click or a tap on an image; true where something else than the large view opens. */
  open?(position: number): boolean;
  /** `T`; true where something else than the dock asks for the tag. */
  tag?(): boolean;
  /** Where the models are. */
  models?(): void;
  /** Esc with nothing left to close inside the gallery; true where something around it closed. */
  escape?(): boolean;
}

/** The gallery itself; the workbench stands around one. */
export class Gallery {
  hooks: GalleryHooks = {};
  readonly #root: HTMLElement;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly session: Session;
  readonly live: Live;
  readonly toast: Toast;
  readonly edits: Edits;
  readonly grid: Grid;
  readonly large: LargeView;
  readonly comparing: Comparing;
  readonly menu: Menu;
  readonly search: SearchField;
  readonly top: TopBar;
  readonly head: StageHead;
  readonly #states: States;
  readonly bar: SelectionBar;
  readonly strip: StatusStrip;
  readonly sheet: KeySheet;
  readonly #pill: HTMLButtonElement;
  #remember: Dispose | null = null;
  #lookCloser: Dispose | null = null;
  #looking: AbortController | null = null;

  constructor(root: HTMLElement, channel: Channel, cleanup: Cleanup, keys: readonly KeyGroup[] = KEY_GROUPS) {
    this.#root = root;
    this.#channel = channel;
    this.#cleanup = cleanup;
    root.classList.add("lr-gallery");
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", "lorairo gallery");
    const session = new Session(channel, cleanup);
    this.session = session;
    this.live = new Live(cleanup);
    this.toast = new Toast(cleanup, this.live);
    this.edits = new Edits(session, this.toast);
    this.grid = new Grid(session, cleanup);
    this.large = new LargeView(session, cleanup);
    this.comparing = new Comparing(channel, cleanup, session, this.toast.show.bind(this.toast), (text) =>
      this.live.say(text),
    );
    this.menu = new Menu(root, cleanup);
    this.search = new SearchField(
      {
        search: (query) => void session.search(query),
        complete: (text, cursor, signal) => this.#complete(text, cursor, signal),
        leave: () => this.focusGrid(),
      },
      cleanup,
    );
    this.head = new StageHead(
      this.menu,
      {
        orders: () => this.#complete("order:", 6, cleanup.signal),
        query: () => session.query.value,
        search: (query) => void session.search(query),
        setCell: (cell) => this.#setCell(cell),
        setFill: (fill) => this.grid.element.classList.toggle("lr-fill", fill),
      },
      cleanup,
    );
    this.sheet = new KeySheet(keys, () => this.focusGrid());
    this.top = new TopBar(
      this.search,
      this.menu,
      {
        undo: () => void this.edits.undo(),
        redo: () => void this.edits.redo(),
        help: () => this.sheet.toggle(),
        more: () => this.head.narrowItems(),
      },
      cleanup,
    );
    this.#states = new States(this.live, (query) => {
      this.focusGrid();
      void session.search(query);
    });
    this.bar = new SelectionBar(session, this.edits, cleanup);
    this.strip = new StatusStrip(channel, () => this.#stripInfo(), cleanup);
    this.#pill = h("button", { class: "lr-pill lr-pop", attrs: { type: "button", hidden: true } });
    this.#assemble();
    this.#connect();
  }

  start(): void {
    void this.session.greet();
  }

  #assemble(): void {
    const actions = {
      open: (position: number) => this.openLarge(position),
      menu: (event: MouseEvent) => openCommands(event, this, (position) => this.openLarge(position)),
    };
    const pointing = new Pointing(this.session, this.grid, actions, this.#cleanup);
    const stage = h(
      "div",
      { class: "lr-stage" },
      this.grid.element,
      pointing.marquee,
      this.grid.bubble,
      this.#states.element,
      this.#pill,
    );
    this.#root.append(
      this.top.element,
      this.head.element,
      stage,
      this.large.element,
      this.comparing.panel.element,
      new Dock(this.toast, this.bar.element).element,
      this.strip.element,
      this.sheet.element,
      this.live.element,
    );
    this.#cleanup.listen(this.#pill, "click", () => {
      this.focusGrid();
      void this.session.greet();
    });
    this.#cleanup.listen(this.#root, "keydown", (event) => this.#onKey(event));
    resizeByWheel(this.grid, (cell) => this.#setCell(cell), this.#cleanup);
    const sizes = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      if (width === 0) return;
      this.#root.toggleAttribute("data-narrow", width < NARROW);
      this.grid.narrow = width < NARROW;
      this.top.refresh();
    });
    sizes.observe(this.#root);
    this.#cleanup.add(() => sizes.disconnect());
  }

  #connect(): void {
    const session = this.session;
    const cleanup = this.#cleanup;
    session.onPaint = () => this.#paint();
    session.onThumb = (id, thumb) => this.grid.show(id, thumb);
    session.onOrder = (own) => {
      this.grid.reorder(own);
      this.large.refresh();
    };
    this.edits.only = () => (this.large.open ? this.large.position : -1);
    this.grid.valueOf = (position) => this.#sortValue(position);
    this.large.onMove = (position) => {
      session.selection.moveTo(position);
      this.grid.reveal(position);
    };
    this.large.onOpen = () => this.bar.refresh();
    this.large.onClose = () => {
      this.bar.refresh();
      this.focusGrid();
    };
    this.comparing.onChange = () => this.#root.toggleAttribute("data-comparing", this.comparing.open);
    this.comparing.onClose = () => (this.large.open ? this.large.element.focus() : this.focusGrid());
    this.bar.onCompare = () => void this.comparing.show();
    this.bar.onDone = () => (this.large.open ? this.large.element.focus() : this.focusGrid());
    cleanup.add(
      session.hello.subscribe((hello) => {
        if (!hello) return;
        this.#root.setAttribute("aria-label", `lorairo gallery, ${hello.project}`);
        this.head.setProject(hello.project);
        this.head.setOwnOrder(hello.order);
        if (this.#remember === null) this.#showCell(hello.cell);
        this.#root.toggleAttribute("data-readonly", hello.readonly);
        this.top.refresh();
      }),
    );
    cleanup.add(
      session.query.subscribe((query) => {
        this.search.query = query;
        this.head.setQuery(query);
      }, true),
    );
    cleanup.add(
      session.counts.subscribe(({ count, total }) => {
        // Images excluded since the search still stand there, and are no part of the total any more.
        this.search.setCounts(count, Math.max(count, total));
        this.live.say(count === total ? counted(count, "image") : `${number(count)} of ${counted(total, "image")}`);
      }),
    );
    cleanup.add(
      session.searchError.subscribe((error) => {
        this.search.mistake = error && { message: error.message, position: error.position, length: error.length };
      }),
    );
    cleanup.add(
      session.news.subscribe((count) => {
        this.#pill.hidden = count === 0;
        setText(this.#pill, counted(count, "new image"));
      }),
    );
    cleanup.add(session.selection.state.subscribe(() => this.#closer()));
    cleanup.add(session.job.subscribe(() => this.strip.refresh()));
    cleanup.add(
      this.#channel.health.subscribe((health) => {
        this.search.enabled = health !== "gone";
        this.head.enabled = health !== "gone";
        this.#paint();
        if (health === "ready" && session.hello.value === null) void session.greet();
      }),
    );
    cleanup.add(
      this.#channel.on("notice", ({ text, undo }) => {
        this.toast.show(text, undo ? { label: "Undo", run: () => void this.edits.undo() } : null);
      }),
    );
    cleanup.add(this.#channel.onTrait("cell", () => this.#showCell(this.#channel.trait("cell", this.grid.wish))));
    this.#showCell(this.#channel.trait("cell", this.grid.wish));
  }

  #paint(): void {
    const { counts, hello, relaxations, undo, redo } = this.session;
    const { count } = counts.value;
    let state: "none" | "empty" | "nothing" = "none";
    if (hello.value && count === 0) state = hello.value.state === "empty" ? "empty" : "nothing";
    this.#states.show(state, relaxations.value);
    this.top.setSteps(undo.value, redo.value, this.edits.allowed);
    this.bar.refresh();
    this.strip.refresh();
    this.grid.paint();
  }

  #stripInfo(): StripInfo {
    const hello = this.session.hello.value;
    const { total } = this.session.counts.value;
    let rest = "";
    if (hello && total === 0) rest = `${hello.project} · saved in ${hello.path}`;
    else if (hello) rest = `${counted(total, "image")} in ${hello.project}`;
    const { job, savedAt } = this.session;
    const show = (query: string): void => void this.session.narrow(query);
    return { rest, readonly: hello?.readonly ?? false, job: job.value, savedAt, show, models: this.hooks.models };
  }

  #onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || this.hooks.key?.(event) || this.comparing.takes(event)) return;
    const run = command(event, {
      session: this.session,
      grid: this.grid,
      edits: this.edits,
      large: this.large,
      setCell: (cell) => this.#setCell(cell),
      open: (position) => this.openLarge(position),
      search: () => this.search.focus(),
      tag: () => {
        if (!this.hooks.tag?.()) this.bar.ask("tag");
      },
      compare: () => void this.comparing.show(),
      help: () => this.sheet.toggle(),
      escape: () => this.#escape(),
    });
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #escape(): void {
    if (this.sheet.open) this.sheet.close();
    else if (this.bar.open) this.bar.close();
    else if (this.comparing.open) this.comparing.close();
    else if (this.large.open) this.large.close();
    else if (this.hooks.escape?.()) return;
    else if (this.session.selection.set.count > 0) this.session.selection.clear();
    else focused(this.grid.element)?.blur();
  }

  focusGrid(): void {
    this.grid.element.focus({ preventScroll: true });
  }

  openLarge(position: number): void {
    this.session.selection.moveTo(position);
    if (this.hooks.open?.(position)) return;
    this.large.show(position);
  }

  async #complete(text: string, cursor: number, signal: AbortSignal): Promise<readonly SearchOption[]> {
    try {
      const { ok } = await this.#channel.request("search_complete", { text, cursor }, signal);
      return ok.options;
    } catch (error) {
      // No completion is no trouble: the search itself says what is wrong.
      if (isAbort(error) || error instanceof KernelError) return [];
      throw error;
    }
  }

  #setCell(cell: number): void {
    this.#showCell(cell);
    this.#remember?.();
    this.#remember = this.#cleanup.after(REMEMBER_MS, () => {
      this.#remember = null;
      void this.#save("cell", cell);
    });
  }

  async #save(key: string, value: unknown): Promise<void> {
    try {
      await this.#channel.request("setting", { key, value });
    } catch (error) {
      if (isAbort(error)) return;
      if (!(error instanceof KernelError)) throw error;
      this.toast.show(`Could not remember the ${key} size: ${error.message}`, null, true);
    }
  }

  #showCell(cell: number): void {
    this.head.setCell(cell);
    this.grid.resize(cell);
  }

  /** After a moment on one image, its name, reason and sort value are asked for. */
  #closer(): void {
    this.#lookCloser?.();
    this.#looking?.abort();
    const id = this.session.pages.idAt(this.session.selection.active);
    if (id === null || this.session.known(id)) return;
    this.#lookCloser = this.#cleanup.after(DETAILS_CALM, async () => {
      const controller = new AbortController();
      this.#looking = controller;
      if (await this.session.details(id, controller.signal)) this.grid.paint();
    });
  }

  #sortValue(position: number): string {
    const key = sortKey(this.session.query.value);
    const id = this.session.pages.idAt(position);
    const details = id === null ? undefined : this.session.known(id);
    if (!(details && key)) return "";
    const value =
      details.scores[key] ?? (key === "width" || key === "height" || key === "bytes" ? details[key] : undefined);
    if (value === undefined) return "";
    return Number.isInteger(value) ? number(value) : value.toFixed(2);
  }
}

import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./map.css";
import { type Channel, KernelError } from "../../channel.ts";
import { fill, h, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around, Part } from "../../part.ts";
import type { SelectMode } from "../../protocol/map.ts";
import type { Ok } from "../../protocol.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import { copyButton } from "../shared/copy.ts";
import { Latest } from "../shared/latest.ts";
import { Menu, type MenuItem } from "../shared/menu.ts";
import { Bubble } from "./bubble.ts";
import { NONE } from "./colours.ts";
import { legendOf, valueWords } from "./legend.ts";
import { Moving, REACH } from "./moving.ts";
import { Pen } from "./pen.ts";
import type { Point } from "./plane.ts";
import { Points } from "./points.ts";
import { Stage } from "./stage.ts";
import { Tools } from "./tools.ts";

const AGAIN = 500; // ms until a map that is being made is asked for again
const CODE = 'view.annotate(["dinov2-base"])';
/** Which kinds of change give images other colours, where it is not what models say or tags. */
const TOUCHED: Readonly<Record<string, readonly string[]>> = { dataset: ["datasets"], stars: ["stars"] };

/** Images on a map: alike ones lie near each other; a lasso selects. */
class EmbeddingMap {
  readonly element: HTMLElement;
  readonly #channel: Channel;
  readonly #cleanup: Cleanup;
  readonly #around: Around;
  readonly #stage: Stage;
  readonly #pen: Pen;
  readonly #moving: Moving;
  readonly #tools: Tools;
  readonly #bubble: Bubble;
  readonly #menu: Menu;
  readonly #model = menuButton("Embedder");
  readonly #colour = menuButton("Colour");
  readonly #count = h("span", { class: "lr-t2 em-count" });
  readonly #again: HTMLButtonElement;
  readonly #state = h("div", { class: "em-state" });
  readonly #foot = h("div", { class: "em-foot" });
  readonly #marks: Latest;
  #told: Ok<"map"> | null = null;
  #wanted: string;
  #by: string;
  /** Selections on their way to the kernel: what it says of older ones waits. */
  #sending = 0;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#cleanup = cleanup;
    this.#around = around;
    this.#wanted = channel.trait("model", "");
    this.#by = channel.trait("colour", "");
    this.#stage = new Stage(cleanup);
    this.#bubble = new Bubble(channel);
    this.#tools = new Tools({ zoom: (times) => this.#moving.zoom(times), fit: () => this.#moving.fit() }, cleanup);
    this.#again = button("", { kind: "link", small: true, onClick: () => void this.#load(true) });
    this.#again.hidden = true;
    this.#stage.element.append(this.#tools.element, this.#bubble.element, this.#state);
    setAttribute(this.#stage.element, "role", "application");
    setAttribute(this.#stage.element, "aria-roledescription", "map");
    this.element = h(
      "div",
      { class: "em" },
      h("div", { class: "em-head lr-row" }, this.#model, this.#colour, h("span", { class: "lr-space" }), this.#count),
      this.#stage.element,
      this.#foot,
    );
    this.#menu = new Menu(this.element, cleanup);
    this.#pen = this.#penOver();
    this.#moving = new Moving(
      { stage: this.#stage, bubble: this.#bubble, pen: this.#pen, tools: this.#tools },
      {
        valueOf: (at) => this.#valueOf(at),
        toggle: (at, only) => this.#toggle(at, only),
        escape: () => this.#escape(),
        say: (text) => around.say(text),
      },
      cleanup,
    );
    this.#marks = new Latest(
      () => this.#askMarks(),
      (error) => this.#failed(error),
    );
    this.#listen();
    void this.#load(false);
  }

  focus(): void {
    this.#stage.element.focus({ preventScroll: true });
  }

  #penOver(): Pen {
    return new Pen(
      this.#stage.element,
      {
        tool: () => this.#tools.tool,
        onLine: (corners) => {
          this.#stage.line = corners;
          this.#bubble.hide();
          this.#stage.draw();
        },
        onLasso: (corners, mode) => this.#lasso(corners, mode),
        onPan: (dx, dy) => this.#moving.pan(dx, dy),
        onPress: (at, mode) => this.#press(at, mode),
        locked: () => this.#locked,
      },
      this.#cleanup,
    );
  }

  #listen(): void {
    this.#cleanup.listen(this.#model, "click", () => this.#menu.openUnder(this.#model, this.#models()));
    this.#cleanup.listen(this.#colour, "click", () => this.#menu.openUnder(this.#colour, this.#colours()));
    this.#cleanup.add(this.#channel.on("changed", ({ kinds }) => this.#changed(kinds)));
    this.#cleanup.add(
      this.#channel.onTrait("model", () => {
        this.#wanted = this.#channel.trait("model", "");
        void this.#load(false);
      }),
    );
    this.#cleanup.add(this.#channel.onTrait("colour", () => this.#colourBy(this.#channel.trait("colour", ""))));
  }

  /** Why nothing can be selected now; null where it can. */
  get #locked(): string | null {
    return this.#channel.health.value === "gone" ? "The kernel is not answering" : null;
  }

  // -------------------------------------------------------------------------------------- from the kernel

  async #load(again: boolean): Promise<void> {
    const model = this.#wanted;
    let anew = again;
    this.#again.hidden = true;
    try {
      for (;;) {
        const { ok, buffers } = await this.#channel.request("map", { model, again: anew });
        if (model !== this.#wanted || this.#cleanup.done) return;
        anew = false;
        this.#told = ok;
        if (ok.state === "ready") {
          this.#stage.points = Points.of(buffers[0] ?? new Uint8Array(), ok.images ?? 0);
          break;
        }
        this.#say();
        if (ok.state === "none") return;
        await new Promise<void>((done) => this.#cleanup.after(AGAIN, done));
      }
    } catch (error) {
      this.#failed(error);
      fill(this.#state, h("div", { class: "lr-t2" }, error instanceof KernelError ? error.message : "No map"));
      this.#state.hidden = false;
      return;
    }
    this.#stage.active = -1;
    this.#stage.plane.fit();
    this.#say();
    this.#marks.ask();
    await this.#askColours();
  }

  async #askMarks(): Promise<void> {
    const made = this.#told?.made;
    if (made === undefined) return;
    const sending = this.#sending;
    const { ok, buffers } = await this.#channel.request("map.marks", { made });
    const marks = buffers[0];
    if (made !== this.#told?.made || sending !== this.#sending || !marks) return;
    this.#stage.points.marks = marks.slice();
    const words = `Redraw with ${counted(ok.new - (this.#told.lacking ?? 0), "new image")}`;
    this.#again.hidden = ok.new <= (this.#told.lacking ?? 0);
    setText(this.#again, words);
    this.#counted();
  }

  async #askColours(): Promise<void> {
    const made = this.#told?.made;
    const by = this.#told?.columns.includes(this.#by) ? this.#by : "";
    if (made === undefined) return;
    if (by === "") this.#stage.colouring = { by };
    else {
      try {
        const { ok, buffers } = await this.#channel.request("map.colours", { made, by });
        if (made !== this.#told?.made || this.#cleanup.done) return;
        const bytes = (buffers[0] ?? new Uint8Array()).slice();
        this.#stage.colouring = ok.labels ? { ...ok, codes: bytes } : { ...ok, values: new Float32Array(bytes.buffer) };
      } catch (error) {
        this.#failed(error);
      }
    }
    setText(this.#colour.querySelector("span") ?? this.#colour, by === "" ? "One colour" : by);
    fill(this.#foot, legendOf(this.#stage.colouring), h("span", { class: "lr-space" }), this.#again, this.#facts());
    this.#stage.draw();
  }

  #changed(kinds: readonly string[]): void {
    this.#marks.ask();
    const by = this.#by;
    const touched = TOUCHED[by] ?? ["annotations", "tags"];
    if (by && touched.some((kind) => kinds.includes(kind))) void this.#askColours();
  }

  #failed(error: unknown): void {
    if (this.#cleanup.done) return;
    if (error instanceof KernelError && error.kind === "stale") return; // another map comes
    this.#around.toast(error instanceof Error ? error.message : String(error), null, true);
  }

  // -------------------------------------------------------------------------------------- what is said

  #say(): void {
    const told = this.#told;
    this.#state.hidden = told?.state === "ready" && (told.images ?? 0) > 0;
    setText(this.#model.querySelector("span") ?? this.#model, told?.model || "No embedder");
    if (told?.state === "making")
      fill(this.#state, h("div", { class: "lr-t2" }, `Laying out the images by ${told.model}`));
    else if (told?.state === "none") {
      const code = h("code", { class: "lr-mono" }, CODE);
      fill(
        this.#state,
        h("div", { class: "em-title" }, "No map yet"),
        h("div", { class: "lr-t2" }, "Run an embedder: it places alike images near each other."),
        h(
          "div",
          { class: "lr-code" },
          code,
          copyButton(code, (text) => this.#around.say(text)),
        ),
      );
    }
    this.#counted();
  }

  #facts(): HTMLElement {
    const lacking = this.#told?.lacking ?? 0;
    const words = lacking > 0 ? `${number(lacking)} not placed` : (this.#told?.method ?? "").toUpperCase();
    return h(
      "span",
      { class: "lr-t3 em-facts", title: "What laid the map out; distances across it say little" },
      words,
    );
  }

  #counted(): void {
    const { points } = this.#stage;
    const [count, chosen] = [points.count, points.chosen];
    const words = chosen > 0 ? `${number(chosen)} of ${number(count)} selected` : counted(count, "image");
    setText(this.#count, this.#told?.state === "ready" ? words : "");
    const name = `Map of ${counted(count, "image")} by ${this.#told?.model ?? "an embedder"}, ${number(chosen)} selected`;
    setAttribute(this.#stage.element, "aria-label", `${name}. Arrows go to the nearest image, Space selects it`);
    this.#stage.draw();
  }

  /** What an image has of the colour's column, in words. */
  #valueOf(at: number): string {
    const { by, values, codes, labels } = this.#stage.colouring;
    const value = values?.[at] ?? Number.NaN;
    if (values) return `${by} ${Number.isFinite(value) ? valueWords(value) : "unknown"}`;
    if (!codes) return "";
    return codes[at] === NONE ? `no ${by}` : `${by} ${labels?.[codes[at] ?? 0] ?? ""}`;
  }

  // -------------------------------------------------------------------------------------- choosing

  #models(): MenuItem[] {
    return (this.#told?.models ?? []).map(({ name, images }) => ({
      label: `${name}, ${counted(images, "image")}`,
      checked: name === this.#told?.model,
      run: () => {
        this.#wanted = name;
        void this.#load(false);
      },
    }));
  }

  #colours(): MenuItem[] {
    return ["", ...(this.#told?.columns ?? [])].map((by) => ({
      label: by === "" ? "One colour" : by,
      checked: by === this.#stage.colouring.by,
      run: () => this.#colourBy(by),
    }));
  }

  #colourBy(by: string): void {
    this.#by = by;
    void this.#askColours();
  }

  #lasso(corners: readonly Point[], mode: SelectMode): void {
    const around = corners.map(({ x, y }) => this.#stage.plane.toMap(x, y));
    this.#stage.points.lasso(around, mode);
    void this.#select({ corners: around.map(({ x, y }) => [x, y]) }, mode);
  }

  #press(at: Point, mode: SelectMode): void {
    const { points, plane } = this.#stage;
    const found = points.under(plane, at.x, at.y, REACH);
    if (found < 0 && mode !== "set") return;
    this.#stage.active = found;
    this.#choose(found, mode === "add" && points.selected(found) ? "remove" : mode);
  }

  #choose(at: number, mode: SelectMode): void {
    const { points } = this.#stage;
    if (at >= 0 && !points.shown(at)) return;
    points.choose(at, mode);
    const id = points.ids[at];
    void this.#select({ ids: id === undefined ? [] : [id] }, mode, id ?? null);
  }

  async #select(
    what: { corners: number[][] } | { ids: number[] },
    mode: SelectMode,
    active: number | null = null,
  ): Promise<void> {
    const made = this.#told?.made;
    if (made === undefined) return;
    this.#counted();
    this.#sending += 1;
    try {
      const { ok } = await this.#channel.request("map.select", { made, mode, active, ...what });
      this.#around.say(`${counted(ok.count, "image")} selected`);
    } catch (error) {
      this.#failed(error);
    }
    this.#marks.ask();
  }

  #toggle(at: number, only: boolean): void {
    if (this.#locked !== null) return;
    const other = this.#stage.points.selected(at) ? "remove" : "add";
    this.#choose(at, only ? "set" : other);
  }

  #escape(): void {
    if (this.#pen.down) this.#pen.stop();
    else if (this.#stage.points.chosen > 0 && this.#locked === null) this.#choose(-1, "set");
    else this.#around.leave();
  }
}

function menuButton(label: string): HTMLButtonElement {
  return h(
    "button",
    { class: "lr-btn lr-btn-quiet em-menu", title: label, attrs: { type: "button", "aria-haspopup": "menu" } },
    h("span", { class: "lr-cut" }, label),
    icon("down", 12),
  );
}

export const embeddingMap: Part = (channel, cleanup, around) => {
  const map = new EmbeddingMap(channel, cleanup, around);
  return { element: map.element, focus: () => map.focus() };
};

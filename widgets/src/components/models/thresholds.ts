import { isAbort } from "../../channel.ts";
import { fill, h, keepFocus, setAttribute, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import type { NamedCut } from "../../protocol/models.ts";
import type { Cut, CutChange, ThresholdKinds, ThresholdMethod } from "../../protocol/thresholds.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import { button, enable } from "../shared/button.ts";
import { Latest } from "../shared/latest.ts";
import type { Session } from "./session.ts";
import { Slider } from "./slider.ts";
import { TagCuts } from "./tag-cuts.ts";

/** Arrow keys move a slider step by step: it is set once they rest. */
const KEYS_REST_MS = 600;
/** Tags named in what a change would do. */
const MOST_NAMED = 3;
const METHODS: readonly (readonly [ThresholdMethod, string, string])[] = [
  ["fixed", "Fixed", "Tags count from these scores on"],
  ["mcut", "Widest gap", "In each image, tags above the widest gap between its scores count"],
  [
    "pr",
    "Calibrated",
    "Each tag where precision and recall are equal, as far as that is known; others from these scores",
  ],
];

/** From which score on the tags of each model count: moved after the run, no model is run for it. */
export class Thresholds {
  readonly element = h("section", { class: "mp-cuts", attrs: { "aria-label": "Thresholds" } });
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #rows = h("div");
  readonly #views = new Map<string, CutView>();
  #ahead = false;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
    this.element.append(h("div", { class: "mp-title lr-strong" }, "Thresholds"), this.#rows);
    const draw = (): void => this.#draw();
    cleanup.add(session.offer.subscribe(draw));
    cleanup.add(session.channel.health.subscribe(draw));
    cleanup.add(session.around.hello.subscribe(draw));
    this.#draw();
  }

  #draw(): void {
    const cuts = this.#session.offer.value?.cuts;
    this.element.hidden = this.#session.readonly || cuts === undefined || cuts.length === 0;
    if (cuts === undefined) return;
    if (!this.element.hidden && !this.#ahead) void this.#readAhead();
    const views = cuts.map((cut) => this.#view(cut));
    const elements = views.map((view) => view.element);
    const same = elements.length === this.#rows.children.length;
    if (!same || elements.some((element, place) => element !== this.#rows.children[place])) {
      keepFocus(this.#rows, () => fill(this.#rows, ...elements));
    }
  }

  /** The kernel reads what the first preview needs, before anybody waits for it. */
  async #readAhead(): Promise<void> {
    this.#ahead = true;
    try {
      await this.#session.channel.request("threshold.ahead", {});
    } catch (error) {
      if (!isAbort(error)) this.#session.refused(error);
    }
  }

  #view(cut: NamedCut): CutView {
    const known = this.#views.get(cut.model);
    const view = known ?? new CutView(this.#session, this.#cleanup, cut);
    this.#views.set(cut.model, view);
    view.show(cut);
    return view;
  }
}

/** The thresholds of one model; while one is moved it says what would change, released it is set. */
class CutView {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #sliders: Readonly<Record<"general" | "character", Slider>>;
  readonly #tags: TagCuts;
  readonly #methods: readonly (readonly [ThresholdMethod, HTMLButtonElement])[];
  readonly #effect = h("div", { class: "lr-t2 mp-wrap mp-effect", attrs: { "aria-live": "polite" } });
  readonly #preview: Latest;
  /** What is in force, and what is shown of it or made of it. */
  #known: Cut;
  #cut: Cut;
  #moved = false;
  #due: Dispose | null = null;

  constructor(session: Session, cleanup: Cleanup, cut: NamedCut) {
    this.#session = session;
    this.#cleanup = cleanup;
    this.#known = cut;
    this.#cut = cut;
    this.#preview = new Latest(
      () => this.#ask(),
      (error) => this.#refused(error),
    );
    this.#sliders = { general: this.#slider("general", cut.name), character: this.#slider("character", cut.name) };
    this.#tags = new TagCuts(cut.name, {
      move: (tag, value) => this.#move(this.#with(tag, value)),
      rest: (tag, value, keyed) => this.#rest(this.#with(tag, value), keyed),
      add: (tag) => void this.#change(this.#with(tag, this.#cut.general)),
      remove: (tag) => void this.#change(this.#with(tag, null)),
    });
    this.#methods = METHODS.map(([method, name, title]) => [
      method,
      button(name, { kind: "quiet", small: true, title, onClick: () => this.#change({ method }) }),
    ]);
    this.element = h(
      "div",
      { class: "mp-cut", attrs: { role: "group", "aria-label": `Thresholds of ${cut.name}` } },
      h("div", { class: "lr-cut", title: cut.name }, cut.name),
      h("div", { class: "mp-methods" }, ...this.#methods.map(([, element]) => element)),
      this.#sliders.general.element,
      this.#sliders.character.element,
      this.#tags.element,
      this.#effect,
    );
  }

  /** What is in force; what somebody is moving stays where they hold it. */
  show(cut: NamedCut): void {
    this.#known = cut;
    if (!this.#moved) this.#cut = cut;
    this.#draw();
  }

  #slider(name: "general" | "character", model: string): Slider {
    return new Slider(name, model, {
      move: (value) => this.#move({ [name]: value }),
      rest: (value, keyed) => this.#rest({ [name]: value }, keyed),
    });
  }

  #draw(): void {
    const { general, character, method, per_tag } = this.#cut;
    const gone = this.#session.channel.health.value === "gone" ? "The kernel is not answering" : null;
    const gap = method === "mcut" ? "The widest gap of each image decides" : null;
    this.#sliders.general.show(general, gone ?? gap);
    this.#sliders.character.show(character, gone ?? gap);
    this.#tags.show(per_tag, gone);
    for (const [name, element] of this.#methods) {
      setAttribute(element, "aria-pressed", name === method);
      enable(element, gone === null, gone ?? "");
    }
  }

  #with(tag: string, value: number | null): Partial<Cut> {
    const { [tag]: _, ...others } = this.#cut.per_tag;
    return { per_tag: value === null ? others : { ...others, [tag]: value } };
  }

  #move(change: Partial<Cut>): void {
    this.#cut = { ...this.#cut, ...change };
    this.#moved = true;
    this.#due?.();
    this.#draw();
    this.#preview.ask();
  }

  #rest(change: Partial<Cut>, keyed: boolean): void {
    this.#due?.();
    this.#due = this.#cleanup.after(keyed ? KEYS_REST_MS : 0, () => this.#change(change));
  }

  async #ask(): Promise<void> {
    const change = changed(this.#known, this.#cut);
    if (!this.#moved) return;
    const effect = change ? effectOf((await this.#session.channel.request("threshold.preview", change)).ok) : "";
    if (this.#moved) setText(this.#effect, effect);
  }

  async #change(change: Partial<Cut>): Promise<void> {
    this.#cut = { ...this.#cut, ...change };
    this.#moved = true;
    this.#draw();
    const sent = this.#cut;
    const asked = changed(this.#known, sent);
    try {
      if (asked) this.#session.told((await this.#session.channel.request("threshold.set", asked)).ok.message);
      this.#known = sent;
    } catch (error) {
      this.#refused(error);
    }
    if (this.#cut !== sent) return; // moved on meanwhile
    this.#moved = false;
    setText(this.#effect, "");
    void this.#session.refresh();
  }

  #refused(error: unknown): void {
    if (isAbort(error)) return;
    this.#moved = false;
    this.#session.refused(error);
    void this.#session.refresh();
  }
}

/** What differs; null where nothing does. */
function changed(known: Cut, { model, general, character, method, per_tag }: Cut): CutChange | null {
  const limits = {
    ...(general !== known.general && { general }),
    ...(character !== known.character && { character }),
  };
  const tags = [...new Set([...Object.keys(known.per_tag), ...Object.keys(per_tag)])]
    .filter((tag) => known.per_tag[tag] !== per_tag[tag])
    .map((tag) => [tag, per_tag[tag] ?? null] as const);
  const moved = Object.keys(limits).length > 0;
  if (!moved && tags.length === 0 && method === known.method) return null;
  return {
    model,
    ...limits,
    // a category alone would mean fixed thresholds
    ...((method !== known.method || (moved && method !== "fixed")) && { method }),
    ...(tags.length > 0 && { per_tag: Object.fromEntries(tags) }),
  };
}

/** "96 images would change: sky 812 to 640, dog 3 to 12". */
function effectOf({ images, rows }: ThresholdKinds["threshold.preview"]["ok"]): string {
  const most = rows.slice(0, MOST_NAMED).map(({ name, was, count }) => `${name} ${number(was)} to ${number(count)}`);
  return [`${counted(images, "image")} would change`, most.join(", ")].filter(Boolean).join(": ");
}

import "../../styles/tokens.css";
import "../../styles/controls.css";
import "../shared/shared.css";
import "./models.css";
import "./runs.css";
import "./services.css";
import type { Channel } from "../../channel.ts";
import { focused, h, setAttribute, setText } from "../../dom.ts";
import { dollars, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around, Part, Standing } from "../../part.ts";
import type { ModelTarget } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import { button, enable } from "../shared/button.ts";
import { ModelList } from "./list.ts";
import { PastRuns } from "./past-runs.ts";
import { Plan } from "./plan.ts";
import { QuoteView } from "./quote-view.ts";
import { isQuote, Quoting } from "./quoting.ts";
import { RunView } from "./run-view.ts";
import { isRunning, Session } from "./session.ts";
import { Thresholds } from "./thresholds.ts";
import { inTarget, leftOf, obstacle, runText, sendText } from "./wording.ts";

/** Models to pick on the left, what a run would do or does on the right. */
class ModelPicker implements Standing {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #quoting: Quoting;
  readonly #list: ModelList;
  readonly #plan: Plan;
  readonly #quote: QuoteView;
  readonly #filter: HTMLInputElement;
  #said = "";
  readonly #images = h("span", { class: "lr-t3 lr-cut" });
  readonly #shown = this.#aim("shown");
  readonly #selected = this.#aim("selected");
  readonly #switch = h(
    "span",
    { class: "mp-switch", attrs: { role: "group", "aria-label": "Images" } },
    this.#shown,
    this.#selected,
  );
  readonly #side = h("section", { class: "mp-side", attrs: { "aria-label": "Run", tabindex: -1 } });
  /** What stands until a run is under way. */
  readonly #before = h("div");
  readonly #title = h("span", { class: "lr-strong" }, "Before it runs");
  readonly #run = button("Run", { kind: "primary", onClick: () => this.#start() });
  readonly #stop = button("Stop", { icon: "stop", onClick: () => this.#stopRun() });
  readonly #foot = h("div", { class: "mp-foot" }, this.#run, this.#stop);

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#session = new Session(channel, cleanup, around);
    this.#quoting = new Quoting(this.#session, cleanup);
    this.#list = new ModelList(this.#session, this.#quoting, cleanup);
    this.#plan = new Plan(this.#session, cleanup);
    this.element = h("div", { class: "mp" });
    this.#quote = new QuoteView(this.#session, this.#quoting, this.element, cleanup);
    this.#filter = h("input", {
      class: "lr-input",
      attrs: { type: "text", "aria-label": "Filter models", placeholder: "Filter models", autocomplete: "off" },
    });
    const past = new PastRuns(this.#session, () => this.#list.focus(), cleanup);
    this.#before.append(this.#quote.element, this.#plan.element);
    const body = h(
      "div",
      { class: "mp-side-body" },
      new RunView(this.#session, cleanup).element,
      past.latest,
      this.#before,
      new Thresholds(this.#session, cleanup).element,
      past.element,
    );
    this.#side.append(body, this.#foot);
    this.element.prepend(
      h(
        "div",
        { class: "mp-body" },
        this.#header(),
        this.#list.element,
        h("div", { class: "mp-head mp-side-head" }, this.#title),
        this.#side,
      ),
    );
    this.#listen(cleanup);
    this.#draw();
    void this.#session.refresh();
  }

  focus(): void {
    this.#list.focus();
  }

  #header(): HTMLElement {
    return h(
      "div",
      { class: "mp-head" },
      h("span", { class: "lr-strong mp-own-title" }, "Models"),
      this.#images,
      this.#switch,
      h("span", { class: "lr-space" }),
      h("div", { class: "lr-field mp-filter" }, icon("search", 12), this.#filter),
    );
  }

  #aim(target: ModelTarget): HTMLButtonElement {
    return button("", { kind: "quiet", small: true, onClick: () => this.#session.aim(target) });
  }

  #listen(cleanup: Cleanup): void {
    const { offer, picked, planned, target, job, asking, channel, around } = this.#session;
    const draw = (): void => this.#draw();
    cleanup.add(offer.subscribe(draw));
    cleanup.add(picked.subscribe(draw));
    cleanup.add(planned.subscribe(draw));
    cleanup.add(target.subscribe(draw));
    cleanup.add(job.subscribe(draw));
    cleanup.add(asking.subscribe(draw));
    for (const signal of [this.#quoting.quoted, this.#quoting.fresh, this.#quoting.amountFits]) {
      cleanup.add(signal.subscribe(draw));
    }
    cleanup.add(channel.health.subscribe(draw));
    cleanup.add(around.hello.subscribe(draw));
    cleanup.listen(this.#filter, "input", () => {
      this.#list.filter = this.#filter.value;
    });
    cleanup.listen(this.#filter, "keydown", (event) => this.#onFilterKey(event));
    const observer = new ResizeObserver((entries) => {
      this.#session.paused = entries.at(-1)?.contentRect.width === 0;
    });
    observer.observe(this.element);
    cleanup.add(() => observer.disconnect());
  }

  #onFilterKey(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") this.#list.focus();
    else if (event.key === "Escape" && this.#filter.value !== "") {
      this.#filter.value = "";
      this.#list.filter = "";
    } else if (event.key === "Escape") this.#session.around.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** What the button says is what was quoted: the kernel sends no more than that. */
  #start(): void {
    const { value } = this.#quoting.quoted;
    void this.#session.run(isQuote(value) && this.#session.services.length > 0 ? value.send : null);
  }

  #stopRun(): void {
    const job = this.#session.job.value;
    if (job !== null) void this.#session.stop(job.id);
  }

  #draw(): void {
    const { offer, target, job, readonly } = this.#session;
    const now = offer.value;
    const running = isRunning(job.value);
    const selected = now?.selected ?? 0;
    this.#switch.hidden = now !== null && selected === 0 && target.value === "shown";
    this.#images.hidden = !this.#switch.hidden;
    if (now !== null) {
      setText(this.#images, `for ${inTarget(now.images, target.value)}`);
      setText(this.#selected, `${number(selected)} selected`);
    }
    setText(this.#shown, target.value === "shown" && now !== null ? `${number(now.images)} in view` : "In view");
    setAttribute(this.#shown, "aria-pressed", target.value === "shown");
    setAttribute(this.#selected, "aria-pressed", target.value === "selected");
    setText(this.#title, running ? "Running" : "Before it runs");
    this.#before.hidden = running || readonly;
    this.#foot.hidden = readonly;
    const held = focused(this.element);
    this.#run.hidden = running;
    this.#stop.hidden = !running;
    // The button that was pressed is gone: the keyboard stays here, and a second press hits no other one.
    if (held && (held === this.#run || held === this.#stop) && held.hidden) this.#side.focus();
    this.#drawButtons();
    this.#tellPrice();
  }

  /** Why a quote that stands leaves nothing to do. */
  #nothing(): string | null {
    const { services, rows } = this.#session;
    const { value } = this.#quoting.quoted;
    if (services.length === 0 || !isQuote(value) || value.send > 0) return null;
    return leftOf(rows.filter((row) => row.service === null)) > 0 ? null : "Nothing is left to send";
  }

  #runText(): string {
    const { services, rows } = this.#session;
    const { value } = this.#quoting.quoted;
    if (services.length === 0 || !isQuote(value)) return runText(rows);
    const text = sendText(value.send, value.cost, services.length);
    return services.length < rows.length ? `Run here, ${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
  }

  /** Tells the surroundings what a press would cost, and screen readers once it is known. */
  #tellPrice(): void {
    const { value } = this.#quoting.quoted;
    const said = isQuote(value) && this.#quoting.obstacle === null && !this.#foot.hidden ? this.#runText() : "";
    if (said !== "" && said !== this.#said) this.#session.around.say(said);
    this.#said = said === "" ? this.#said : said;
    const prepared = this.#session.services.length > 0 && !isRunning(this.#session.job.value);
    const cost = isQuote(value) && prepared ? value.cost : null;
    this.#session.around.priced?.(cost === null || cost === 0 ? null : dollars(cost));
  }

  #drawButtons(): void {
    const { offer, target, job, asking, channel, rows } = this.#session;
    const gone = channel.health.value === "gone" ? "The kernel is not answering" : null;
    const first = obstacle(offer.value, rows, target.value) ?? this.#quoting.obstacle;
    const why = first ?? this.#nothing() ?? (asking.value ? "Starting" : null);
    setText(this.#run, why ?? this.#runText());
    this.#run.title = gone ?? "";
    enable(this.#run, why === null && gone === null, gone ?? why ?? "");
    const stopping = job.value?.state === "stopping" ? "Stopping after this batch" : null;
    setText(this.#stop.lastElementChild ?? this.#stop, stopping ?? "Stop");
    this.#stop.title = gone ?? "";
    enable(this.#stop, stopping === null && gone === null, gone ?? stopping ?? "");
  }
}

/** The part behind the shell, and of the workbench. */
export const models: Part = (channel, cleanup, around) => new ModelPicker(channel, cleanup, around);

import type { Channel } from "../../channel.ts";
import { fill, h, setText } from "../../dom.ts";
import { counted, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Around } from "../../part.ts";
import type { LabState } from "../../protocol/laboratory.ts";
import type { Cleanup } from "../../signal.ts";
import { button } from "../shared/button.ts";
import { refused } from "../shared/refused.ts";
import { AskingPanel } from "./asking.ts";
import { madeOf } from "./wording.ts";

/** Before there are answers to compare: what asking for them takes, and how far it is. */
export class Start {
  readonly element: HTMLElement;
  onStarted: () => void = () => undefined;
  readonly #channel: Channel;
  readonly #around: Around;
  readonly #cleanup: Cleanup;
  readonly #title = h("h2", { class: "lb-title" });
  readonly #line = h("p", { class: "lb-line lr-t2" });
  readonly #problems = h("div", { class: "lb-problems" });
  readonly #panel: AskingPanel;
  readonly #stop: HTMLButtonElement;
  #quoted = false;

  constructor(channel: Channel, cleanup: Cleanup, around: Around) {
    this.#channel = channel;
    this.#around = around;
    this.#cleanup = cleanup;
    this.#panel = new AskingPanel(around.say, (budget, quoted) => void this.#run(budget, quoted));
    this.#stop = button("Stop", { icon: "stop", onClick: () => void this.#halt() });
    this.element = h(
      "div",
      { class: "lb-view lb-start", attrs: { hidden: true } },
      h(
        "div",
        { class: "lb-start-body" },
        this.#title,
        this.#line,
        this.#problems,
        this.#panel.element,
        h("div", { class: "lb-actions" }, this.#stop),
      ),
    );
  }

  focus(): void {
    if (this.#stop.hidden) this.#panel.focus();
    else this.#stop.focus({ preventScroll: true });
  }

  show(state: LabState): void {
    const { over, running, asked, questions, problems } = state;
    setText(this.#title, running ? `Asking: ${number(asked)} of ${counted(questions, "answer")}` : "Nothing asked yet");
    setText(this.#line, `${madeOf(state)}, which stand for ${counted(over, "image")}.`);
    fill(
      this.#problems,
      ...Object.entries(problems).map(([name, why]) =>
        h("div", { class: "lr-row lr-warn" }, icon("warning"), h("span", {}, `${name}: ${why}`)),
      ),
    );
    this.#panel.element.hidden = running;
    this.#stop.hidden = !running;
    if (!(running || this.#quoted) && asked < questions) void this.#quote(state);
  }

  async #quote({ paid, questions, asked }: LabState): Promise<void> {
    this.#quoted = true;
    try {
      const { ok } = await this.#channel.request("lab.quote", {}, this.#cleanup.signal);
      const why = this.#around.hello.value?.readonly ? "Read only" : "";
      const label = `Ask ${counted(questions - asked, "question")}`;
      this.#panel.show({ ...ok, free: !paid, obstacle: null, label }, why);
    } catch (error) {
      refused(this.#around, error);
    }
  }

  async #run(budget: number | null, quoted: number): Promise<void> {
    this.#quoted = false; // what is left afterwards has another price
    try {
      await this.#channel.request("lab.run", { budget, quoted });
    } catch (error) {
      refused(this.#around, error);
    }
    this.onStarted();
  }

  async #halt(): Promise<void> {
    try {
      await this.#channel.request("lab.stop", {});
      this.onStarted();
    } catch (error) {
      refused(this.#around, error);
    }
  }
}

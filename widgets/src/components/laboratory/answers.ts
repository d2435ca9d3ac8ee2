import { split } from "../../buffers.ts";
import type { Channel } from "../../channel.ts";
import { fill, h, setText } from "../../dom.ts";
import { counted, dollars, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { LabAnswer, LabRow, LabText } from "../../protocol/laboratory.ts";
import type { Cleanup } from "../../signal.ts";
import { Thumbs } from "../gallery/thumbs.ts";
import { iconButton } from "../shared/button.ts";
import { secondsOf } from "./wording.ts";

const SIZE = 192;
const KEPT = 256;

/** What one prompt and one model said of each image. */
export class Answers {
  readonly element: HTMLElement;
  onClose: () => void = () => undefined;
  readonly #title = h("span", { class: "lr-strong lr-cut lr-space" });
  readonly #prompt = h("div", { class: "lb-prompt-text lr-t2" });
  readonly #list = h("div", { class: "lb-answers", attrs: { role: "list", tabindex: 0, "aria-label": "Answers" } });
  readonly #thumbs: Thumbs;
  readonly #waiting = new Map<number, HTMLImageElement>();

  constructor(channel: Channel, cleanup: Cleanup) {
    this.element = h(
      "section",
      { class: "lb-detail", attrs: { "aria-label": "Answers of one prompt and model", hidden: true } },
      h(
        "div",
        { class: "lb-detail-head" },
        this.#title,
        iconButton("close", "Close the answers (Esc)", () => this.onClose(), { small: true }),
      ),
      this.#list,
    );
    this.#thumbs = new Thumbs(
      async (ids, size, signal) => {
        const { ok, buffers } = await channel.request("thumbs", { version: 0, ids, size }, signal);
        return { ...ok, parts: split(buffers[0] ?? new Uint8Array(), ok.lengths) };
      },
      (id, thumb) => {
        const image = this.#waiting.get(id);
        if (image && "url" in thumb) image.src = thumb.url;
      },
      KEPT,
    );
    cleanup.add(() => this.#thumbs.close());
  }

  show(row: LabRow, answers: readonly LabAnswer[]): void {
    setText(this.#title, `${row.prompt} · ${row.model}`);
    this.#title.title = `${row.prompt} · ${row.model}`;
    setText(this.#prompt, row.text);
    const { scrollTop } = this.#list;
    this.#waiting.clear();
    fill(this.#list, this.#prompt, ...answers.map((answer) => this.#answer(answer)));
    this.#list.scrollTop = scrollTop;
    this.#thumbs.want(
      answers.map(({ image }) => image),
      SIZE,
    );
  }

  #answer(answer: LabAnswer): HTMLElement {
    return h(
      "div",
      { class: "lb-answer", attrs: { role: "listitem" } },
      h("span", { class: "lb-thumb", title: answer.name }, this.#thumbnail(answer)),
      h("div", { class: "lb-said" }, ...said(answer)),
    );
  }

  #thumbnail({ image, name }: LabAnswer): HTMLImageElement {
    const element = h("img", { attrs: { alt: name, decoding: "async", draggable: "false" } });
    const thumb = this.#thumbs.get(image);
    if (thumb && "url" in thumb) element.src = thumb.url;
    this.#waiting.set(image, element);
    return element;
  }
}

function said(answer: LabAnswer): HTMLElement[] {
  if (answer.ending === "not asked") return [h("span", { class: "lr-t3" }, "Not asked yet")];
  if (answer.ending === "left out") return [h("span", { class: "lr-t3" }, `Left out: ${answer.why}`)];
  if (answer.ending !== "answered") {
    const word = answer.ending === "refused" ? "Refused" : "Failed";
    const why = answer.why ? `${word}: ${answer.why.replaceAll("_", " ")}` : word;
    return [h("span", { class: "lr-row lr-warn" }, icon(answer.ending === "refused" ? "refused" : "warning"), why)];
  }
  const several = answer.texts.length > 1;
  const cost = answer.cost === null ? "cost unknown" : answer.cost > 0 && dollars(answer.cost);
  return answer.texts
    .flatMap((text, at) => [
      several && h("span", { class: "lb-variant lr-t3" }, text.variant),
      h("div", { class: "lb-answer-text" }, text.text),
      figures(text, at === 0 ? [cost, secondsOf(answer.seconds)] : []),
    ])
    .filter((each): each is HTMLElement => each instanceof HTMLElement);
}

function figures(text: LabText, more: readonly (string | false)[]): HTMLElement {
  const over = text.tokens > text.limit;
  const rest = [counted(text.words, "word"), ...more].filter(Boolean).join(" · ");
  return h(
    "div",
    { class: "lb-figures lr-t3" },
    h("span", { class: over ? "lr-warn" : "" }, `${number(text.tokens)} / ${number(text.limit)}`),
    h("span", {}, rest),
    ...text.lint.map((rule) => h("span", { class: "lr-row lr-warn" }, icon("warning", 12), rule)),
  );
}

import { isAbort } from "../../channel.ts";
import { fill, h, setAttribute } from "../../dom.ts";
import { number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { TokenCount } from "../../protocol/tagging.ts";
import type { Cleanup, Dispose } from "../../signal.ts";
import type { Session } from "./session.ts";

const CALM_MS = 150;

/** The count that matters: the encoder that stops reading first, else the fullest one. */
export function tightest(counts: readonly TokenCount[]): TokenCount | null {
  const share = (count: TokenCount) => count.count / Math.max(1, count.limit);
  return counts.toSorted((a, b) => share(b) - share(a))[0] ?? null;
}

/** `34 / 75`, `≈34 / 75` where it is an estimate. */
export function tokenText({ count, limit, exact }: TokenCount): string {
  return `${exact ? "" : "≈"}${number(count)} / ${number(limit)}`;
}

/** The same in words, for the tooltip and for screen readers. */
export function tokenWords({ count, limit, exact, encoder }: TokenCount): string {
  const kind = exact ? `tokens of ${encoder}` : `tokens of ${encoder}, estimated`;
  const rest = count > limit ? ": the rest is not read" : "";
  return `${exact ? "" : "about "}${number(count)} of ${number(limit)} ${kind}${rest}`;
}

/** How much of a text encoder's room a caption takes; it is asked again as the text changes. */
export class TokenMeter {
  readonly element = h("span", { class: "te-tokens", attrs: { role: "img", hidden: true } });
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  readonly #cut: (at: number | null) => void;
  #calm: Dispose | null = null;
  #asking: AbortController | null = null;
  #asked: string | null = null;

  /** @param cut is told where reading ends in the text counted; null where all is read. */
  constructor(session: Session, cut: (at: number | null) => void, cleanup: Cleanup) {
    this.#session = session;
    this.#cut = cut;
    this.#cleanup = cleanup;
    cleanup.add(() => this.#asking?.abort());
  }

  count(text: string): void {
    if (text === this.#asked) return;
    this.#asked = text;
    this.#calm?.();
    this.#asking?.abort();
    this.element.classList.add("te-tokens-stale");
    this.#cut(null);
    if (text.trim() === "") this.#show(null);
    else this.#calm = this.#cleanup.after(CALM_MS, () => void this.#ask(text));
  }

  async #ask(text: string): Promise<void> {
    const abort = new AbortController();
    this.#asking = abort;
    try {
      const { ok } = await this.#session.channel.request("captions.tokens", { text }, abort.signal);
      if (!abort.signal.aborted) this.#show(tightest(ok.tokens));
    } catch (error) {
      // Without a count the caption is as good; the state of the kernel is shown elsewhere.
      if (!isAbort(error)) this.#show(null);
    }
  }

  #show(found: TokenCount | null): void {
    this.element.hidden = found === null;
    this.element.classList.remove("te-tokens-stale");
    if (found === null) return;
    const over = found.count > found.limit;
    const share = Math.min(1, found.count / Math.max(1, found.limit));
    this.element.title = tokenWords(found);
    setAttribute(this.element, "aria-label", this.element.title);
    this.element.classList.toggle("te-tokens-over", over);
    fill(
      this.element,
      over && icon("warning", 12),
      h("span", { class: "te-meter" }, h("span", { class: "te-meter-fill", style: { transform: `scaleX(${share})` } })),
      tokenText(found),
    );
    this.#cut(over ? found.cut : null);
  }
}

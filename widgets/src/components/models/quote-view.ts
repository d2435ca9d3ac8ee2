import { fill, h, setAttribute, setText } from "../../dom.ts";
import { counted, dollars, duration, number } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Quote, Wishes } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import { Menu, type MenuItem } from "../shared/menu.ts";
import { budgetField, inDollars } from "./budget.ts";
import { amount, tokens } from "./money.ts";
import { isQuote, type Quoting } from "./quoting.ts";
import { refusedBy, searchAlso } from "./searching.ts";
import type { Session } from "./session.ts";
import { leftOf, sentAway } from "./wording.ts";

const WITHHELD: readonly (readonly string[])[] = [[], ["explicit"], ["questionable", "explicit"]];

/** What services would be sent, what it costs, where it stops and what leaves the machine: the only confirmation. */
export class QuoteView {
  readonly element: HTMLElement;
  readonly #session: Session;
  readonly #quoting: Quoting;
  readonly #menu: Menu;
  readonly #facts = new Map<string, { name: HTMLElement; value: HTMLElement; choice: HTMLButtonElement | null }>();
  readonly #refused: HTMLButtonElement;
  readonly #unknown: HTMLButtonElement;
  readonly #withheld: HTMLButtonElement;
  readonly #budget: HTMLInputElement;
  readonly #batch: HTMLInputElement;
  readonly #batchLine: HTMLElement;
  readonly #leaves = h("span");
  readonly #where = h("span", { class: "lr-row" });
  readonly #notes = h("div", { class: "mp-notes lr-warn mp-wrap" });
  readonly #problem = h("div", { class: "lr-bad mp-wrap" });

  constructor(session: Session, quoting: Quoting, menuRoot: HTMLElement, cleanup: Cleanup) {
    this.#session = session;
    this.#quoting = quoting;
    this.#menu = new Menu(menuRoot, cleanup);
    this.#refused = this.#choice("What happens to images refused before", () => this.#refusedItems());
    this.#unknown = this.#choice("What happens to images with an unknown outcome", () => this.#unknownItems());
    this.#withheld = this.#choice("Ratings that stay here", () => this.#withheldItems());
    this.#budget = budgetField((value, fits) => quoting.stopAt(value, fits));
    this.#batch = h("input", {
      class: "mp-tick",
      attrs: { type: "checkbox" },
      on: { change: () => quoting.wish({ batch: this.#batch.checked }) },
    });
    this.#batchLine = h("label", { class: "mp-batch" }, this.#batch, "Answer within a day, half price");
    this.element = h(
      "div",
      { class: "mp-quote", attrs: { role: "group", "aria-label": "Quote" } },
      h(
        "div",
        { class: "mp-facts" },
        ...this.#fact("images"),
        ...this.#fact("services", "Services"),
        ...this.#fact("answered", "Already answered"),
        ...this.#fact("prohibited", "Never sent again"),
        ...this.#fact("refused", "Refused before", this.#refused),
        ...this.#fact("unknown", "Outcome unknown", this.#unknown),
        ...this.#fact("withheld", "Withheld", this.#withheld),
        ...this.#fact("claimed", "Being asked already"),
        ...this.#fact("send", "Will be sent"),
        ...this.#fact("here", "On this machine"),
      ),
      h("div", { class: "mp-hairline" }),
      h(
        "div",
        { class: "mp-facts" },
        ...this.#fact("tokens", "Tokens"),
        ...this.#fact("cost", "Cost"),
        ...this.#fact("time", "Time"),
        ...this.#stopAt(),
      ),
      this.#batchLine,
      this.#notes,
      h("div", { class: "mp-note" }, this.#where, this.#leaves),
      this.#problem,
    );
    const draw = (): void => this.#draw();
    for (const signal of [session.offer, session.picked, session.options]) cleanup.add(signal.subscribe(draw));
    cleanup.add(quoting.quoted.subscribe(draw));
    cleanup.add(quoting.fresh.subscribe(draw));
    this.#draw();
  }

  #fact(key: string, text = "", choice: HTMLButtonElement | null = null): HTMLElement[] {
    const name = h("span", { class: "lr-t3" }, text);
    const value = h("span", { class: "lr-cut" });
    this.#facts.set(key, { name, value, choice });
    return [name, h("span", { class: "mp-fact" }, choice, value)];
  }

  #choice(label: string, items: () => readonly MenuItem[]): HTMLButtonElement {
    const element = h(
      "button",
      { class: "lr-btn lr-btn-link mp-choice", title: label, attrs: { type: "button", "aria-haspopup": "menu" } },
      h("span"),
      icon("down", 12),
    );
    element.addEventListener("click", () => this.#menu.openUnder(element, items()));
    return element;
  }

  #stopAt(): HTMLElement[] {
    const name = h("label", { class: "lr-t3", attrs: { for: this.#budget.id } });
    const value = inDollars(this.#budget);
    this.#facts.set("stop", { name, value, choice: null });
    return [name, h("span", { class: "mp-fact" }, value)];
  }

  #draw(): void {
    const { services, rows, target, offer } = this.#session;
    this.element.hidden = services.length === 0;
    if (services.length === 0) return;
    const { value } = this.#quoting.quoted;
    const quote = isQuote(value) ? value : null;
    const here = rows.filter((row) => row.service === null);
    setText(this.#problem, value !== null && "problem" in value ? value.problem : "");
    this.#name("images", target.value === "selected" ? "Selected" : "In view");
    this.#write("images", counted(quote?.images ?? offer.value?.images ?? 0, "image"));
    this.#write("services", services.length > 1 ? number(services.length) : null);
    this.#write("here", here.length > 0 ? counted(leftOf(here), here.length === 1 ? "image" : "answer") : null);
    this.#drawWishes(quote);
    this.#drawFigures(quote, services.length === 1 ? "image" : "picture");
    this.element.classList.toggle("mp-stale", !this.#quoting.fresh.value);
  }

  #drawWishes(quote: Quote | null): void {
    const { refused, unknown, withhold, batch, budget } = this.#quoting.wishes;
    this.#write("answered", less(quote?.answered));
    this.#write("prohibited", quote && quote.prohibited > 0 ? less(quote.prohibited) : null);
    this.#drawChoice("refused", refused, quote?.refused ?? 0);
    this.#drawChoice("unknown", unknown, quote?.unknown ?? 0);
    this.#write("withheld", withhold.length > 0 ? less(quote?.withheld) : "");
    setChoice(this.#withheld, withhold.join(" and ") || "none");
    this.#write("claimed", quote && quote.claimed > 0 ? less(quote.claimed) : null);
    this.#batchLine.hidden = !this.#session.services.some((row) => row.service?.batch);
    this.#batch.checked = batch;
    this.#name("stop", this.#quoting.calls > 1 ? "Stop each at" : "Stop at");
    // What somebody is typing stays as it is typed.
    if (this.#quoting.amountFits.value && amount(this.#budget.value) !== budget) {
      this.#budget.value = budget === null ? "" : budget.toFixed(2);
      setAttribute(this.#budget, "aria-invalid", null);
    }
  }

  #drawChoice(key: "refused" | "unknown", wish: "skip" | "send", count: number): void {
    const choice = this.#facts.get(key)?.choice;
    const there = count > 0 || wish === "send";
    const text = wish === "skip" ? less(count) : number(count);
    this.#write(key, there ? text : null);
    if (choice) setChoice(choice, wish);
  }

  #drawFigures(quote: Quote | null, singular: string): void {
    const { batch, budget } = this.#quoting.wishes;
    this.#write("send", quote ? counted(quote.send, singular) : "");
    this.#strong("send", true);
    this.#write("tokens", quote ? tokensOf(quote) : "");
    this.#write("cost", quote ? costOf(quote) : "");
    this.#strong("cost", quote?.cost !== null);
    this.#write("time", quote ? timeOf(quote, batch) : "");
    const inside = new Set(this.#session.services.filter((row) => row.inside).map((row) => row.id));
    setText(this.#leaves, quote ? sentAway(quote, (model) => inside.has(model.id)) : "");
    fill(this.#where, icon(this.#session.services.every((row) => row.inside) ? "disk" : "cloud"));
    const early = quote?.cost != null && budget !== null && budget < quote.cost && this.#quoting.calls < 2;
    const unrated = quote?.models.reduce((most, model) => Math.max(most, model.unrated), 0) ?? 0;
    const notes = [
      early && "Stops before all of them are sent.",
      unrated > 0 && `${counted(unrated, "image")} without a rating would be sent: run a model that rates first.`,
      quote &&
        quote.refusals !== null &&
        quote.refusals > 0 &&
        `About ${number(quote.refusals)} will be refused, as before.`,
    ];
    fill(this.#notes, ...notes.map((note) => note && h("div", {}, note)));
  }

  /** Null where there is nothing to say: the line is not there then. */
  #write(key: string, text: string | null): void {
    const fact = this.#facts.get(key);
    if (!fact) return;
    fact.name.hidden = text === null;
    if (fact.value.parentElement) fact.value.parentElement.hidden = text === null;
    setText(fact.value, text ?? "");
    fact.value.title = text ?? "";
  }

  #name(key: string, text: string): void {
    const fact = this.#facts.get(key);
    if (fact) setText(fact.name, text);
  }

  #strong(key: string, strong: boolean): void {
    const fact = this.#facts.get(key);
    fact?.value.classList.toggle("lr-strong", strong);
    if (key === "send") fact?.name.classList.replace("lr-t3", "lr-strong");
  }

  #refusedItems(): MenuItem[] {
    const { value } = this.#quoting.quoted;
    const models = isQuote(value) ? value.models : [];
    const by = models.filter((model) => model.refused > 0).map((model) => model.id);
    return [
      ...this.#either("refused"),
      {
        label: "Show them in the gallery",
        icon: "search",
        disabled: by.length === 0,
        run: () => void searchAlso(this.#session, refusedBy(by)),
      },
    ];
  }

  #unknownItems(): MenuItem[] {
    return this.#either("unknown");
  }

  #either(key: "refused" | "unknown"): MenuItem[] {
    const now = this.#quoting.wishes[key];
    const item = (wish: "skip" | "send", label: string): MenuItem => ({
      label,
      checked: now === wish,
      run: () => this.#quoting.wish(key === "refused" ? { refused: wish } : { unknown: wish }),
    });
    const again = key === "refused" ? "Send them again" : "Send them again: some may be paid for twice";
    return [item("skip", "Skip them"), item("send", again)];
  }

  #withheldItems(): MenuItem[] {
    const now = this.#quoting.wishes.withhold.join();
    const wish = (withhold: readonly string[]): Partial<Wishes> => ({ withhold: [...withhold] });
    return WITHHELD.map((ratings) => ({
      label: ratings.join(" and ") || "none",
      checked: ratings.join() === now,
      run: () => this.#quoting.wish(wish(ratings)),
    }));
  }
}

/** What was chosen, and for screen readers of what. */
function setChoice(choice: HTMLButtonElement, chosen: string): void {
  setText(choice.firstElementChild ?? choice, chosen);
  setAttribute(choice, "aria-label", `${choice.title}: ${chosen}`);
}

function less(count: number | undefined): string {
  if (count === undefined) return "";
  return count === 0 ? "0" : `− ${number(count)}`;
}

function tokensOf({ tokens_in, tokens_out }: Quote): string {
  const read = tokens_in === null ? "unknown in" : `${tokens(tokens_in)} in`;
  return `${read} · ${tokens_out === null ? "unknown out" : `${tokens(tokens_out)} out`}`;
}

function costOf({ cost, at_most, send }: Quote): string {
  if (cost === null) return "price unknown";
  if (cost === 0) return send === 0 ? "nothing" : "free";
  return at_most === null ? `about ${dollars(cost)}` : `about ${dollars(cost)}, at most ${dollars(at_most)}`;
}

function timeOf({ seconds, send }: Quote, batch: boolean): string {
  if (send === 0) return "none";
  if (batch) return "within a day";
  return seconds === null ? "not measured yet" : `about ${duration(seconds)}`;
}

import { isAbort } from "../../channel.ts";
import type { ModelKinds, Quote, Wishes } from "../../protocol/models.ts";
import { type Cleanup, Signal } from "../../signal.ts";
import { stopAbove } from "./money.ts";
import { isRunning, NO_WISHES, type Session, textOf } from "./session.ts";

/** Somebody picks or types: asked once they pause. */
const CALM_MS = 150;
/** A server that was asked whether it answers is left alone for a while. */
const ASKED_FOR_MS = 30_000;

export type Prices = ModelKinds["models.prices"]["ok"];
/** What services would be sent, or why nobody can say. */
export type Quoted = Quote | { problem: string };

export function isQuote(quoted: Quoted | null): quoted is Quote {
  return quoted !== null && !("problem" in quoted);
}

/** What runs of services take: the price of each row, the quote of those picked, and what a run of them may do. */
export class Quoting {
  /** Null until the kernel said it; the rows stand before that. */
  readonly prices = new Signal<Prices | null>(null);
  /** Services at addresses where nothing answers. */
  readonly silent = new Signal<ReadonlySet<string>>(new Set());
  /** The last quote for what is picked; shown on while a newer one is asked for. */
  readonly quoted = new Signal<Quoted | null>(null);
  /** Whether the quote is of now. */
  readonly fresh = new Signal(false);
  /** Whether what stands as the amount to stop at is one. */
  readonly amountFits = new Signal(true);
  readonly #session: Session;
  readonly #cleanup: Cleanup;
  #due: (() => void) | null = null;
  #request: AbortController | null = null;
  #pricing: AbortController | null = null;
  #typed = false;
  #asked = "";
  /** What the prices were asked for. */
  #pricedFor = "";
  #reachedAt = Number.NEGATIVE_INFINITY;

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.#cleanup = cleanup;
    cleanup.add(session.picked.subscribe(() => this.#pick()));
    cleanup.add(session.options.subscribe(() => this.#ask(false)));
    cleanup.add(
      session.target.subscribe(() => {
        this.prices.value = null;
      }),
    );
    cleanup.add(
      session.offer.subscribe((offer) => {
        if (offer !== null && !isRunning(session.job.value)) this.#price();
        this.#ask(true);
      }),
    );
    // What is quoted while a run is under way is not what is left when it ends.
    cleanup.add(
      session.job.subscribe((job) => {
        if (!isRunning(job)) return;
        this.#pricedFor = "";
        this.#ask(true);
      }),
    );
    cleanup.add(() => {
      this.#request?.abort();
      this.#pricing?.abort();
    });
  }

  get wishes(): Wishes {
    return this.#session.options.value.wishes ?? NO_WISHES;
  }

  /** Calls that ask services: models asked in a way of their own have one each. */
  get calls(): number {
    const own = this.#session.options.value.parameters;
    const { services } = this.#session;
    const alone = services.filter((row) => Object.keys(own[row.id] ?? {}).length > 0).length;
    return alone + (services.length > alone ? 1 : 0);
  }

  wish(change: Partial<Wishes>): void {
    this.#session.options.value = { ...this.#session.options.value, wishes: { ...this.wishes, ...change } };
  }

  /** Somebody set the amount to stop at: no quote changes it from now on. */
  stopAt(budget: number | null, fits: boolean): void {
    this.#typed = true;
    this.amountFits.value = fits;
    if (fits) this.wish({ budget });
  }

  /** Why a run of services cannot be started yet; null where it can, or none is picked. */
  get obstacle(): string | null {
    if (this.#session.services.length === 0) return null;
    const { value } = this.quoted;
    if (value !== null && !isQuote(value)) return "No price: see above";
    if (value === null || !this.fresh.value) return "Working out the price";
    return this.amountFits.value ? null : "Stop at is not an amount";
  }

  /** What was typed and wished was for other models. */
  #pick(): void {
    const batch = this.wishes.batch && this.#session.services.some((row) => row.service?.batch);
    this.#typed = false;
    this.amountFits.value = true;
    this.quoted.value = null;
    this.#asked = "";
    if (this.#session.services.length > 0) this.wish({ budget: null, batch });
  }

  #ask(again: boolean): void {
    const { offer, services } = this.#session;
    const asked = JSON.stringify(this.#question());
    if (!again && asked === this.#asked) return;
    this.#asked = asked;
    this.#request?.abort();
    this.#due?.();
    this.#due = null;
    this.fresh.value = false;
    if (offer.value === null || services.length === 0 || isRunning(this.#session.job.value)) return;
    this.#due = this.#cleanup.after(CALM_MS, () => this.#quote());
  }

  /** Where a run stops changes nothing in what it is quoted at. */
  #question(): ModelKinds["models.quote"]["ask"] {
    const asked = this.#session.asked(this.#session.services);
    return { ...asked, options: { ...asked.options, wishes: { ...this.wishes, budget: null } } };
  }

  async #quote(): Promise<void> {
    const request = new AbortController();
    this.#request = request;
    try {
      const { ok } = await this.#session.channel.request("models.quote", this.#question(), request.signal);
      this.#prefill(ok);
      this.quoted.value = ok;
      this.fresh.value = true;
    } catch (error) {
      if (!isAbort(error)) this.quoted.value = { problem: textOf(error) };
    }
  }

  #prefill(quote: Quote): void {
    if (this.#typed) return;
    const most = quote.at_most;
    // Where each call stops by itself, each may take what the dearest model takes at most.
    const each = this.calls > 1 ? Math.max(...quote.models.map((model) => model.at_most ?? 0)) : (most ?? 0);
    const budget = most === null || most === 0 ? null : stopAbove(each);
    if (budget !== this.wishes.budget) this.wish({ budget });
  }

  /** After the list is shown: neither prices nor servers that keep silent may hold it up. */
  #price(): void {
    const { offer, target } = this.#session;
    const able = offer.value?.rows.filter((row) => row.service !== null && row.available) ?? [];
    const asked = JSON.stringify([target.value, offer.value?.images, able.map((row) => [row.id, row.todo])]);
    const reach = able.some((row) => row.own) && Date.now() - this.#reachedAt > ASKED_FOR_MS;
    if (asked === this.#pricedFor && !reach) return;
    this.#pricing?.abort();
    const request = new AbortController();
    this.#pricing = request;
    if (reach) this.#reachedAt = Date.now();
    this.#pricedFor = asked;
    const requests = [able.length > 0 && this.#askPrices(request.signal), reach && this.#askSilent()];
    for (const one of requests) if (one) one.catch((error: unknown) => this.#session.refused(error));
  }

  async #askPrices(signal: AbortSignal): Promise<void> {
    const { channel, target } = this.#session;
    this.prices.value = (await channel.request("models.prices", { target: target.value }, signal)).ok;
  }

  async #askSilent(): Promise<void> {
    const { ok } = await this.#session.channel.request("models.silent", {});
    const before = this.silent.value;
    if (ok.silent.length === before.size && ok.silent.every((id) => before.has(id))) return;
    this.silent.value = new Set(ok.silent);
    this.#session.drop(this.silent.value);
  }

  /** Asks once more which servers answer. */
  reach(): void {
    this.#reachedAt = Number.NEGATIVE_INFINITY;
    this.#price();
  }
}

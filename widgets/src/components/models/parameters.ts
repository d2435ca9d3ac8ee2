import { fill, h, setAttribute, uniqueId } from "../../dom.ts";
import type { ModelRow, Prompt, RunOptions, ServiceRow } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import type { Session } from "./session.ts";

const LONGEST_ANSWER = 8192;
/** Of a service. */
const [FEWEST_SERVICE, LONGEST_SERVICE] = [16, 20_000];
/** Kinds whose tags have scores. */
const SCORED: ReadonlySet<string> = new Set(["tagger", "annotator"]);

/** How a run is made: what one may say besides the models, folded until somebody wants to. */
export class Parameters {
  readonly element = h("details", { class: "mp-options" });
  readonly #session: Session;
  readonly #fields = h("div", { class: "mp-fields" });
  /** The models the fields were made for: typing in one must not make it again. */
  #made = "";

  constructor(session: Session, cleanup: Cleanup) {
    this.#session = session;
    this.element.append(h("summary", {}, "Options"), this.#fields);
    cleanup.add(session.picked.subscribe(() => this.#draw()));
    cleanup.add(session.offer.subscribe(() => this.#draw()));
    this.#draw();
  }

  #draw(): void {
    const { rows } = this.#session;
    this.element.hidden = rows.length === 0;
    const made = rows.map((row) => row.id).join("\n");
    if (made === this.#made) return;
    this.#made = made;
    const { batch, floor } = this.#session.options.value;
    fill(
      this.#fields,
      ...(rows.some((row) => row.service === null)
        ? field(
            "Images at a time",
            wholeNumber(batch, "automatic", 4096, (value) => this.#set({ batch: value })),
          )
        : []),
      ...(rows.some((row) => SCORED.has(row.kind))
        ? field(
            "Lowest score kept",
            share(floor, "0.001", (value) => this.#set({ floor: value })),
          )
        : []),
      ...rows.flatMap((row) => this.#asked(row, rows.length > 1)),
    );
  }

  /** Fields of a model that is asked in words; several such models are told apart by their names. */
  #asked(row: ModelRow, named: boolean): HTMLElement[] {
    if (row.service !== null) return this.#prompted(row, row.service, named ? ` of ${row.name}` : "");
    if (row.generation === null) return [];
    const of = named ? ` of ${row.name}` : "";
    const said = this.#session.options.value.parameters[row.id];
    const prompt = h("textarea", {
      class: "mp-text",
      attrs: { rows: 3, placeholder: row.generation.prompt, spellcheck: "false" },
      on: { input: () => this.#ask(row, { prompt: prompt.value.trim() === "" ? undefined : prompt.value }) },
    });
    prompt.value = String(said?.prompt ?? "");
    const longest = wholeNumber(
      asNumber(said?.max_new_tokens),
      String(row.generation.max_new_tokens),
      LONGEST_ANSWER,
      (value) => this.#ask(row, { max_new_tokens: value ?? undefined }),
    );
    return [...field(`Prompt${of}`, prompt), ...field(`Longest answer, tokens${of}`, longest)];
  }

  /** A prompt of the list, whose words may be changed: asked with others it is another prompt. */
  #prompted(row: ModelRow, service: ServiceRow, of: string): HTMLElement[] {
    const prompts = this.#session.offer.value?.prompts ?? [];
    const said = this.#session.options.value.parameters[row.id];
    const chosen = (): Prompt | undefined => prompts.find((prompt) => prompt.name === list.value);
    const words = h("textarea", {
      class: "mp-text",
      attrs: { rows: 4, spellcheck: "false" },
      on: { input: () => this.#ask(row, { prompt: asked(chosen(), words.value, service) }) },
    });
    const list = h(
      "select",
      {
        class: "mp-entry mp-list-entry",
        on: {
          change: () => {
            words.value = chosen()?.text.trim() ?? "";
            this.#ask(row, { prompt: asked(chosen(), words.value, service) });
          },
        },
      },
      ...prompts.map((prompt) => h("option", { attrs: { value: prompt.name } }, titleOf(prompt))),
    );
    const held = said?.prompt;
    const own = typeof held === "object" && held !== null ? (held as Prompt) : null;
    list.value = own?.name ?? (typeof held === "string" ? held : service.prompt);
    words.value = (own ?? chosen())?.text.trim() ?? "";
    const longest = wholeNumber(
      asNumber(said?.max_tokens),
      String(service.max_tokens),
      LONGEST_SERVICE,
      (value) => this.#ask(row, { max_tokens: value ?? undefined }),
      FEWEST_SERVICE,
    );
    const trigger = h("input", {
      class: "mp-entry",
      title: "Stands for {trigger} in the prompt",
      attrs: { type: "text", autocomplete: "off" },
      on: { input: () => this.#ask(row, { trigger: trigger.value.trim() || undefined }) },
    });
    trigger.value = String(said?.trigger ?? "");
    return [
      ...field(`Prompt${of}`, list),
      ...field(`Words of the prompt${of}`, words),
      ...field(`Trigger${of}`, trigger),
      ...field(`Longest answer, tokens${of}`, longest),
    ];
  }

  #set(change: Partial<RunOptions>): void {
    this.#session.options.value = { ...this.#session.options.value, ...change };
  }

  #ask(row: ModelRow, change: Record<string, unknown>): void {
    const { parameters } = this.#session.options.value;
    const next = Object.entries({ ...parameters[row.id], ...change }).filter(([, value]) => value !== undefined);
    this.#set({ parameters: { ...parameters, [row.id]: Object.fromEntries(next) } });
  }
}

function field(name: string, input: HTMLElement): HTMLElement[] {
  input.id = uniqueId("option");
  return [h("label", { class: "lr-t3", attrs: { for: input.id } }, name), input];
}

/** What is asked instead of what the row says; undefined where it is the same. */
function asked(prompt: Prompt | undefined, words: string, service: ServiceRow): string | object | undefined {
  if (prompt === undefined) return undefined;
  const same = words.trim() === "" || words.trim() === prompt.text.trim();
  if (same) return prompt.name === service.prompt ? undefined : prompt.name;
  const { makes: _makes, ...rest } = prompt;
  return { ...rest, version: "edited", text: words };
}

function titleOf({ name, targets, makes }: Prompt): string {
  return `${name}: ${makes}${targets.length === 0 ? "" : `, for ${targets.join(", ")}`}`;
}

function asNumber(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function wholeNumber(
  value: number | null,
  placeholder: string,
  most: number,
  tell: (value: number | null) => void,
  least = 1,
): HTMLInputElement {
  return entry(value, placeholder, `A whole number from ${least} to ${most}`, tell, (given) => {
    return Number.isInteger(given) && given >= least && given <= most;
  });
}

function share(value: number | null, placeholder: string, tell: (value: number | null) => void): HTMLInputElement {
  return entry(value, placeholder, "A number from 0 up to 1", tell, (given) => given >= 0 && given < 1);
}

/** A number somebody may type; empty is the default, and so is what means nothing until it is mended. */
function entry(
  value: number | null,
  placeholder: string,
  rule: string,
  tell: (value: number | null) => void,
  fits: (given: number) => boolean,
): HTMLInputElement {
  const input = h("input", {
    class: "mp-entry",
    title: rule,
    attrs: { type: "text", inputmode: "decimal", autocomplete: "off", placeholder },
    on: {
      input: () => {
        const text = input.value.trim();
        const good = text === "" || fits(Number(text));
        setAttribute(input, "aria-invalid", good ? null : true);
        tell(text === "" || !good ? null : Number(text));
      },
    },
  });
  input.value = value === null ? "" : String(value);
  return input;
}

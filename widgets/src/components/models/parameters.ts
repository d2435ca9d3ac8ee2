import { fill, h, setAttribute, uniqueId } from "../../dom.ts";
import type { Generation, ModelRow, RunOptions } from "../../protocol/models.ts";
import type { Cleanup } from "../../signal.ts";
import type { Session } from "./session.ts";

const LONGEST_ANSWER = 8192;
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
      ...field(
        "Images at a time",
        wholeNumber(batch, "automatic", 4096, (value) => this.#set({ batch: value })),
      ),
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
    if (row.generation === null) return [];
    const of = named ? ` of ${row.name}` : "";
    const said = this.#session.options.value.parameters[row.id];
    const prompt = h("textarea", {
      class: "mp-text",
      attrs: { rows: 3, placeholder: row.generation.prompt, spellcheck: "false" },
      on: { input: () => this.#ask(row, { prompt: prompt.value.trim() === "" ? undefined : prompt.value }) },
    });
    prompt.value = said?.prompt ?? "";
    const longest = wholeNumber(
      said?.max_new_tokens ?? null,
      String(row.generation.max_new_tokens),
      LONGEST_ANSWER,
      (value) => this.#ask(row, { max_new_tokens: value ?? undefined }),
    );
    return [...field(`Prompt${of}`, prompt), ...field(`Longest answer, tokens${of}`, longest)];
  }

  #set(change: Partial<RunOptions>): void {
    this.#session.options.value = { ...this.#session.options.value, ...change };
  }

  #ask(row: ModelRow, change: { [Key in keyof Generation]?: Generation[Key] | undefined }): void {
    const { parameters } = this.#session.options.value;
    const next = Object.entries({ ...parameters[row.id], ...change }).filter(([, value]) => value !== undefined);
    this.#set({ parameters: { ...parameters, [row.id]: Object.fromEntries(next) } });
  }
}

function field(name: string, input: HTMLElement): HTMLElement[] {
  input.id = uniqueId("option");
  return [h("label", { class: "lr-t3", attrs: { for: input.id } }, name), input];
}

function wholeNumber(
  value: number | null,
  placeholder: string,
  most: number,
  tell: (value: number | null) => void,
): HTMLInputElement {
  return entry(value, placeholder, `A whole number from 1 to ${most}`, tell, (given) => {
    return Number.isInteger(given) && given >= 1 && given <= most;
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

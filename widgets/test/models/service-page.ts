import type { Account, ModelRow, Prompt, Quote, QuotedModel, RunOptions } from "../../src/protocol/models.ts";
import { all, answer, box, last, open, row, tick } from "./page.ts";

export const MINI = "openai/gpt-5-mini";
export const CAPTION: Prompt = {
  name: "caption",
  version: "1",
  targets: [],
  system: "You describe.",
  text: "Describe it.",
  captions: ["default"],
  tags: false,
  rating: false,
  score: "",
  document: false,
  makes: "caption",
};
export const FLUX: Prompt = {
  ...CAPTION,
  name: "flux",
  targets: ["flux", "hidream"],
  text: "In prose.",
  makes: "caption, tags",
  tags: true,
};

export const service = (id: string, more: Partial<ModelRow> = {}): ModelRow =>
  row(id, {
    kind: "vlm_api",
    provider: "openai",
    place: "OpenAI",
    makes: "caption",
    runs: "away",
    price: null,
    service: { prompt: "caption", max_tokens: 1024, batch: true },
    ...more,
  });

export const figures = {
  answered: 61,
  refused: 2,
  unknown: 0,
  withheld: 0,
  prohibited: 0,
  claimed: 0,
  send: 1221,
  tokens_in: 1_040_000,
  tokens_out: 120_000,
  cost: 0.42,
  at_most: 0.55,
  seconds: 350,
  refusals: null,
};

export const quoted = (id: string, more: Partial<QuotedModel> = {}): QuotedModel => ({
  ...figures,
  id,
  provider: "openai",
  place: "OpenAI",
  long_edge: 768,
  says: [],
  unrated: 0,
  measured: 0,
  hours: null,
  ...more,
});

export const quote = (more: Partial<QuotedModel> = {}): Quote => {
  const only = quoted(MINI, more);
  return { ...only, images: 1284, models: [only] };
};

export const account = (more: Partial<Account> = {}): Account => ({
  answered: 1219,
  refused: [["openai", 2]],
  unknown: 0,
  failed: 0,
  cost: 0.39,
  ...more,
});

export const prompts = [CAPTION, FLUX];
export const options = (kind: string) => last(kind).payload.options as RunOptions;
/** A line of the quote, name and value; empty where it is not there. */
export const fact = (name: string): string => {
  const label = all(".mp-quote .mp-facts > *").find((item) => item.textContent === name && !item.hidden);
  return label?.nextElementSibling?.textContent ?? "";
};
export const field = (label: string): HTMLInputElement => {
  const named = all("label").find((item) => item.textContent === label) as HTMLLabelElement | undefined;
  const found = named && (document.getElementById(named.htmlFor) ?? named.querySelector("input"));
  if (!found) throw new Error(`no field ${label}`);
  return found as HTMLInputElement;
};
export const type = (input: HTMLInputElement | HTMLTextAreaElement, text: string): void => {
  input.value = text;
  input.dispatchEvent(new Event("input"));
};
export const press = (text: string): void =>
  all("button")
    .find((item) => item.textContent === text)
    ?.click();
export const choose = async (of: string, choice: string): Promise<void> => {
  all(".mp-choice")
    .find((item) => item.title === of)
    ?.click();
  all('[role^="menuitem"]')
    .find((item) => item.textContent === choice)
    ?.click();
  await tick(200);
};

export async function picked(more: Partial<QuotedModel> = {}, rows = [service(MINI)]): Promise<void> {
  await open(rows, { prompts });
  box(MINI).click();
  await tick(200);
  await answer("models.quote", quote(more));
}

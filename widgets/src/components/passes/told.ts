import { counted, number } from "../../format.ts";
import type { PassOrder, PassReport } from "../../protocol/passes.ts";

/** "wd-vit-tagger-v3" of "local/wd-vit-tagger-v3". */
export function shortModel(model: string): string {
  return model.slice(model.indexOf("/") + 1);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** At most three decimals, as thresholds are written: 0.35, 0.425. */
export function decimal(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

export function scoreWords(model: string | null, score: number | null): string {
  if (model === null) return "No model has scored this tag";
  if (score === null) return `${shortModel(model)} has not looked at it`;
  return score > 0 ? `${shortModel(model)} ${score.toFixed(2)}` : `${shortModel(model)} did not name it`;
}

/** "precision 81% (75% to 86%): 120 of 148 over 0.35 are right" */
export function precisionWords({ precision, low, high, right, shown, threshold }: PassReport): string {
  if (threshold === null) return "Its tags of this kind never count, so there is no precision to tell.";
  if (precision === null) return `No image over its threshold of ${decimal(threshold)} was answered yet.`;
  const images = counted(shown, "answered image");
  return `${percent(precision)} (${percent(low)} to ${percent(high)}): ${number(right)} of ${images} over ${decimal(threshold)} ${right === 1 ? "is" : "are"} right`;
}

/** What the answers stand for, which depends on how the images were chosen. */
export function sampleWords(order: PassOrder, left: number): string {
  if (left === 0) return "Every image is answered: this is no estimate.";
  if (order === "random") return "The images came in random order: the interval holds for all of them.";
  const first = order === "uncertain" ? "The most uncertain" : "The highest scores";
  return `${first} came first: this is about the images answered, not about all.`;
}

export function suggestionWords(suggestion: NonNullable<PassReport["suggestion"]>): string {
  const { precision, recall, answers } = suggestion;
  return `precision ${percent(precision)}, recall ${percent(recall)}, on ${counted(answers, "answer")}`;
}

/** How a part of a query is shown. A negated term is red with its `-`; the name of a field is blue. */
export type PartKind = "plain" | "negated" | "field" | "operator";

export interface Part {
  text: string;
  kind: PartKind;
}

/** Fields the language always knows; scores are known by what follows their colon. */
const FIELDS = new Set(
  (
    "caption width height aspect stars rating source tags tokens dataset is refused reason id hash name path category " +
    "order bytes format added pixels score has model megapixels"
  ).split(" "),
);
const TOKEN =
  /\s+|[()]|-?(?:score\([^)\s]*\)|[\w.-]+):(?:"[^"]*"?|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)|-?"[^"]*"?|[^\s]+/g;
const FIELD = /^(-?)((?:score\([^)\s]*\)|[\w.]+):)(.*)$/s;

/**
 * Cuts a query into coloured parts; joined they are the text again, character by character. It is a colouring, not a
 * parser: the kernel decides what is valid.
 */
export function colourQuery(query: string): Part[] {
  const parts: Part[] = [];
  for (const [token] of query.matchAll(TOKEN)) {
    const field = fieldOf(token);
    if (field) pushField(parts, field);
    else if (token === "OR") push(parts, token, "operator");
    else push(parts, token, token.length > 1 && token.startsWith("-") ? "negated" : "plain");
  }
  return parts;
}

function fieldOf(token: string): [minus: string, name: string, value: string] | null {
  const match = FIELD.exec(token);
  if (!match) return null;
  const [, minus = "", name = "", value = ""] = match;
  const known =
    FIELDS.has(name.slice(0, -1)) ||
    name.startsWith("score(") ||
    /^(?:[<>]=?|=)/.test(value) ||
    /^[\d.]+\.\./.test(value);
  return known ? [minus, name, value] : null;
}

function pushField(parts: Part[], [minus, name, value]: [minus: string, name: string, value: string]): void {
  if (minus) push(parts, minus + name + value, "negated");
  else {
    push(parts, name, "field");
    push(parts, value, "plain");
  }
}

function push(parts: Part[], text: string, kind: PartKind): void {
  const last = parts.at(-1);
  if (!text) return;
  if (last && last.kind === kind) last.text += text;
  else parts.push({ text, kind });
}

/** Splits parts so that [position, position + length) can be marked: the error's wave. */
export function markError(parts: readonly Part[], position: number, length: number): (Part & { wrong: boolean })[] {
  const stop = position + Math.max(1, length);
  const marked: (Part & { wrong: boolean })[] = [];
  let at = 0;
  for (const { text, kind } of parts) {
    const cuts = [0, position - at, stop - at, text.length].map((cut) => Math.min(Math.max(cut, 0), text.length));
    for (let piece = 0; piece < 3; piece += 1) {
      const [from, to] = [cuts[piece] as number, cuts[piece + 1] as number];
      if (from < to) marked.push({ text: text.slice(from, to), kind, wrong: piece === 1 });
    }
    at += text.length;
  }
  return marked;
}

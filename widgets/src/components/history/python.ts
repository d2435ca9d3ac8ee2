import { h } from "../../dom.ts";

const PARTS = /("""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*")|(#[^\n]*)|\b(def|with|import|as|if|pass)\b/g;
const CLASSES = ["", "hi-text", "hi-note", "hi-word"];

/** Python as text, with its strings, comments and keywords in spans. */
export function coloured(code: string): (Node | string)[] {
  const found: (Node | string)[] = [];
  let done = 0;
  for (const match of code.matchAll(PARTS)) {
    if (match.index > done) found.push(code.slice(done, match.index));
    const kind = [1, 2, 3].find((group) => match[group] !== undefined) ?? 0;
    found.push(h("span", { class: CLASSES[kind] ?? "" }, match[0]));
    done = match.index + match[0].length;
  }
  if (done < code.length) found.push(code.slice(done));
  return found;
}

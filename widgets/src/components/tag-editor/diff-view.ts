import "./diff.css";
import { h } from "../../dom.ts";
import { clip, wordDiff } from "./word-diff.ts";

/** Characters of unchanged text kept beside a change. */
const KEEP = 48;

/** The diff as text in `del` and `ins`: line, colour and element say it. `whole` keeps what did not change too. */
export function diffPieces(before: string, after: string, whole = false): Node[] {
  const segments = wordDiff(before, after);
  return (whole ? segments : clip(segments, KEEP)).map(({ kind, text }) => {
    if (kind === "removed") return h("del", { class: "te-del" }, text);
    return kind === "added" ? h("ins", { class: "te-ins" }, text) : document.createTextNode(text);
  });
}

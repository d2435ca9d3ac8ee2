/** Tag names as typed by a person and as kept by the project. */

/** The form the project keeps: lower case, underscores, plain parentheses. The kernel decides; this is for comparing. */
export function canonical(text: string): string {
  return text
    .trim()
    .replace(/\\([()])/g, "$1")
    .replace(/\s+/g, "_")
    .toLowerCase();
}

/** The names in a typed or pasted list, separated by commas or lines, without empty ones and repetitions. */
export function splitNames(text: string): string[] {
  const names = text.split(/[,\n]/).map(canonical);
  return [...new Set(names.filter((name) => name !== ""))];
}

/** Where the name being typed starts: after the last separator. */
export function lastNameStart(text: string): number {
  const after = Math.max(text.lastIndexOf(","), text.lastIndexOf("\n")) + 1;
  return after + (text.slice(after).match(/^\s*/)?.[0].length ?? 0);
}

/** A long name cut in the middle, since both its ends tell it apart. */
export function cutMiddle(name: string, limit: number): string {
  const letters = [...name];
  if (letters.length <= limit) return name;
  const head = Math.ceil((limit - 1) / 2);
  const tail = limit - 1 - head;
  return `${letters.slice(0, head).join("")}…${tail > 0 ? letters.slice(-tail).join("") : ""}`;
}

export interface Piece {
  readonly text: string;
  readonly hit: boolean;
}

/** A name in pieces, with the typed part marked. */
export function highlight(name: string, typed: string): Piece[] {
  const needle = canonical(typed);
  const at = needle === "" ? -1 : name.toLowerCase().indexOf(needle);
  if (at < 0) return [{ text: name, hit: false }];
  const pieces = [
    { text: name.slice(0, at), hit: false },
    { text: name.slice(at, at + needle.length), hit: true },
    { text: name.slice(at + needle.length), hit: false },
  ];
  return pieces.filter((piece) => piece.text !== "");
}

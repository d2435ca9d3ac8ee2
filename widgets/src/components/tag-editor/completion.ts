/**
 * The tag input as a state machine: typed text, the list of completions, the highlighted row.
 *
 * What is highlighted is what Enter takes. While newer completions are on their way the old ones stay, as far as they
 * still match, so the list does not flicker; when none matches, Enter takes the text as typed.
 */

import { canonical, lastNameStart, splitNames } from "./tag-names.ts";

export interface Option {
  readonly name: string;
  readonly category: number;
  readonly count: number;
  readonly in_target: number;
  readonly alias: string | null;
  /** Kept at hand. */
  readonly pinned?: boolean;
  /** What follows from it. */
  readonly implies?: readonly { readonly name: string; readonly in_target: number }[];
}

export interface Completion {
  readonly text: string;
  readonly options: readonly Option[];
  /** The part of the text the options were made for. */
  readonly answered: string;
  /** Index of the highlighted row; `options.length` is the row `New tag`; -1 for none. */
  readonly active: number;
  readonly open: boolean;
}

export const EMPTY: Completion = { text: "", options: [], answered: "", active: -1, open: false };

/** The name being typed: what stands behind the last comma. */
export function prefix(text: string): string {
  return text.slice(lastNameStart(text)).trimEnd();
}

/** The name that the row `New tag` would make, or null when the typed text is empty or is one of the options. */
export function newName(state: Completion): string | null {
  const name = canonical(prefix(state.text));
  return name === "" || state.options.some((option) => option.name === name) ? null : name;
}

/** The number of rows shown, `New tag` included. */
export function rowCount(state: Completion): number {
  return state.options.length + (newName(state) === null ? 0 : 1);
}

function best(options: readonly Option[], typed: string): number {
  const exact = options.findIndex((option) => option.name === typed);
  return exact >= 0 ? exact : 0;
}

function matches(option: Option, typed: string): boolean {
  return option.name.includes(typed) || (option.alias?.includes(typed) ?? false);
}

/** The user typed: opens the list, keeps those options that still match. */
export function type(state: Completion, text: string): Completion {
  const typed = canonical(prefix(text));
  if (typed === "") return { ...EMPTY, text };
  const options = state.options.filter((option) => matches(option, typed));
  return { ...state, text, options, active: best(options, typed), open: true };
}

/** The kernel answered for `asked`; an answer for another text than the present one is dropped. */
export function answer(state: Completion, asked: string, options: readonly Option[]): Completion {
  if (asked !== prefix(state.text) || asked === "") return state;
  const chosen = state.active > 0 ? state.options[state.active]?.name : undefined;
  const kept = chosen === undefined ? -1 : options.findIndex((option) => option.name === chosen);
  const active = kept >= 0 ? kept : best(options, canonical(asked));
  return { ...state, options, answered: asked, active };
}

/** What is at hand where nothing is typed: pinned and recent tags; none is highlighted that was not before. */
export function offer(state: Completion, options: readonly Option[]): Completion {
  if (prefix(state.text) !== "") return state;
  const chosen = state.open ? state.options[state.active]?.name : undefined;
  const active = chosen === undefined ? -1 : options.findIndex((option) => option.name === chosen);
  return { ...state, options, answered: "", active, open: options.length > 0 };
}

/** Up and down, around the ends. */
export function move(state: Completion, by: number): Completion {
  const rows = rowCount(state);
  if (rows === 0) return state;
  // With nothing highlighted, down begins at the first row and up at the last.
  const from = state.active < 0 && by < 0 ? 0 : state.active;
  return { ...state, open: true, active: (from + by + rows) % rows };
}

/** Points at a row, for the mouse. */
export function point(state: Completion, row: number): Completion {
  return row >= 0 && row < rowCount(state) ? { ...state, active: row } : state;
}

export function close(state: Completion): Completion {
  return { ...state, open: false };
}

/** What Enter adds: every name before the last comma, and the highlighted row or (`literal`) the text as typed. */
export function names(state: Completion, literal: boolean): string[] {
  const before = state.text.slice(0, lastNameStart(state.text));
  const shown = state.open && !literal ? state.options[state.active]?.name : undefined;
  return [...new Set([...splitNames(before), ...(shown === undefined ? splitNames(prefix(state.text)) : [shown])])];
}

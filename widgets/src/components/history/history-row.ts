import { h, uniqueId } from "../../dom.ts";
import { counted, moment, number } from "../../format.ts";
import { type IconName, icon } from "../../icons.ts";
import type { Operation } from "../../protocol/history.ts";
import { button, enable } from "../shared/button.ts";

/** What may be pressed in a row, in the order of the arrows. */
export type Act = "turn" | "undo" | "keep" | "cancel";

export interface RowState {
  /** Its place among all rows, from 1. */
  at: number;
  /** Later changes hold the same values: how many. */
  later: number;
  readonly: boolean;
  /** Why nothing can be undone now; empty when it can. */
  why: string;
  chosen: boolean;
}

const WHO: Readonly<Record<Operation["by"], IconName>> = {
  person: "person",
  rule: "braces",
  file: "tray",
  model: "chip",
};

/** The row of a change: when, who, what, on how many images, and its undo. */
export function historyRow(row: Operation, state: RowState, act: (act: Act) => void): HTMLElement {
  const time = new Date(row.time);
  const asks = state.later > 0;
  return h(
    "div",
    {
      class: `hi-row${row.undone ? " hi-undone" : ""}`,
      attrs: {
        role: "row",
        "aria-rowindex": state.at + 1,
        "aria-selected": state.chosen,
        "data-id": row.id,
      },
    },
    cell("hi-when lr-t3", h("time", { title: time.toLocaleString(), attrs: { datetime: row.time } }, moment(time))),
    cell("hi-who lr-t2", icon(WHO[row.by]), h("span", { class: "lr-cut", title: row.author }, row.author)),
    asks ? question(row, state.later, act) : cell("hi-what", what(row)),
    !asks && cell("hi-images lr-t2", number(row.images)),
    !asks && cell("hi-act", !state.readonly && !row.folded && turn(row, state.why, act)),
  );
}

function what(row: Operation): HTMLElement {
  const name = row.undone ? "s" : "span";
  return h(name, { class: "lr-cut", title: row.message }, row.message);
}

function turn(row: Operation, why: string, act: (act: Act) => void): HTMLElement {
  const word = row.undone ? "Redo" : "Undo";
  const press = link(word, "turn", act);
  press.setAttribute("aria-label", `${word}: ${row.message}`);
  enable(press, why === "", why);
  return press;
}

function question(row: Operation, later: number, act: (act: Act) => void): HTMLElement {
  const touch = later === 1 ? "touches" : "touch";
  const text = `${counted(later, "later change")} ${touch} the same values:`;
  return cell(
    "hi-what hi-question",
    h("span", { class: "lr-cut lr-warn", title: `${row.message}. ${text}` }, text),
    link(later === 1 ? "undo it too" : "undo those too", "undo", act),
    link(later === 1 ? "keep it" : "keep them", "keep", act),
    link("Cancel", "cancel", act),
  );
}

function link(text: string, what: Act, act: (act: Act) => void): HTMLButtonElement {
  const press = button(text, { kind: "link", onClick: () => act(what) });
  press.tabIndex = -1; // the list is one tab stop; arrows reach it
  press.id = uniqueId("act");
  press.dataset.act = what;
  return press;
}

function cell(classes: string, ...children: (Node | string | false)[]): HTMLElement {
  return h("div", { class: `hi-cell ${classes}`, attrs: { role: "gridcell" } }, ...children);
}

/** A change that is not loaded yet: its place, nothing in it. */
export function emptyRow(at: number): HTMLElement {
  return h("div", { class: "hi-row", attrs: { role: "row", "aria-rowindex": at + 1, "aria-busy": true } });
}

/** Above it what is undone, below it what is in force. */
export function nowRow(): HTMLElement {
  return h("div", { class: "hi-now", attrs: { role: "presentation" } }, "Now");
}

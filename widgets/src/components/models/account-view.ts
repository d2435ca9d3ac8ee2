import { h, setAttribute } from "../../dom.ts";
import { counted } from "../../format.ts";
import { icon } from "../../icons.ts";
import type { Account, PastJob } from "../../protocol/models.ts";
import type { Job } from "../../protocol.ts";
import { cameTo, halted, refusals, refusedOf, refusedQuery } from "../shared/account.ts";
import { button, enable } from "../shared/button.ts";
import { budgetField, inDollars } from "./budget.ts";
import { stopAbove } from "./money.ts";
import { searchAlso } from "./searching.ts";
import type { Session } from "./session.ts";
import { outcome } from "./wording.ts";

/** What came of runs of services, and what one may decide about them. */
export class AccountView {
  readonly #session: Session;
  readonly #another: () => void;
  readonly #guard: (element: HTMLButtonElement) => void;
  /** Other budgets that somebody typed, by run: a redraw must not lose them. */
  readonly #budgets = new Map<number, { text: string; value: number | null }>();

  /**
   * @param another puts the keyboard where another model is picked
   * @param guard disables what cannot be pressed now
   */
  constructor(session: Session, another: () => void, guard: (element: HTMLButtonElement) => void) {
    this.#session = session;
    this.#another = another;
    this.#guard = guard;
  }

  /** @param known the same run as its kernel told of it last: it alone knows why a run stopped by itself */
  outcome(run: PastJob, known: Job | null): string {
    if (run.account === null) return outcome(run);
    if (run.state === "done") return cameTo(run.account);
    return (known === null ? null : halted(known)) ?? outcome(run);
  }

  lines(run: PastJob): (HTMLElement | false)[] {
    const { account } = run;
    if (account === null) return [];
    const open = run.state !== "done";
    return [
      open && h("div", { class: "lr-t2" }, cameTo(account)),
      refusedOf(account) > 0 && this.#refused(run, account),
      account.unknown > 0 && this.#unknown(run, account.unknown),
      run.state === "stopped" && run.budget !== null && !this.#session.readonly && this.#budget(run, account),
    ];
  }

  /** Never red: it is not the user's error. */
  #refused(run: PastJob, account: Account): HTMLElement {
    return h(
      "div",
      { class: "mp-refused lr-warn" },
      icon("refused"),
      h("span", { class: "mp-wrap" }, refusals(account).join(" ")),
      h(
        "span",
        { class: "lr-row" },
        button("Show", { kind: "link", onClick: () => void searchAlso(this.#session, refusedQuery(account)) }),
        button("Use another model", { kind: "link", onClick: () => this.#useAnother(run) }),
      ),
    );
  }

  /** What refused is picked no more. */
  #useAnother(run: PastJob): void {
    this.#session.drop(new Set(run.label.split(", ")));
    this.#another();
  }

  #unknown(run: PastJob, unknown: number): HTMLElement {
    const [were, they] = unknown === 1 ? ["was", "it was"] : ["were", "they were"];
    const text =
      `${counted(unknown, "image")} ${were} under way when the kernel died: ` +
      `nobody knows whether ${they} answered, and paid for. Resume leaves ${unknown === 1 ? "it" : "them"} out.`;
    const send = button("Resume and send again", {
      kind: "link",
      onClick: () => void this.#session.resume(run.id, { unknown: "send" }),
    });
    this.#guard(send);
    const may = run.resumable && !this.#session.readonly;
    return h(
      "div",
      { class: "mp-refused lr-warn" },
      icon("info"),
      h("span", { class: "mp-wrap" }, text),
      may && h("span", { class: "lr-row" }, send),
    );
  }

  #budget(run: PastJob, account: Account): HTMLElement {
    const held = this.#budgets.get(run.id);
    let value = held === undefined ? stopAbove(Math.max(account.cost ?? 0, run.budget ?? 0)) : held.value;
    const again = button("Resume with another budget", {
      kind: "link",
      onClick: () => {
        if (value !== null) void this.#session.resume(run.id, { budget: value });
      },
    });
    const fits = (): void => enable(again, value !== null, "An amount in dollars");
    const field = budgetField((budget) => {
      value = budget;
      this.#budgets.set(run.id, { text: field.value, value });
      fits();
      this.#guard(again);
    });
    field.value = held?.text ?? value?.toFixed(2) ?? "";
    setAttribute(field, "aria-label", "Another budget, US dollars");
    fits();
    this.#guard(again);
    return h("div", { class: "lr-row mp-past-row" }, again, h("span", { class: "lr-space" }), inDollars(field));
  }
}

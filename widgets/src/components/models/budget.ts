import { h, setAttribute, uniqueId } from "../../dom.ts";
import { amount } from "./money.ts";

/** A field for the US dollars that a run stops before; empty is no limit, and `fits` tells an amount from nonsense. */
export function budgetField(tell: (budget: number | null, fits: boolean) => void): HTMLInputElement {
  const input = h("input", {
    title: "US dollars that the run stops before; empty for no limit",
    attrs: { type: "text", inputmode: "decimal", autocomplete: "off", placeholder: "no limit" },
    on: {
      input: () => {
        const text = input.value.trim();
        const value = amount(text);
        const fits = text === "" || value !== null;
        setAttribute(input, "aria-invalid", fits ? null : true);
        tell(value, fits);
      },
    },
  });
  input.id = uniqueId("budget");
  return input;
}

/** The field with its currency before it. */
export function inDollars(input: HTMLInputElement): HTMLElement {
  return h("span", { class: "mp-money" }, h("span", { attrs: { "aria-hidden": "true" } }, "$"), input);
}

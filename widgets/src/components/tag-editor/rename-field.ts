import { fill, h } from "../../dom.ts";

/** Turns a chip into a field for its new name; `done` gets it, or null when it was given up. Called once. */
export function renameField(chip: HTMLElement, name: string, done: (to: string | null) => void): void {
  const width = Math.max(120, chip.offsetWidth);
  const input = h("input", {
    class: "lr-input lr-chip-rename",
    style: { width: `${width - 18}px` },
    attrs: { "aria-label": `New name of ${name}`, spellcheck: "false", autocomplete: "off", maxlength: 200 },
  });
  input.value = name;
  let open = true;
  const finish = (to: string | null, refocus: boolean): void => {
    if (!open) return;
    open = false;
    done(to);
    if (refocus) chip.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    finish(event.key === "Enter" ? input.value.trim() || null : null, true);
  });
  input.addEventListener("blur", () => finish(null, false));
  fill(chip, input);
  input.focus();
  input.select();
}

import { counted } from "../../format.ts";
import type { Menu, MenuItem } from "../shared/menu.ts";
import { type Comparing, compared } from "./comparing.ts";
import type { Edits } from "./edits.ts";
import type { Grid } from "./grid.ts";
import type { SelectionBar } from "./selection-bar.ts";
import type { Session } from "./session.ts";

interface Commanded {
  readonly session: Session;
  readonly edits: Edits;
  readonly grid: Grid;
  readonly bar: SelectionBar;
  readonly menu: Menu;
  readonly comparing: Comparing;
}

/** Right click: the dock's commands as a menu. */
export function openCommands(event: MouseEvent, on: Commanded, open: (position: number) => void): void {
  const { selection, pages, hello } = on.session;
  const { count } = on.edits.target;
  const images = counted(count, "image");
  const disabled = !on.edits.allowed;
  const items: MenuItem[] = [
    { label: "Large view", icon: "gridLarge", key: "Enter", run: () => open(selection.active) },
  ];
  const some = compared(selection.state.value, on.session.counts.value.count).count;
  if (some > 1) {
    const label = `Compare ${counted(some, "image")}`;
    items.push({ label, icon: "compare", key: "C", run: () => void on.comparing.show() });
  }
  if (!hello.value?.readonly) {
    const word = pages.allExcluded(on.edits.target) ? "Include" : "Exclude";
    items.push(
      { label: `Tag ${images}`, icon: "tag", key: "T", disabled, run: () => on.bar.ask("tag") },
      { label: `Rate ${images}`, icon: "star", key: "1-5", disabled, run: () => on.bar.ask("rate") },
      { label: `${word} ${images}`, icon: "exclude", key: "X", disabled, run: () => on.edits.toggleExcluded() },
      { label: `Add ${images} to`, icon: "addTo", disabled, run: () => on.bar.ask("dataset") },
    );
  }
  on.menu.openAt(event.clientX, event.clientY, items, on.grid.element);
}

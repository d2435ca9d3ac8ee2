import type { Cleanup } from "../../signal.ts";
import { LARGEST_CELL, SMALLEST_CELL } from "./geometry.ts";
import type { Grid } from "./grid.ts";

/** How much one pixel of the wheel grows the cell. */
const WHEEL_STEP = 1.002;

/**
 * Ctrl and the wheel change the cell. The listener that may prevent is there only while Ctrl is down: a standing one
 * would make every scroll wait for the main thread.
 */
export function resizeByWheel(grid: Grid, setCell: (cell: number) => void, cleanup: Cleanup): void {
  let listening: AbortController | null = null;
  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const cell = Math.round(grid.wish * WHEEL_STEP ** -event.deltaY);
    setCell(Math.min(Math.max(cell, SMALLEST_CELL), LARGEST_CELL));
  };
  const stop = (): void => {
    listening?.abort();
    listening = null;
  };
  const start = (event: KeyboardEvent): void => {
    if (listening || !(event.key === "Control" || event.key === "Meta")) return;
    listening = new AbortController();
    grid.element.addEventListener("wheel", onWheel, { passive: false, signal: listening.signal });
  };
  const options = { passive: true, capture: true, signal: cleanup.signal };
  window.addEventListener("keydown", start, options);
  window.addEventListener("keyup", stop, options);
  window.addEventListener("blur", stop, options);
  cleanup.add(stop);
}

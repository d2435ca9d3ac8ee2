import { isAbort, KernelError } from "../../channel.ts";
import type { Around } from "../../part.ts";

/**
 * Says in the toast what the kernel refused. What was cancelled is no news; any other error is a fault of ours.
 *
 * @param what stands before it, such as "Could not save: "
 */
export function refused(around: Around, error: unknown, what = ""): void {
  if (isAbort(error)) return;
  if (!(error instanceof KernelError)) throw error;
  around.toast(`${what}${error.message}`, null, true);
}

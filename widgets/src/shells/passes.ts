import { onePass, passes } from "../components/passes/passes.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

/** What the workbench takes from this bundle. */
export const part = passes;
export default widget(alone(onePass, "lorairo pass"));

import { duplicates } from "../components/duplicates/duplicates.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

/** What the workbench takes from this bundle. */
export const part = duplicates;
export default widget(alone(duplicates, "lorairo duplicates"));

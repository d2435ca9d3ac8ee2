import { models } from "../components/models/models.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

/** What the workbench takes from this bundle. */
export const part = models;
export default widget(alone(models, "lorairo models"));

import { filters } from "../components/filters/filters.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

export const part = filters;
export default widget(alone(filters, "lorairo filters"));

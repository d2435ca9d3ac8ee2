import { compare, compareSelected } from "../components/compare/compare.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

/** What a gallery takes from this bundle. */
export const part = compare;
export default widget(alone(compareSelected, "lorairo comparison"));

import { histograms } from "../components/filters/histograms.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

export const part = histograms;
export default widget(alone(histograms, "lorairo score histograms"), 0);

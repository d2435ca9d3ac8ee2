import { history } from "../components/history/history.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

export const part = history;
export default widget(alone(history, "lorairo history"));

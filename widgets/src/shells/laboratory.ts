import { laboratory } from "../components/laboratory/laboratory.ts";
import { alone } from "../part.ts";
import { widget } from "../widget.ts";

export default widget(alone(laboratory, "lorairo laboratory"));

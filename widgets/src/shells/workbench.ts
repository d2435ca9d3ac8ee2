import { workbench } from "../components/workbench/workbench.ts";
import { widget } from "../widget.ts";

export default widget(workbench);

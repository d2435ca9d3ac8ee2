import { inspector, tagEditor } from "../components/tag-editor/editor.ts";
import { widget } from "../widget.ts";

/** What the workbench takes from this bundle. */
export const part = inspector;
export default widget(tagEditor);

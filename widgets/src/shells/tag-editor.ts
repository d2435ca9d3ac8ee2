import { tagEditor } from "../components/tag-editor/editor.ts";
import { widget } from "../widget.ts";

export default widget(tagEditor);

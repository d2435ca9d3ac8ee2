import { captionPanels } from "../components/tag-editor/caption-panels.ts";

/** What the tag editor takes from this bundle. */
export const part = captionPanels;

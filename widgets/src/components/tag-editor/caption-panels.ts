import type { Cleanup } from "../../signal.ts";
import { ReplacePanel } from "./replace-panel.ts";
import { SentencesPanel } from "./sentences-panel.ts";
import type { Session } from "./session.ts";
import { TemplatePanel } from "./template-panel.ts";

/** What captions are written with by rule, and judged sentence by sentence, over the tag editor. */
export interface CaptionPanels {
  readonly replace: ReplacePanel;
  readonly template: TemplatePanel;
  readonly sentences: SentencesPanel;
}

/** The part of the tag editor that comes when one of the panels opens for the first time. */
export const captionPanels = (session: Session, cleanup: Cleanup): CaptionPanels => ({
  replace: new ReplacePanel(session, cleanup),
  template: new TemplatePanel(session, cleanup),
  sentences: new SentencesPanel(session, cleanup),
});

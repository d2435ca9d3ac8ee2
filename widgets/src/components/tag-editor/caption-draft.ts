/**
 * The caption box as a state machine: what is typed, what is stored, what is on its way.
 *
 * Pure: `step` returns the next state and what the caller has to do. Typed text is never dropped: opening another image
 * saves the draft of the one before, a failed save keeps the text, and a change from outside replaces only a box in
 * which nothing was typed.
 */

export type Phase = "clean" | "dirty" | "saving" | "saved" | "failed";

export interface Draft {
  readonly id: number | null;
  /** What the kernel has, as far as is known. */
  readonly stored: string;
  readonly text: string;
  readonly phase: Phase;
  /** The text of the request on its way; null when there is none. */
  readonly sent: string | null;
  /** Set when a save was asked for while another is on its way. */
  readonly again: boolean;
  readonly error: string | null;
}

export type Event =
  | { readonly type: "open"; readonly id: number | null; readonly text: string }
  | { readonly type: "typed"; readonly text: string }
  | { readonly type: "calm" }
  | { readonly type: "flush" }
  | { readonly type: "saved"; readonly id: number; readonly text: string }
  | { readonly type: "failed"; readonly id: number; readonly message: string }
  | { readonly type: "stored"; readonly id: number; readonly text: string };

export interface Step {
  readonly draft: Draft;
  /** A save to send now. */
  readonly save: { readonly id: number; readonly text: string } | null;
  /** What to do with the timer of calm. */
  readonly timer: "start" | "stop" | "keep";
}

export const CLOSED: Draft = { id: null, stored: "", text: "", phase: "clean", sent: null, again: false, error: null };

const unsaved = (draft: Draft): boolean => draft.text !== (draft.sent ?? draft.stored);

function send(draft: Draft): Step {
  if (draft.id === null || !unsaved(draft)) return { draft, save: null, timer: "stop" };
  if (draft.sent !== null) return { draft: { ...draft, again: true }, save: null, timer: "stop" };
  return {
    draft: { ...draft, phase: "saving", sent: draft.text, again: false, error: null },
    save: { id: draft.id, text: draft.text },
    timer: "stop",
  };
}

function open(draft: Draft, id: number | null, text: string): Step {
  // Two saves of one image may then be on their way; they are answered in order, the later one wins.
  const save = draft.id !== null && unsaved(draft) ? { id: draft.id, text: draft.text } : null;
  return { draft: { ...CLOSED, id, stored: text, text }, save, timer: "stop" };
}

function typed(draft: Draft, text: string): Step {
  if (draft.id === null) return { draft, save: null, timer: "keep" };
  const next = { ...draft, text };
  if (!unsaved(next)) {
    const phase = draft.sent === null ? "clean" : "saving";
    return { draft: { ...next, phase, error: null }, save: null, timer: "stop" };
  }
  return { draft: { ...next, phase: draft.sent === null ? "dirty" : "saving" }, save: null, timer: "start" };
}

function saved(draft: Draft, id: number, text: string): Step {
  if (id !== draft.id || draft.sent !== text) return { draft, save: null, timer: "keep" };
  const next = { ...draft, stored: text, sent: null, again: false, error: null };
  if (!unsaved(next)) return { draft: { ...next, phase: "saved" }, save: null, timer: "keep" };
  const dirty: Draft = { ...next, phase: "dirty" };
  return draft.again ? send(dirty) : { draft: dirty, save: null, timer: "keep" };
}

function stored(draft: Draft, id: number, text: string): Step {
  if (id !== draft.id || text === draft.stored) return { draft, save: null, timer: "keep" };
  const untouched = draft.sent === null && draft.text === draft.stored;
  if (untouched)
    return { draft: { ...draft, stored: text, text, phase: "clean", error: null }, save: null, timer: "keep" };
  if (draft.sent === null && draft.text === text) {
    return { draft: { ...draft, stored: text, phase: "clean", error: null }, save: null, timer: "stop" };
  }
  return { draft: { ...draft, stored: text }, save: null, timer: "keep" };
}

/** One step of the machine; see the events for what may happen. */
export function step(draft: Draft, event: Event): Step {
  switch (event.type) {
    case "open":
      return event.id === draft.id ? stored(draft, event.id ?? -1, event.text) : open(draft, event.id, event.text);
    case "typed":
      return typed(draft, event.text);
    case "calm":
    case "flush":
      return send(draft);
    case "saved":
      return saved(draft, event.id, event.text);
    case "failed":
      if (event.id !== draft.id) return { draft, save: null, timer: "keep" };
      return {
        draft: { ...draft, phase: "failed", sent: null, again: false, error: event.message },
        save: null,
        timer: "stop",
      };
    case "stored":
      return stored(draft, event.id, event.text);
  }
}

import type { Channel } from "./channel.ts";
import { Live } from "./components/shared/live.ts";
import { StatusStrip } from "./components/shared/status-strip.ts";
import { Toast, type ToastAction } from "./components/shared/toast.ts";
import { focused, h } from "./dom.ts";
import type { Hello, SearchOk } from "./protocol.ts";
import { type Cleanup, Signal } from "./signal.ts";
import type { Component } from "./widget.ts";

/** What a part may ask of the widget it stands in. */
export interface Around {
  /** The project's facts, as the kernel last told them; null until it answered. */
  readonly hello: Signal<Hello | null>;
  /** Says what was done, with what takes it back; `bad` where it was not. */
  toast(text: string, action?: ToastAction | null, bad?: boolean): void;
  /** Tells screen readers. */
  say(text: string): void;
  /** Esc with nothing left to close: gives the keyboard back. */
  leave(): void;
  /** The part changed the search and has the kernel's answer: shown at once, not at the next event. */
  searched(ok: SearchOk & { version: number }): void;
  /** Shows the selected images side by side; missing where there is no stage for them. */
  compare?(): void;
  /** What a run that is prepared would cost, in words; null where none is, or nobody knows. */
  priced?(price: string | null): void;
}

/** What the surroundings may do with a part. */
export interface Standing {
  readonly element: HTMLElement;
  /** Puts the keyboard where work in this part begins. */
  focus(): void;
  /** A bare key pressed outside text fields; true when it was meant for this part. */
  key?(event: KeyboardEvent): boolean;
  /** Shows these images, where that is what the part does. */
  show?(ids: readonly number[]): void;
}

/** A component that stands in the workbench or alone as a widget. Bundles export it as `part`. */
export type Part = (channel: Channel, cleanup: Cleanup, around: Around) => Standing;

/** The component of a widget that is one part: the part, over a strip that says what the kernel is doing. */
export function alone(part: Part, label: string): Component {
  return (root, channel, cleanup) => {
    const hello = new Signal<Hello | null>(null);
    const live = new Live(cleanup);
    const toast = new Toast(cleanup, live);
    let savedAt = new Date();
    const strip = new StatusStrip(
      channel,
      () => {
        const { value } = hello;
        return {
          rest: value ? value.project : "Waiting for the kernel",
          readonly: value?.readonly ?? false,
          job: value?.job ?? null,
          savedAt,
        };
      },
      cleanup,
    );
    const standing = part(channel, cleanup, {
      hello,
      toast: (text, action = null, bad = false) => toast.show(text, action, bad),
      say: (text) => live.say(text),
      leave: () => {
        focused(root)?.blur();
      },
      searched: () => undefined,
    });
    root.classList.add("lr-alone");
    root.setAttribute("role", "region");
    root.setAttribute("aria-label", label);
    root.append(
      standing.element,
      h("div", { class: "lr-dock lr-dock-alone" }, toast.element),
      strip.element,
      live.element,
    );
    cleanup.listen(root, "keydown", (event) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (!standing.key?.(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    cleanup.add(
      channel.on("changed", ({ can_undo, can_redo, count, total, query }) => {
        savedAt = new Date();
        const { value } = hello;
        if (value) hello.value = { ...value, can_undo, can_redo, count, total, query: query ?? value.query };
      }),
    );
    cleanup.add(
      channel.on("job", (job) => {
        if (hello.value) hello.value = { ...hello.value, job };
      }),
    );
    cleanup.add(hello.subscribe(() => strip.refresh()));
    cleanup.add(channel.on("notice", ({ text }) => toast.show(text)));
    const greet = async (): Promise<void> => {
      const { ok } = await channel.request("hello", { client: channel.client });
      hello.value = ok;
      root.setAttribute("aria-label", `${label}, ${ok.project}`);
    };
    greet().catch((error: unknown) => {
      if (!cleanup.done) toast.show(error instanceof Error ? error.message : String(error), null, true);
    });
    strip.refresh();
  };
}

import { Channel, type Model } from "./channel.ts";
import { unsavedNotice } from "./components/shared/unsaved.ts";
import { h } from "./dom.ts";
import { PROTOCOL } from "./protocol.ts";
import { Cleanup } from "./signal.ts";
import { followTheme } from "./theme.ts";

/** Fills the root. A component knows the channel and nothing of the host. */
export type Component = (root: HTMLElement, channel: Channel, cleanup: Cleanup) => void;

interface RenderProps {
  model: Model;
  el: HTMLElement;
  signal?: AbortSignal;
}

interface AnyWidget {
  initialize(): void;
  render(props: RenderProps): () => void;
}

export const MIN_HEIGHT = 420;

/**
 * An anywidget out of a component. Each view has its own channel and its own element, so two views of one model do
 * not disturb each other; the returned cleanup and the host's signal do the same, whichever the host uses.
 *
 * @param least the height in pixels that it needs, whatever is asked for
 */
export function widget(component: Component, least = MIN_HEIGHT): AnyWidget {
  return {
    initialize: () => undefined,
    render({ model, el, signal }) {
      const cleanup = new Cleanup();
      const channel = new Channel(model);
      cleanup.add(() => channel.close());
      const root = h("div", {
        class: "lr",
        attrs: { "data-lm-suppress-shortcuts": "true", "data-jp-suppress-context-menu": "", tabindex: -1 },
      });
      el.append(root);
      cleanup.add(() => root.remove());
      // JupyterLab's bindings ask for the focused element first, and only then for the attribute on an ancestor: a bare
      // key that bubbles out of here runs a notebook command, and `D D` in the gallery would delete the cell. Ctrl+Enter
      // would run it, and make the widget anew.
      cleanup.listen(root, "keydown", (event) => {
        if (event.key === "Enter" || !(event.ctrlKey || event.metaKey)) event.stopPropagation();
      });
      const size = (): void => {
        root.style.height = `${Math.max(least, channel.trait("height", 720))}px`;
      };
      size();
      cleanup.add(channel.onTrait("height", size));
      followTheme(root, channel, cleanup);
      let mounted = true;
      const reload = (): void => {
        if (!mounted) return;
        mounted = false;
        root.replaceChildren(reloadNotice(channel));
      };
      if (channel.trait("protocol", PROTOCOL) !== PROTOCOL) reload();
      else {
        component(root, channel, cleanup);
        cleanup.add(channel.mismatch.subscribe(reload));
      }
      signal?.addEventListener("abort", () => cleanup.dispose(), { once: true });
      return () => cleanup.dispose();
    },
  };
}

/** Changes that wait are named: the page that is loaded again does not know them. */
function reloadNotice(channel: Channel): HTMLElement {
  return h(
    "div",
    { attrs: { role: "alert" }, style: { padding: "12px" } },
    h("b", {}, "Reload the page: "),
    "this widget and the installed lorairo speak different versions.",
    unsavedNotice(channel),
  );
}

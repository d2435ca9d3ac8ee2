"""The base of every widget: a view, a session, the wire, and the static fallback beside the live view."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from lorairo.accessor import Accessor
from lorairo.errors import ArgumentError, Error
from lorairo.project import Project
from lorairo.showing import contact_sheet, late
from lorairo.view import View
from lorairo.widgets import (
    browsing,
    bundles,
    captioning,
    chronicle,
    comparing,
    deduplicating,
    editing,
    filtering,
    guiding,
    modelling,
    offering,
    passing,
    quoting,
    tagging,
    thresholds,
    vocabulary,
)
from lorairo.widgets.session import Session
from lorairo.widgets.wire import PROTOCOL, Dispatcher

if TYPE_CHECKING:
    from lorairo.store import Change
    from lorairo.widgets.wire import Route

_MAX_NAMED = 4096  # images an event names; above it the browser asks for its pages again
_CALM = 0.1  # seconds between events: at most ten a second, the last one always sent


def as_view(source: Any) -> View:
    """Turn what a widget is given (a view, a project or a frame of one) into a view."""
    if isinstance(source, View):
        return source
    if isinstance(source, Project):
        return source.view()
    if isinstance(source, pd.DataFrame):
        return Accessor(source).view()
    raise ArgumentError(
        f"a widget shows a View, a Project or a frame from view.df, not {type(source).__name__}"
    )


class Linked(anywidget.AnyWidget):
    """A widget on a view.

    Parameters
    ----------
    source
        A `View`, a `Project` or a frame from ``view.df``. Widgets of one view share search and selection.
    height
        Pixels, fixed, as outputs in iframes cannot grow.
    theme
        ``auto`` follows the notebook; ``light`` or ``dark`` overrides.
    """

    _bundle = ""

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    protocol = traitlets.Int(PROTOCOL).tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], default_value="auto").tag(sync=True)
    height = traitlets.Int(720, min=240, max=4000).tag(sync=True)

    def __init__(self, source: Any, **options: Any) -> None:
        known = [name for name in self.trait_names(sync=True) if not name.startswith("_")]
        for name in options:
            if name not in known:
                raise ArgumentError(
                    f"{type(self).__name__} has no option {name!r}; there are: {', '.join(known)}"
                )
        self._shares_layout = "layout" in options
        self._cell: int | None = options.get("cell")  # one that is asked for counts more than one remembered
        self.view = as_view(source)
        options.setdefault("theme", self.view.project.config.theme)
        self._events = _Events(self._emit)
        script, style = bundles.bundle(self._bundle)
        try:
            super().__init__(_esm=script, _css=style, **options)
        except traitlets.TraitError as error:
            raise ArgumentError(str(error)) from error
        self.session = Session(self.view)
        self._dispatcher = Dispatcher(
            {
                **browsing.routes(self.session, self._hello),
                **editing.routes(self.session),
                **tagging.routes(self.session),
                **thresholds.routes(self.session),
                **offering.routes(self.session),
                **quoting.routes(self.session),
                **modelling.routes(self.session),
                **chronicle.routes(self.session),
                **filtering.routes(self.session),
                **vocabulary.routes(self.session),
                **captioning.routes(self.session),
                **comparing.routes(self.session),
                **deduplicating.routes(self.session),
                **passing.routes(self.session),
                **guiding.routes(self.session),
                **bundles.routes(lambda: self.session.version),
                **self._more_routes(),
            },
            self.send,
        )
        self.on_msg(self._receive)
        project = self.view.project
        project.live.published.connect(self._follow)
        self.view.lens.chosen.connect(self._chosen)
        self.view.lens.shown.connect(self._searched)
        project.running.connect(self._job)

    def _more_routes(self) -> dict[str, Route]:
        """Return the handlers of requests that only this widget knows."""
        return {}

    def _still(self) -> str:
        """Return what is shown now as static HTML."""
        return contact_sheet(self.view.shown)

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        self._dispatcher.receive(content)

    def _hello(self) -> dict[str, Any]:
        project = self.view.project
        running = project.running_job()
        return {
            "cell": project.setting("ui.cell", 120) if self._cell is None else self._cell,
            "settings": project.setting("ui.panels", {}),
            "job": None if running is None else modelling.told(project, running),
            "parts": bundles.parts(),
        }

    # ------------------------------------------------------------------------------------- kernel to browser

    def _emit(self, event: str, payload: dict[str, Any]) -> None:
        self.send({"v": PROTOCOL, "event": event, "payload": payload})

    def _follow(self, change: Change) -> None:
        self._events.changed(change, self._overview)

    def _chosen(self) -> None:
        self._events.changed(None, self._overview)

    def _searched(self, _query: str) -> None:
        self.session.refresh()
        self._events.changed(None, self._overview)

    def _overview(self) -> dict[str, Any]:
        new = self.session.follow()
        return {**browsing.overview(self.session), "new": new}

    def _job(self, state: dict[str, Any]) -> None:
        self._emit("job", modelling.told(self.view.project, state))

    # ------------------------------------------------------------------------------------- lifetime, fallback

    def close(self) -> None:
        """Close the widget: it stops following its project."""
        if hasattr(self, "session"):
            self.session.closed = True
            self.view.project.live.published.disconnect(self._follow, missing_ok=True)
            self.view.project.running.disconnect(self._job, missing_ok=True)
            self.view.lens.chosen.disconnect(self._chosen, missing_ok=True)
            self.view.lens.shown.disconnect(self._searched, missing_ok=True)
            self._events.close()
            lens = self.view.lens
            if lens.live:  # closed while its brush was dragged: nobody will release it
                lens.show(lens.query)
            if not self._shares_layout:
                self.layout.close()  # ipywidgets would keep it for ever
        super().close()

    def snapshot(self) -> Any:
        """Return what is shown now as static HTML, for documents without a kernel."""
        from IPython.display import HTML  # noqa: PLC0415 - only in notebooks

        sheet: Any = HTML
        return sheet(self._still())

    def _repr_mimebundle_(self, **options: Any) -> Any:
        rendered = super()._repr_mimebundle_(**options)
        if rendered is None:
            return None
        data, metadata = rendered if isinstance(rendered, tuple) else (rendered, {})
        shown = self.view.shown
        data = {
            **data,
            "text/html": self._still(),
            "text/plain": f"{type(self).__name__} of {shown!r}",
        }
        return data, metadata

    def _ipython_display_(self) -> None:
        """Show the widget, and its contact sheet as an output of its own.

        In one bundle Jupyter would choose the widget also where there is none any more, in a trusted notebook
        opened again or a page made from it. A widget that lives hides the sheet (tokens.css).
        """
        from IPython import display  # noqa: PLC0415 - only in notebooks

        show: Any = display.display
        rendered = self._repr_mimebundle_()
        if rendered is None:
            return
        data, metadata = rendered
        sheet = data.pop("text/html")
        show(data, metadata=metadata, raw=True)
        show({"text/html": late(sheet), "text/plain": ""}, raw=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.view!r}>"


class _Events:
    """Sends ``changed`` events, joined, at most ten a second, the last one always."""

    def __init__(self, emit: Any) -> None:
        self._emit = emit
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._kinds: set[str] = set()
        self._images: set[int] | None = set()
        self._sent = 0.0
        self._overview: Any = None
        self._closed = False

    def changed(self, change: Change | None, overview: Any) -> None:
        with self._lock:
            if self._closed:
                return
            self._overview = overview
            if change is not None:
                self._join(change)
            if self._timer is None:
                wait = max(0.0, self._sent + _CALM - time.monotonic())
                self._timer = threading.Timer(wait, self._flush)
                self._timer.daemon = True
                self._timer.start()

    def _join(self, change: Change) -> None:
        self._kinds |= change.kind
        if change.images is None or self._images is None or len(change.images) > _MAX_NAMED:
            self._images = None
        else:
            self._images |= {int(image_id) for image_id in np.asarray(change.images)}

    def _flush(self) -> None:
        with self._lock:
            kinds, images, overview = sorted(self._kinds), self._images, self._overview
            self._kinds, self._images, self._timer, self._sent = set(), set(), None, time.monotonic()
            if self._closed:
                return
        named = sorted(images) if images is not None and len(images) <= _MAX_NAMED else None
        try:
            told = overview()
        except Error as error:  # the project was closed meanwhile, or its database is away
            self._emit("notice", {"text": str(error), "undo": False})
            return
        self._emit("changed", {**told, "kinds": kinds, "images": named})

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()

"""The wire between a widget and its Python side: envelopes, lanes, replies.

Keep in sync: widgets/src/protocol.ts.

Handlers run in worker threads, never in the thread the message came in: with subshells that thread serves all
widgets, without them it is the thread of the cells. Reads run side by side; changes run one after the other
in the order they came, as a later one may depend on an earlier one.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lorairo.errors import Error, QueryError
from lorairo.log import logger
from lorairo.masking import masked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

PROTOCOL = 1
REMEMBERED_REPLIES = 128

Send = Callable[[dict[str, Any], list[bytes] | None], None]

_reads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="lorairo-read")
_changes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lorairo-change")


class WireError(Error):
    """A request that cannot be answered: unknown, malformed or out of date."""

    def __init__(self, message: str, *, kind: str = "request") -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(slots=True)
class Answer:
    """What a handler returns."""

    payload: dict[str, Any]
    buffers: list[bytes] = field(default_factory=list)


Handler = Callable[[dict[str, Any]], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler and whether it changes something."""

    handle: Handler
    changes: bool = False


class Dispatcher:
    """Answers the requests of one widget.

    Parameters
    ----------
    routes
        Handlers by kind.
    send
        Sends a message with buffers to every view of the widget.
    """

    def __init__(self, routes: Mapping[str, Route], send: Send) -> None:
        self._routes = routes
        self._send = send
        self._lock = threading.Lock()
        self._running: dict[str, Future[None]] = {}
        self._changing: set[str] = set()
        self._replies: OrderedDict[str, tuple[dict[str, Any], list[bytes] | None]] = OrderedDict()

    def receive(self, content: Any) -> None:
        """Take a message from the browser; returns at once."""
        if not isinstance(content, dict) or not isinstance(content.get("id"), str):
            return  # not ours: ipywidgets sends its own custom messages
        request, kind = content["id"], content.get("kind")
        if content.get("v") != PROTOCOL:
            self._fail(
                request, WireError("This page holds an older lorairo. Reload the page.", kind="protocol")
            )
            return
        payload = content.get("payload") or {}
        if not isinstance(payload, dict):
            self._fail(request, WireError("the payload of a request is an object"))
            return
        if kind == "cancel":
            self._cancel(request)
            return
        with self._lock:
            if request in self._running:
                return  # asked again while it is being answered
            remembered = self._replies.get(request)
            route = self._routes.get(str(kind))
            if remembered is None and route is not None:
                lane = _changes if route.changes else _reads
                if route.changes:
                    self._changing.add(request)
                self._running[request] = lane.submit(self._answer, request, route, payload)
        if remembered is not None:
            self._send(*remembered)
        elif route is None:
            self._fail(request, WireError(f"this lorairo knows no request {kind!r}"))

    def _cancel(self, request: str) -> None:
        with self._lock:
            running = self._running.get(request)
            # A change under way is answered all the same: asked again, it must not be made twice.
            if running is not None and (running.cancel() or request not in self._changing):
                self._running.pop(request, None)
                self._changing.discard(request)

    def _answer(self, request: str, route: Route, payload: dict[str, Any]) -> None:
        try:
            answer = route.handle(payload)
            message: dict[str, Any] = {"v": PROTOCOL, "id": request, "ok": answer.payload}
            buffers: list[bytes] | None = answer.buffers or None
        except Exception as error:  # noqa: BLE001 - whatever it is, the browser must hear of it
            message, buffers = self._error(request, error), None
        with self._lock:
            wanted = self._running.pop(request, None) is not None
            self._changing.discard(request)
            if route.changes:  # asked again after a lost reply, an edit must not be made twice
                self._replies[request] = (message, buffers)
                while len(self._replies) > REMEMBERED_REPLIES:
                    self._replies.popitem(last=False)
        if wanted or route.changes:
            self._send(message, buffers)

    def _fail(self, request: str, error: Exception) -> None:
        self._send(self._error(request, error), None)

    @staticmethod
    def _error(request: str, error: Exception) -> dict[str, Any]:
        body: dict[str, Any] = {"kind": "error", "message": masked(str(error))}
        if isinstance(error, QueryError):
            body = {
                **body,
                "kind": "query",
                "position": error.position,
                "length": error.length,
            }
        elif isinstance(error, WireError):
            body["kind"] = error.kind
        elif not isinstance(error, Error):
            logger.opt(exception=error).error("a widget's request failed")
            said = f"{type(error).__name__}: {body['message']}"
            body["message"] = f"{said}. The project's log has the details."
        return {"v": PROTOCOL, "id": request, "error": body}

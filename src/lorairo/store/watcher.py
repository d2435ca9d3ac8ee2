"""One thread that notices commits of other processes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from lorairo.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 0.5


class Watcher:
    """Asks for a version twice a second while anybody watches, and tells when it changed.

    Parameters
    ----------
    version
        Returns a number that changes with foreign commits, or None when it cannot be asked now.
    tell
        Called, in the watcher's thread, when the number is another one.
    """

    def __init__(self, version: Callable[[], int | None], tell: Callable[[], None]) -> None:
        self._version = version
        self._tell = tell
        self._lock = threading.Lock()
        self._users = 0
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def watch(self) -> None:
        """Watch; the first user starts the thread."""
        with self._lock:
            self._users += 1
            if self._users == 1:
                self._stop = threading.Event()
                seen = self._version()
                self._thread = threading.Thread(
                    target=self._run, args=(self._stop, seen), name="lorairo-watcher", daemon=True
                )
                self._thread.start()

    def unwatch(self) -> None:
        """Stop watching; the last user stops the thread."""
        with self._lock:
            self._users = max(0, self._users - 1)
            if self._users:
                return
        self.close()

    def close(self) -> None:
        """Stop the thread, whoever watches."""
        with self._lock:
            stop, thread = self._stop, self._thread
            self._users, self._stop, self._thread = 0, None, None
        if stop is not None:
            stop.set()
        # A listener may close the project from inside the watcher's own thread.
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self, stop: threading.Event, seen: int | None) -> None:
        failing = False  # said once: a drive that is gone would fill the log, twice a second
        while not stop.wait(SECONDS):
            try:
                now = self._version()
                changed = now is not None and now != seen
                first, seen = seen is None, now if changed else seen
                if changed and not first:
                    self._tell()
                failing = False
            except Exception:  # noqa: BLE001 - a database that is away for a moment must not end the watch
                if not failing:
                    logger.exception("looking for changes by other processes failed")
                failing = True

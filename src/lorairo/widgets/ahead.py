"""Reading ahead: the evidence that the first preview of a threshold needs, while nobody waits for it yet."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from lorairo.log import logger
from lorairo.store import sheet

if TYPE_CHECKING:
    from lorairo.widgets.session import Session


class Ahead:
    """One reading at a time, on a thread of its own, given up when the widget is closed.

    Not on the pool that answers requests: reading 100,000 images takes seconds.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._reading: threading.Thread | None = None

    def begin(self) -> None:
        """Read, unless that is under way; returns at once."""
        with self._lock:
            if self._reading is None or not self._reading.is_alive():
                self._reading = threading.Thread(target=self._read, name="lorairo-ahead", daemon=True)
                self._reading.start()

    @property
    def _unwanted(self) -> bool:
        return self._session.closed or self._session.view.project.closed

    def _go_on(self) -> None:
        if self._unwanted:
            raise CancelledError

    def _read(self) -> None:
        try:
            with self._session.view.project.database.read() as connection:
                sheet.sheet(connection, self._go_on)
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - whoever moves a threshold reads again, and hears of it
            if not self._unwanted:
                logger.opt(exception=error).warning("what models said could not be read ahead")

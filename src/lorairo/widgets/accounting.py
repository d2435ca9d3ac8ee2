"""What runs came to at services, as widgets show it: read now and then while one is under way."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from lorairo.store.accounts import account
from lorairo.store.jobs import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from lorairo.store import Database

_CALM = 1.0  # seconds between two looks at a run under way, and
_SHARE = 20  # at least so many times what a look took: that of a large run takes a while


@dataclass(frozen=True)
class _Known:
    """An account until a moment, or for as long as the row of its run says it changed last then."""

    account: dict[str, Any] | None
    until: float
    changed: float | None = None


_lock = threading.Lock()
_known: WeakKeyDictionary[Database, dict[int, _Known]] = WeakKeyDictionary()


def read_account(c: Connection, job_id: int) -> dict[str, Any] | None:
    """Return what a run came to; None where it asked no service."""
    came_to = account(c, job_id)
    return None if came_to is None else asdict(came_to)


def account_of(database: Database, job_id: int, state: str) -> dict[str, Any] | None:
    """Return what a run came to, of a run under way as it was a moment ago; shared by all widgets."""
    known = _held(database, job_id)
    if state in UNFINISHED and known is not None and time.monotonic() < known.until:
        return known.account
    began = time.monotonic()
    with database.read() as connection:
        found = read_account(connection, job_id)
    took = time.monotonic() - began
    _hold(database, job_id, _Known(found, began + took + max(_CALM, _SHARE * took)))
    return found


def past_account(c: Connection, database: Database, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a run of ``project.jobs`` came to; read again when its row has changed."""
    if row["state"] in UNFINISHED:
        return account_of(database, row["id"], row["state"])
    known = _held(database, row["id"])
    if known is None or known.changed != row["updated_at"]:
        known = _Known(read_account(c, row["id"]), 0.0, row["updated_at"])
        _hold(database, row["id"], known)
    return known.account


def _held(database: Database, job_id: int) -> _Known | None:
    with _lock:
        return _known.get(database, {}).get(job_id)


def _hold(database: Database, job_id: int, known: _Known) -> None:
    with _lock:
        _known.setdefault(database, {})[job_id] = known

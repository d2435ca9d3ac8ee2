"""The one event loop that clients of services live in, on a thread of lorairo's own.

A notebook runs a loop already, and a script runs none: here neither matters, as nothing of a service ever
runs in the loop of a caller.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Future

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    """Return the loop; it runs until the process ends."""
    global _loop  # noqa: PLW0603 - there is one in a process
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            # A daemon: it must not keep an interpreter from ending. Runs close their clients themselves, and
            # at the end of the interpreter jobs are given the time to (`lorairo.jobs.end_all`).
            threading.Thread(target=_run, args=(_loop,), name="lorairo-services", daemon=True).start()
        return _loop


def _run(mine: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(mine)
    mine.run_forever()


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Start something in the loop; from any thread but its own."""
    return asyncio.run_coroutine_threadsafe(work, loop())


def call(work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
    """Run something in the loop and return what it returns.

    Raises
    ------
    TimeoutError
        When it takes longer than so many seconds; it is cancelled then.
    """
    future = submit(work)
    try:
        return future.result(timeout)
    except BaseException:  # an interrupt too: what nobody waits for is not to go on
        future.cancel()
        raise


def _after_fork() -> None:
    """Forget the loop of the parent: its thread is not in the child."""
    global _loop, _lock
    _loop, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""The one way work is spread over cores or machines: `parallel`, over joblib."""

from __future__ import annotations

import contextlib
import itertools
import threading
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import joblib
from joblib.parallel import get_active_backend

from lorairo.config import config
from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from lorairo.config.schema import Limits

T = TypeVar("T")
R = TypeVar("R")

# Results that may be finished but not taken yet, per worker. Enough that a consumer which commits a batch
# keeps nobody waiting; few enough that memory does not grow with the number of items.
_AHEAD = 16

_SKIPPED = object()


class _Gate:
    """Lets a task start only while few results wait to be taken; for workers that share our memory."""

    def __init__(self, ahead: int) -> None:
        self._ahead = ahead
        self._taken = 0
        self._open = True
        self._moved = threading.Condition()

    def enter(self, place: int) -> bool:
        """Wait until the task at this place may start; False when nobody wants results any more."""
        with self._moved:
            # By place, not by how many have started: a thread may be held up between taking its task and
            # coming here, while others run past it. The first task without a result has at most as many
            # before it as were taken, so it never waits, and this cannot lock up.
            self._moved.wait_for(lambda: not self._open or place - self._taken < self._ahead)
            return self._open

    def take(self) -> None:
        """Count one result as taken."""
        with self._moved:
            self._taken += 1
            self._moved.notify_all()

    def close(self) -> None:
        """Let tasks that wait and tasks to come return at once."""
        with self._moved:
            self._open = False
            self._moved.notify_all()


def parallel(
    fn: Callable[[T], R],
    items: Iterable[T],
    *,
    workers: int | None = None,
    limits: Limits | None = None,
    ordered: bool = True,
    backend: Literal["threads", "processes"] = "threads",
) -> Generator[R]:
    """Apply a function to many items, several at a time, and hand out the results as they come.

    Work goes through joblib, so ``with joblib.parallel_config(backend="dask"):`` around a call (or around
    ``project.add``) sends it to a cluster; a backend chosen so wins over `backend`.

    Parameters
    ----------
    fn
        A function of one item. For ``processes`` and clusters it and the items must pickle; it should be a
        top-level function, as workers may be started afresh (spawn).
    items
        Taken lazily, from whichever thread has a free place, never from two at once.
    workers
        How many at a time. By default what ``joblib.parallel_config`` says, else what the limits allow here;
        a cluster takes as many as it can.
    limits
        What may be taken of this machine; by default ``[limits]`` of the settings.
    ordered
        Whether results keep the order of the items; otherwise they come as they finish.
    backend
        ``threads`` for work that releases the interpreter lock (decoding, hashing, files), ``processes`` for
        pure Python and for decoders that may crash.

    Yields
    ------
    object
        The results. At most 16 per worker are finished ahead of the one taken.

    Raises
    ------
    ArgumentError
        For a backend or a number of workers that means nothing.
    Exception
        The first exception of `fn` or of `items`; a function that must not stop the others returns its error.

    Notes
    -----
    Closing the iterator, or an interrupt while waiting on it, starts nothing new. What is running in a thread
    finishes by itself (threads cannot be killed); processes are stopped.
    """
    if backend not in ("threads", "processes"):
        raise ArgumentError(f'backend={backend!r} is unknown: use "threads" or "processes"')
    if workers is not None and workers < 1:
        raise ArgumentError(f"workers={workers} means nothing: give 1 or more, or None for limits.workers")
    returns = "generator" if ordered else "generator_unordered"
    return _spread(fn, items, workers, returns, backend, limits=limits)


def _spread(
    fn: Callable[[T], R],
    items: Iterable[T],
    workers: int | None,
    returns: str,
    prefer: str,
    *,
    limits: Limits | None,
) -> Generator[R]:
    _, asked = get_active_backend()
    chosen, _ = get_active_backend(prefer=prefer)
    jobs = workers or asked or (-1 if _is_elsewhere(chosen) else (limits or config.limits).threads)
    pool = joblib.Parallel(n_jobs=jobs, prefer=prefer, return_as=returns)
    ahead = _AHEAD * int(chosen.effective_n_jobs(jobs))
    if getattr(chosen, "supports_sharedmem", False):
        yield from _gated(pool, fn, items, ahead)
    else:
        yield from _windowed(pool, fn, items, ahead)


def _is_elsewhere(backend: object) -> bool:
    """Whether work goes to a cluster, whose processors are not ours to count."""
    return type(backend).__module__ != "joblib._parallel_backends"


def _gated(pool: joblib.Parallel, fn: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """Run in threads, each waiting at a gate so that it does not run away from the consumer."""
    gate = _Gate(ahead)
    source = _Source(items)

    def task(place: int, item: T) -> Any:
        return fn(item) if gate.enter(place) else _SKIPPED

    results = pool(joblib.delayed(task)(place, item) for place, item in enumerate(source))
    try:
        for result in results:
            gate.take()
            yield result
    finally:
        source.stop()
        gate.close()
        _drain(results)


def _windowed(pool: joblib.Parallel, fn: Callable[[T], R], items: Iterable[T], window: int) -> Iterator[R]:
    """Run elsewhere, window by window.

    joblib sends the next task as soon as one is done, whether or not its result is wanted yet, and a gate
    cannot be shared with another process.
    """
    source = iter(items)
    with pool:
        while chunk := list(itertools.islice(source, window)):
            pending = _Source(chunk)
            results = pool(joblib.delayed(fn)(item) for item in pending)
            try:
                yield from results
            finally:
                pending.stop()
                _drain(results)


class _Source:
    """An iterator that can be told to end."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = iter(items)
        self._stopped = False

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._stopped:
            raise StopIteration
        return next(self._items)

    def stop(self) -> None:
        """End at the next item."""
        self._stopped = True


def _drain(results: Iterator[Any]) -> None:
    """Take what is still under way, so that joblib ends by itself; after an error there is nothing to take.

    Closing joblib's generator early would kill its pool and warn about lost work.
    """
    with contextlib.suppress(Exception):  # the error of a task whose result nobody takes any more
        for _ in results:
            pass

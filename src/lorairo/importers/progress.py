"""Show how far an import is, where somebody watches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class Bar:
    """A progress bar, or a callback in its place.

    Parameters
    ----------
    total
        How many files there are.
    callback
        Called with (done, total, rejected) after each step; then no bar is drawn.
    """

    def __init__(self, total: int, callback: Callable[[int, int, int], None] | None) -> None:
        self._total = total
        self._done = 0
        self._callback = callback
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def step(self, count: int, rejected: int) -> None:
        """Count files as done; `rejected` is the number of all so far."""
        self._done += count
        if self._callback is not None:
            self._callback(self._done, self._total, rejected)
        elif self._bar is None and self._done < self._total and somebody_watches():
            from tqdm.auto import tqdm  # noqa: PLC0415 - it looks for widgets, which a script need not pay for

            self._bar = tqdm(total=self._total, initial=self._done, unit=" images", desc="Adding")
        elif self._bar is not None:
            self._bar.update(count)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def somebody_watches() -> bool:
    """Whether this is a terminal or a notebook."""
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    shell = sys.modules.get("IPython")
    return hasattr(shell.get_ipython(), "kernel") if shell is not None else False

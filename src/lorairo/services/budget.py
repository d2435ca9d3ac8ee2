"""What a run may cost: a question is asked only if it stays within that, however long its answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lorairo.errors import ArgumentError
from lorairo.services.prices import price_of, prices_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.services.wishes import Wishes


class Budget:
    """Counts what a run has spent, and what is under way may cost. Lives in one event loop.

    Parameters
    ----------
    limit
        USD that is never passed; None for no limit.
    spent
        What the run has spent in earlier kernels, and for earlier models.

    Attributes
    ----------
    spent
        USD, of what has ended.
    """

    def __init__(self, limit: float | None, spent: float = 0.0) -> None:
        self._limit = limit
        self.spent = spent
        self._held = 0.0
        self._under_way = 0
        self._moved: asyncio.Event | None = None

    async def take(self, most: float) -> bool:
        """Put aside what a question costs at most, as soon as what is under way leaves room for it.

        Returns
        -------
        bool
            False where there is no room and nothing is under way that could leave any.
        """
        while self._limit is not None and self.spent + self._held + most > self._limit:
            if not self._under_way:
                return False
            self._moved = self._moved or asyncio.Event()
            await self._moved.wait()
        self._held += most
        self._under_way += 1
        return True

    def settle(self, most: float, really: float) -> None:
        """Count what a question cost, in place of what was put aside for it."""
        self._under_way -= 1
        self._held = self._held - most if self._under_way else 0.0  # no crumbs of rounding stay
        self.spent += really
        if self._moved is not None:
            self._moved.set()
            self._moved = None


def check_prices(models: Iterable[tuple[str, str]], wishes: Wishes) -> None:
    """Refuse a budget for models whose price nobody knows.

    Parameters
    ----------
    models
        Provider and name of each.

    Raises
    ------
    ArgumentError
        When the run could not tell when to stop.
    """
    if wishes.budget is None:
        return
    for provider, model in models:
        if price_of(provider, model) is None:
            raise ArgumentError(
                f"budget={wishes.budget:g} cannot be kept: nobody has said what {provider}/{model} costs. "
                f'Write [prices."{provider}/{model}"] with input, output and as_of in {prices_file()}'
            )

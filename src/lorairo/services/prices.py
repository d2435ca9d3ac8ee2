"""What services ask for their tokens. A price that stands nowhere is unknown, never nothing."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lorairo.config import nearest, user_file
from lorairo.config.tables import read_tables
from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from lorairo.services.calls import Usage

_MILLION = 1_000_000
_COARSE = 0.1


class Price(BaseModel):
    """USD per million tokens.

    Attributes
    ----------
    input, output
        What is read, and what is written.
    cached_input
        What is read from the service's cache; None counts it in full.
    cache_write
        What is read and put into the cache; None counts it like all that is read.
    batch_factor
        What of the price is left for questions that are handed over together.
    as_of
        When the price was read.
    until
        The last day on which it is known to hold.
    then
        The price after that day; without one it is unknown from then on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    cache_write: float | None = Field(default=None, ge=0)
    batch_factor: float = Field(default=1.0, gt=0, le=1)
    as_of: dt.date
    until: dt.date | None = None
    then: Price | None = None

    @property
    def free(self) -> bool:
        """Whether neither reading nor writing costs anything."""
        return not self.input and not self.output

    def cost(self, usage: Usage, *, batch: bool = False) -> float:
        """Return USD; tokens that were not counted cost nothing here.

        Parameters
        ----------
        usage
            Tokens; where the service itself named a cost, that counts.
        batch
            Whether they were used by many questions that were handed over together.
        """
        if usage.cost is not None:
            return usage.cost
        read = usage.input or 0
        cached = min(usage.cached or 0, read)
        kept = min(usage.kept or 0, read - cached)
        from_cache, into_cache = (
            self.input if price is None else price for price in (self.cached_input, self.cache_write)
        )
        dollars = (read - cached - kept) * self.input + cached * from_cache + kept * into_cache
        dollars += (usage.output or 0) * self.output
        return dollars / _MILLION * (self.batch_factor if batch else 1)

    def __str__(self) -> str:
        """Say it in words: ``$0.25 in, $2.00 out per million``."""
        return "free" if self.free else f"{dollars(self.input)} in, {dollars(self.output)} out per million"


def dollars(value: float) -> str:
    """Write an amount: ``$1,204.50``; below ten cents as fine as it says something, ``$0.013``."""
    if value <= 0 or value >= _COARSE or value == round(value, 2):
        return f"${value:,.2f}"
    places = 1 - math.floor(math.log10(value))
    return f"${max(value, 1e-6):.{min(places, 6)}f}"


def price_of(provider: str, model: str, *, on: dt.date | None = None) -> Price | None:
    """Return what a model of a service costs; None where nobody has said.

    An address of one's own is no reason to call a model free: what listens on this machine may be a gateway
    to services that bill. It is free where a row says so; ``provider/*`` is a row for all its models.

    Parameters
    ----------
    on
        The day that counts, by default today.

    Raises
    ------
    ConfigError
        When the user's own table means nothing.
    """
    rows = prices()
    found = rows.get(f"{provider}/{model}", rows.get(f"{provider}/*"))
    today = on or dt.datetime.now(tz=dt.UTC).date()
    while found is not None and found.until is not None and found.until < today:
        found = found.then
    return found


def prices() -> dict[str, Price]:
    """Return every price by ``provider/model``; the user's own replace ours."""
    return {**_shipped(), **own_prices()}


def own_prices() -> dict[str, Price]:
    """Return the prices of the user's own table."""
    own = prices_file()
    return _read(own) if own.is_file() else {}


def prices_file() -> Path:
    """Path of the user's own prices, which need not exist."""
    return user_file().parent / "prices.toml"


@cache
def _shipped() -> dict[str, Price]:
    return _read(Path(str(resources.files("lorairo.services") / "prices.toml")))


def _read(file: Path) -> dict[str, Price]:
    rows = read_tables(file, ["prices"]).get("prices", {})
    return {name: _price(name, row, file) for name, row in rows.items()}


def _price(name: str, row: Any, file: Path) -> Price:
    if not isinstance(row, dict) or "/" not in name:
        raise ConfigError(f'{file}: {name} is no price: write [prices."provider/model"] above its figures')
    try:
        return Price.model_validate(row)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        slip = next((one for one in problems if one["type"] == "extra_forbidden"), None)
        problem = slip or problems[0]
        key = ".".join(str(part) for part in problem["loc"])
        if slip:
            raise ConfigError(
                f"{file}: {name}: unknown key {key!r}: {nearest(key, list(Price.model_fields))}"
            ) from None
        raise ConfigError(f"{file}: {name}: {key}: {problem['msg']}") from None

"""What a run of services may do: how much it may cost, and which pictures it leaves alone."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lorairo.errors import ArgumentError
from lorairo.tags import RATINGS


class Wishes(BaseModel):
    """What a run of services may do.

    Attributes
    ----------
    budget
        USD that it stops before; None for no limit.
    refused
        Pictures that this model refused before: ``skip`` or ``send``.
    unknown
        Pictures that were under way when a kernel died, so that nobody knows whether they were answered:
        ``skip`` or ``send``.
    withhold
        Ratings by models on this machine, or by a person, whose pictures are not sent.
    batch
        Hand over many questions together, answered within a day for half the price.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: float | None = Field(default=None, gt=0)
    refused: Literal["skip", "send"] = "skip"
    unknown: Literal["skip", "send"] = "skip"
    withhold: tuple[str, ...] = ()
    batch: bool = False

    @field_validator("withhold")
    @classmethod
    def _ratings(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for rating in value:
            if rating not in RATINGS:
                raise ValueError(f"{rating!r} is no rating: there are {', '.join(RATINGS)}")
        return value


def wishes_of(**told: Any) -> Wishes:
    """Return wishes.

    Raises
    ------
    ArgumentError
        When one means nothing.
    """
    try:
        return Wishes.model_validate(told)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        name, value = problem["loc"][0], problem["input"]
        message = problem["msg"].removeprefix("Value error, ")
        raise ArgumentError(f"{name}={value!r} means nothing: {message}") from None

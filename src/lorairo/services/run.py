"""Asking a service about images: what is left to ask, within its limits, each answer kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lorairo.captions.pieces import Facts
from lorairo.captions.template import Template

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from lorairo.jobs import Step
    from lorairo.services.asking import Service
    from lorairo.services.endpoint import Endpoint
    from lorairo.services.wishes import Wishes
    from lorairo.store import Database

FactsSource = Callable[[Sequence[Template], Sequence[int]], dict[int, Facts]]
"""Gives what templates ask of images, by id; an image that was deleted meanwhile is left out."""


def steps(
    database: Database,
    source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
    facts: FactsSource | None,
    ids: NDArray[np.int64],
    *,
    model: str,
    service: Service,
    endpoint: Endpoint,
    wishes: Wishes,
    job_id: int,
) -> Generator[Step]:
    """Ask about the images that have no answer yet; one step per transaction."""
    raise NotImplementedError

"""How much models have left to do: images they have not answered as they would be run now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.inference.weights import revision_here
from lorairo.store import evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.inference.specs import ModelSpec


def remaining(
    c: Connection,
    specs: Sequence[ModelSpec],
    ids: NDArray[np.int64],
    floor: float = evidence.FLOOR,
) -> list[int]:
    """Count for each model the images it has no answer about; loads no model, fetches nothing.

    The revision counts as in a run. Where it cannot be told from the files here, the one run last counts.
    """
    known = [_known(c, spec, floor) for spec in specs]
    answered = evidence.count_answered(c, [number for number in known if number is not None], ids)
    return [len(ids) - (0 if number is None else answered[number]) for number in known]


def _known(c: Connection, spec: ModelSpec, floor: float) -> int | None:
    parameters = spec.parameters(floor)
    newest = evidence.known_model_id(c, spec.provider, spec.name, None, parameters)
    if newest is None or spec.backend != "onnx":
        return newest  # files are only hashed where an answer of theirs may be here
    return evidence.known_model_id(c, spec.provider, spec.name, revision_here(spec), parameters)

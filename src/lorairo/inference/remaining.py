"""How much models have left to do: images they have not answered as they would be run now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.inference.recording import version_of
from lorairo.inference.registry import specs
from lorairo.inference.weights import both, revision_here
from lorairo.store import embeddings, evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.inference.specs import ModelSpec


def remaining(
    c: Connection,
    models: Sequence[ModelSpec],
    ids: NDArray[np.int64],
    floor: float = evidence.FLOOR,
) -> list[int]:
    """Count for each model the images it has no answer about; loads no model, fetches nothing.

    The revision counts as in a run. Where it cannot be told from the files here, the one run last counts.
    """
    known = [_known_scorer(c, spec) if spec.kind == "scorer" else _known(c, spec, floor) for spec in models]
    in_words = {
        number
        for spec, number in zip(models, known, strict=True)
        if number is not None and spec.kind not in ("scorer", "embedder")
    }
    answered = evidence.count_answered(c, sorted(in_words), ids)
    left = []
    for spec, number in zip(models, known, strict=True):
        if number is None:
            left.append(len(ids))
        elif spec.kind == "scorer":
            left.append(len(ids) - len(evidence.scored(c, number, ids)))
        elif spec.kind == "embedder":
            left.append(len(ids) - len(embeddings.known(c, number, ids)))
        else:
            left.append(len(ids) - answered[number])
    return left


# Files are only hashed where an answer of theirs may be here.


def _known(c: Connection, spec: ModelSpec, floor: float) -> int | None:
    parameters = spec.parameters(floor)
    newest = evidence.known_model_id(c, spec.provider, spec.name, None, parameters)
    revision = None if newest is None else revision_here(spec)
    if revision is None:
        return newest
    return evidence.known_model_id(c, spec.provider, spec.name, revision, parameters)


def _known_scorer(c: Connection, spec: ModelSpec) -> int | None:
    newest = evidence.known_scorer_id(c, spec.name, None)
    revision = None if newest is None else _revision(spec)
    if revision is None:
        return newest
    return evidence.known_scorer_id(c, spec.name, version_of(spec, revision))


def _revision(spec: ModelSpec) -> str | None:
    """Return the revision of a scorer here, with that of the embedder whose embeddings it judges."""
    revision = revision_here(spec)
    if revision is None or spec.head is None:
        return revision
    over = specs().get(spec.head.over)
    beneath = None if over is None else revision_here(over)
    return None if beneath is None else both(revision, beneath)

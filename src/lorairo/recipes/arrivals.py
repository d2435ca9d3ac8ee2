"""Evidence in a recipe: where between the calls it arrived, and how it is packed."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from lorairo.store import portable
from lorairo.store.blobs import SCORED, Ragged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.recipes.companion import Packer
    from lorairo.store.logged import Logged
    from lorairo.store.portable import Answer, Score

_PART = 4096  # answers packed together
_NEVER = 2**31


class _Dated(Protocol):
    @property
    def at(self) -> float: ...


_Arrived = TypeVar("_Arrived", bound=_Dated)


class Arrivals:
    """Puts what arrived over time between the acts of a recipe.

    Parameters
    ----------
    log
        All operations, also those the recipe leaves out.
    places
        Of its acts, as positions in the log.
    """

    def __init__(self, log: Sequence[Logged], places: Sequence[int]) -> None:
        times = np.array([entry.at for entry in log], dtype=np.float64)
        self._times = np.maximum.accumulate(times) if len(times) else times  # a clock may have been set back
        self._places = np.array(places, dtype=np.int64)

    def before(self, at: float) -> int:
        """Return which act, from 0, what arrived at this time stands before."""
        done = np.searchsorted(self._times, at, side="right")
        return int(np.searchsorted(self._places, done, side="left"))

    def split(self, arrived: Iterable[_Arrived]) -> Iterator[tuple[int, list[_Arrived]]]:
        """Yield what arrived in parts, each with the act it stands before."""
        last = 0
        part: list[_Arrived] = []
        for one in arrived:
            place = max(last, self.before(one.at))
            if part and (place != last or len(part) == _PART):
                yield last, part
                part = []
            last = place
            part.append(one)
        if part:
            yield last, part


class Evidence:
    """What models and scorers said, cut where acts stand in between.

    Parameters
    ----------
    c
        A snapshot of the project.
    arrivals
        Knows before which act something arrived.

    Attributes
    ----------
    said
        By act: how many images who said something about before it.
    """

    def __init__(self, c: Connection, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self.said: dict[int, Counter[str]] = defaultdict(Counter)
        self._models, self._scorers = portable.models(c), portable.scorers(c)
        self._first = dict.fromkeys((row["id"] for row in self._models), _NEVER)
        keys = {row["id"]: f"{row['provider']}/{row['model']}" for row in self._models}
        for before, answers in arrivals.split(portable.answers(c, whole=False)):
            for answer in answers:
                self._first[answer.model] = min(self._first[answer.model], before)
                self.said[before][keys[answer.model]] += 1
        names = {row["id"]: row["name"] for row in self._scorers}
        for before, scores in arrivals.split(portable.scores(c)):
            self.said[before].update(names[score.scorer] for score in scores)

    def needed(self, model: str, before: int) -> None:
        """Note that a call names a model, ``provider/model``: perhaps no answer of it is left from before."""
        for row in self._models:
            if f"{row['provider']}/{row['model']}" == model and self._first[row["id"]] > before:
                self._first[row["id"]] = 0

    def pack(self, c: Connection, packer: Packer, places: NDArray[np.int64]) -> dict[str, Any]:
        """Pack all that was said, named by content.

        Parameters
        ----------
        c
            The same snapshot.
        packer
            Where to.
        places
            Of images in the companion, by id.

        Returns
        -------
        dict
            What the header says of it: ``models``, each with the act before which it is known, ``scorers``
            and ``tags``, with their category.
        """
        vocabulary = sorted(portable.vocabulary(c), key=lambda row: row[1])
        packing = _Packing(
            places,
            places_of([row[0] for row in vocabulary]),
            places_of([row["id"] for row in self._models]),
            places_of([row["id"] for row in self._scorers]),
        )
        parts: Counter[tuple[str, int]] = Counter()
        for before, answers in self._arrivals.split(portable.answers(c)):
            packer.put(f"answers/{before}/{parts['answers', before]}", packing.answers(answers))
            parts["answers", before] += 1
        for before, scores in self._arrivals.split(portable.scores(c)):
            packer.put(f"scores/{before}/{parts['scores', before]}", packing.scores(scores))
            parts["scores", before] += 1
        return {
            "models": self._model_rows(),
            "scorers": [_without_id(row) for row in self._scorers],
            "tags": [[name, category] for _, name, category in vocabulary],
        }

    def _model_rows(self) -> list[dict[str, Any]]:
        # The newest of two revisions gives the defaults, so they become known in the order they had.
        known = np.array([self._first[row["id"]] for row in reversed(self._models)], dtype=np.int64)
        first = np.minimum.accumulate(known)[::-1].tolist()
        return [{**_without_id(row), "first": place} for row, place in zip(self._models, first, strict=True)]


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "id"}


def places_of(ids: Sequence[int]) -> NDArray[np.int64]:
    """Return by id its place among these."""
    places = np.full(max(ids, default=0) + 1, -1, dtype=np.int64)
    places[list(ids)] = np.arange(len(ids))
    return places


@dataclass(frozen=True)
class _Packing:
    """Turns answers into columns; the places of images, tags, models and scorers by id."""

    image: NDArray[np.int64]
    tag: NDArray[np.int64]
    model: NDArray[np.int64]
    scorer: NDArray[np.int64]

    def answers(self, part: Sequence[Answer]) -> dict[str, Any]:
        named = Ragged.join([answer.tags or b"" for answer in part], SCORED)
        return {
            "image": self.image[[answer.image for answer in part]].astype("<u4"),
            "model": self.model[[answer.model for answer in part]].astype("<u4"),
            "tagged": np.array([answer.tags is not None for answer in part], dtype=bool),
            "count": named.counts.astype("<u4"),
            "tag": self.tag[named.values["tag"]].astype("<u4"),
            "score": np.ascontiguousarray(named.values["score"]),
            **{name: [answer.said[k] for answer in part] for k, name in enumerate(portable.SAID)},
        }

    def scores(self, part: Sequence[Score]) -> dict[str, Any]:
        return {
            "image": self.image[[score.image for score in part]].astype("<u4"),
            "scorer": self.scorer[[score.scorer for score in part]].astype("<u4"),
            "values": np.frombuffer(b"".join(score.values for score in part), dtype="<f4"),
        }

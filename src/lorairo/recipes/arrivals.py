"""Evidence in a recipe: where between the calls it arrived, and how it is packed."""

from __future__ import annotations

from collections import Counter, defaultdict
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
    """Packs what models and scorers said, named by content.

    Parameters
    ----------
    c
        A snapshot of the project.
    packer, arrivals
        Where to, and before which act.
    places
        Of images in the companion, by id.

    Attributes
    ----------
    said
        By act: how many images who said something about before it.
    models, scorers, tags
        As the header of the companion lists them.
    """

    def __init__(self, c: Connection, packer: Packer, arrivals: Arrivals, places: NDArray[np.int64]) -> None:
        self.said: dict[int, Counter[str]] = defaultdict(Counter)
        self.models, scorers = portable.models(c), portable.scorers(c)
        self.scorers = [{key: value for key, value in row.items() if key != "id"} for row in scorers]
        self._first = [_NEVER] * len(self.models)
        self._model = {row["id"]: place for place, row in enumerate(self.models)}
        self._scorer = {row["id"]: place for place, row in enumerate(scorers)}
        vocabulary = sorted(portable.vocabulary(c), key=lambda row: row[1])
        self.tags = [[name, category] for _, name, category in vocabulary]
        self._tag = np.zeros(max((row[0] for row in vocabulary), default=0) + 1, dtype=np.uint32)
        self._tag[[row[0] for row in vocabulary]] = np.arange(len(vocabulary))
        self._image = places
        parts: Counter[tuple[str, int]] = Counter()
        for before, answers in arrivals.split(portable.answers(c)):
            packer.put(f"answers/{before}/{parts['answers', before]}", self._answers(before, answers))
            parts["answers", before] += 1
        for before, scores in arrivals.split(portable.scores(c)):
            packer.put(f"scores/{before}/{parts['scores', before]}", self._scores(before, scores))
            parts["scores", before] += 1

    def needed(self, model: str, before: int) -> None:
        """Note that a call names a model, ``provider/model``: perhaps no answer of it is left from before."""
        for place, row in enumerate(self.models):
            if f"{row['provider']}/{row['model']}" == model and self._first[place] > before:
                self._first[place] = 0

    def model_rows(self) -> list[dict[str, Any]]:
        """Return the models, oldest first, each with the act before which it is known."""
        # The newest of two revisions gives the defaults, so they become known in the order they had.
        first = np.minimum.accumulate(np.array(self._first[::-1], dtype=np.int64))[::-1].tolist()
        return [
            {**{key: value for key, value in row.items() if key != "id"}, "first": place}
            for row, place in zip(self.models, first, strict=True)
        ]

    def _answers(self, before: int, part: Sequence[Answer]) -> dict[str, Any]:
        for answer in part:
            place = self._model[answer.model]
            self._first[place] = min(self._first[place], before)
            self.said[before][f"{self.models[place]['provider']}/{self.models[place]['model']}"] += 1
        named = Ragged.join([answer.tags or b"" for answer in part], SCORED)
        return {
            "image": self._image[[answer.image for answer in part]].astype("<u4"),
            "model": np.array([self._model[answer.model] for answer in part], dtype="<u4"),
            "tagged": np.array([answer.tags is not None for answer in part], dtype=bool),
            "count": named.counts.astype("<u4"),
            "tag": self._tag[named.values["tag"]],
            "score": np.ascontiguousarray(named.values["score"]),
            **{name: [answer.said[k] for answer in part] for k, name in enumerate(portable.SAID)},
        }

    def _scores(self, before: int, part: Sequence[Score]) -> dict[str, Any]:
        for score in part:
            self.said[before][self.scorers[self._scorer[score.scorer]]["name"]] += 1
        return {
            "image": self._image[[score.image for score in part]].astype("<u4"),
            "scorer": np.array([self._scorer[score.scorer] for score in part], dtype="<u4"),
            "values": np.frombuffer(b"".join(score.values for score in part), dtype="<f4"),
        }

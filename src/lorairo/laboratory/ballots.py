"""Two answers about one image, without names: which is the better one; and what all votes say together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from lorairo.passes import wilson
from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lorairo.laboratory.cells import Cell
    from lorairo.laboratory.reading import Reply

Choice = Literal["a", "b", "tie", "neither"]
CHOICES: tuple[Choice, ...] = ("a", "b", "tie", "neither")
TIE, NEITHER = "tie", "neither"

Votes = dict[str, dict[str, dict[str, str]]]
"""By pair, image (as text) and author: the key of the cell that won, or `TIE`, or `NEITHER`."""


@dataclass(frozen=True)
class Ballot:
    """Two answers about one image.

    Attributes
    ----------
    image_id
        The image.
    a, b
        The answers, in random order.
    id
        What it is kept under.
    """

    image_id: int
    a: str
    b: str
    id: str = field(repr=False)
    cells: tuple[Cell, Cell] = field(repr=False)

    @property
    def pair(self) -> str:
        """The two cells, whatever side they are on."""
        return pair_of(*self.cells)

    def won(self, choice: Choice) -> str:
        """Return what is kept of a choice."""
        return {"a": self.cells[0].key, "b": self.cells[1].key}.get(choice, choice)

    def choice(self, won: str | None) -> Choice | None:
        """Return the choice that was kept so."""
        return next((choice for choice in CHOICES if self.won(choice) == won), None)

    def __str__(self) -> str:
        return f"Image {self.image_id}\na: {printable(self.a)}\nb: {printable(self.b)}"


def pair_of(one: Cell, other: Cell) -> str:
    """Name two cells, in an order of their own."""
    return ".".join(sorted((one.key, other.key)))


def pairs_of(cells: Sequence[Cell]) -> list[str]:
    """Name every pair of cells."""
    return [pair_of(one, other) for one, other in combinations(cells, 2)]


def ballots(
    cells: Sequence[Cell], ids: Iterable[int], replies: Mapping[tuple[str, int], Reply], seed: int
) -> list[Ballot]:
    """Return the pairs of answers that differ, in random order, each with random sides.

    Answers that are alike word by word are no question. The order and the sides depend on `seed` alone, so
    that a kernel that starts again asks the same.
    """
    found: list[tuple[bytes, Ballot]] = []
    for image_id in ids:
        for one, other in combinations(cells, 2):
            texts = [replies[cell.key, image_id].text for cell in (one, other)]
            if not all(texts) or texts[0] == texts[1]:
                continue
            name = f"{image_id}.{pair_of(one, other)}"
            drawn = hashlib.sha256(f"{seed}|{name}".encode()).digest()
            pair = (other, one) if (drawn[-1] & 1) == (one.key < other.key) else (one, other)
            a, b = (replies[cell.key, image_id].text for cell in pair)
            found.append((drawn, Ballot(image_id, a, b, name, pair)))
    return [ballot for _, ballot in sorted(found, key=lambda each: each[0])]


@dataclass(frozen=True)
class Standing:
    """What votes say of one cell.

    Attributes
    ----------
    wins, losses, ties, neither
        Votes about pairs that it is in.
    """

    wins: int = 0
    losses: int = 0
    ties: int = 0
    neither: int = 0

    @property
    def votes(self) -> int:
        """All of them."""
        return self.wins + self.losses + self.ties + self.neither

    @property
    def share(self) -> float | None:
        """How often it was preferred, of the pairs in which one was; None where there was none."""
        decided = self.wins + self.losses
        return self.wins / decided if decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where that share lies with 95 % confidence (Wilson)."""
        return wilson(self.wins, self.wins + self.losses)


def standings(cells: Sequence[Cell], ids: Iterable[int], votes: Votes) -> dict[str, Standing]:
    """Count the votes of everybody about images of the sample, by the key of a cell."""
    wanted = {str(image_id) for image_id in ids}
    counts = {cell.key: {"wins": 0, "losses": 0, "ties": 0, "neither": 0} for cell in cells}
    for one, other in combinations([cell.key for cell in cells], 2):
        of_pair = votes.get(".".join(sorted((one, other))), {})
        for won in (said for image in wanted & set(of_pair) for said in of_pair[image].values()):
            for key in (one, other):
                plain = {TIE: "ties", NEITHER: "neither"}.get(won)
                counts[key][plain or ("wins" if won == key else "losses")] += 1
    return {key: Standing(**told) for key, told in counts.items()}

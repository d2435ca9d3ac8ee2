"""The tags of a view as rules would leave them, and the edits of the log that lead there.

What a rule does to a list here, the verbs of the log do to an image: a replacement stands where the replaced
tag stood, what is added comes last.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Literal

from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from lorairo.view import View

Verb = Literal["replace", "remove", "add", "order", "list"]


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of the log.

    Attributes
    ----------
    verb, tags
        What is done: ``replace`` takes a mapping, ``list`` nothing, the others names.
    ids
        The images it changes.
    everywhere
        Whether the same edit of the whole view would change these images and no others.
    lists
        Of ``list``: all tags of each image.
    """

    verb: Verb
    tags: dict[str, str] | list[str]
    ids: list[int]
    everywhere: bool
    lists: Mapping[int, list[str]] = field(default_factory=dict)


class Draft:
    """Tags by image, changed by one rule after the other.

    Attributes
    ----------
    before, tags
        Names by image id, in their order: as they are, and as they would be.
    steps
        The edits that lead from one to the other.
    uses
        By rule, tag that goes and tag that comes: on how many images.
    notes
        What a rule leaves to a person.
    """

    def __init__(self, view: View) -> None:
        index, snapshot = view.held()
        self.view = view
        self.before = {
            image_id: [index.tag_name(tag) for tag in index.tags_of(place)[0].tolist()]
            for image_id, place in zip(snapshot.ids.tolist(), snapshot.positions.tolist(), strict=True)
        }
        self.tags = dict(self.before)
        self.steps: list[Step] = []
        self.uses: Counter[tuple[str, str, str]] = Counter()
        self.notes: list[str] = []

    def counts(self) -> Counter[str]:
        """Count images by tag."""
        return Counter(chain.from_iterable(self.tags.values()))

    def changed(self) -> list[int]:
        """Return the images whose tags would be others, or in another order."""
        return [image_id for image_id, names in self.tags.items() if names != self.before[image_id]]

    def _having(self, wanted: AbstractSet[str]) -> Iterator[tuple[int, list[str]]]:
        for image_id, names in self.tags.items():
            if not wanted.isdisjoint(names):
                yield image_id, names

    def replace(self, rule: str, pairs: Mapping[str, str]) -> None:
        """Replace tags where they are."""
        for stage in _stages({old: new for old, new in pairs.items() if old != new}):
            ids = []
            for image_id, names in self._having(stage.keys()):
                ids.append(image_id)
                self.tags[image_id] = _replaced(names, stage)
                self.uses.update((rule, name, stage[name]) for name in names if name in stage)
            used = {old: new for old, new in stage.items() if self.uses[rule, old, new]}
            self._step("replace", used, ids, everywhere=True)

    def remove(self, rule: str, names: Collection[str], ids: Iterable[int] | None = None) -> None:
        """Take tags away, from some images or wherever they are."""
        gone = set(names)
        touched = []
        for image_id in [found for found, _ in self._having(gone)] if ids is None else ids:
            touched.append(image_id)
            self.uses.update((rule, name, "") for name in self.tags[image_id] if name in gone)
            self.tags[image_id] = [name for name in self.tags[image_id] if name not in gone]
        used = [name for name in dict.fromkeys(names) if self.uses[rule, name, ""]]
        self._step("remove", used, touched, everywhere=ids is None)

    def add(self, rule: str, name: str, ids: Sequence[int]) -> None:
        """Add a tag to images that lack it."""
        self.uses[rule, "", name] += len(ids)
        for image_id in ids:
            self.tags[image_id] = [*self.tags[image_id], name]
        self._step("add", [name], list(ids), everywhere=False)

    def order(self, rule: str, names: Sequence[str], ids: Sequence[int]) -> None:
        """Put tags first, in this order."""
        self.uses[rule, "", ""] += len(ids)
        for image_id in ids:
            self.tags[image_id] = arranged(self.tags[image_id], names)
        self._step("order", list(names), list(ids), everywhere=False)

    def order_each(self, rule: str, names: Sequence[str], ids: Sequence[int]) -> None:
        """Put tags first, and give every other tag of these images the place where it then stands, too."""
        self.uses[rule, "", ""] += len(ids)
        lists = {image_id: arranged(self.tags[image_id], names) for image_id in ids}
        self.tags.update(lists)
        if lists:
            self.steps.append(Step("list", [], list(lists), everywhere=False, lists=lists))

    def _step(
        self, verb: Verb, tags: dict[str, str] | list[str], ids: list[int], *, everywhere: bool
    ) -> None:
        if ids:
            self.steps.append(Step(verb, tags, ids, everywhere))


def arranged(names: Sequence[str], first: Sequence[str]) -> list[str]:
    """Return tags with some of them first, in the order given; the others follow as they stood."""
    place = {name: number for number, name in enumerate(first)}
    return sorted(names, key=lambda name: place.get(name, len(place)))


def _stages(pairs: dict[str, str]) -> Iterator[dict[str, str]]:
    """Split renames so that none renames what another one made: ``a`` to ``b`` comes after ``b`` to ``c``."""
    while pairs:
        free = {old: new for old, new in pairs.items() if new not in pairs}
        if not free:
            raise ArgumentError(f"these renames run in a circle: {', '.join(pairs)}")
        yield free
        pairs = {old: new for old, new in pairs.items() if old not in free}


def _replaced(names: list[str], pairs: Mapping[str, str]) -> list[str]:
    """Replace in one list; of several tags with the same replacement, the last named gives its place."""
    places = {new: old for old, new in pairs.items() if old in names and new not in names}
    return [pairs.get(name, name) for name in names if name not in pairs or places.get(pairs[name]) == name]

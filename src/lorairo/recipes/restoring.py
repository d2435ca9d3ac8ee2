"""Set images that ended otherwise to what a recipe recorded, by the verbs a person has."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from lorairo.project import Project
    from lorairo.recipes.report import Difference
    from lorairo.view import View

    Pair = tuple[Any, Any]  # expected, got

LABEL = "Set to what the recipe recorded"


def restore(project: Project, found: Sequence[Difference], ids: Mapping[str, int]) -> None:
    """Set what differs to what was expected, as one step of undo.

    Parameters
    ----------
    project
        Where.
    found
        Differences.
    ids
        Images by content hash, in hexadecimal.
    """
    by_field: dict[str, dict[int, Pair]] = defaultdict(dict)
    for image, field, expected, got in found:
        if image:
            by_field[field][ids[image]] = (expected, got)
    everything = project.view(everything=True)
    with project.batch(LABEL):
        for image, field, expected, _got in found:
            if not image and expected is not None:
                project.set_dataset(field.partition(" ")[2], **expected)
        _tags(everything, by_field["tags"])
        _captions(everything, by_field["captions"])
        _grouped(everything, by_field["stars"], lambda view, pair: view.stars(pair[0]))
        _inclusion(everything, by_field)
        _datasets(everything, by_field["datasets"])


def _grouped(
    view: View,
    pairs: Mapping[int, Any],
    write: Callable[[View, Any], Any],
    key: Callable[[Any], Hashable] = repr,
) -> None:
    """Write what is the same for several images in one call."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for image_id, pair in pairs.items():
        groups[key(pair)].append(image_id)
    for members in groups.values():
        write(view[members], pairs[members[0]])


def _tags(view: View, pairs: Mapping[int, Pair]) -> None:
    if pairs:
        view.set_tags({image_id: expected for image_id, (expected, _got) in pairs.items()})


def _captions(view: View, pairs: Mapping[int, Pair]) -> None:
    texts: dict[str, dict[int, str | None]] = defaultdict(dict)
    for image_id, (expected, got) in pairs.items():
        for variant in {*expected, *got}:
            if expected.get(variant) != got.get(variant):
                texts[variant][image_id] = expected.get(variant)
    for variant, wanted in texts.items():
        view.set_caption(wanted, variant=variant)


def _inclusion(view: View, by_field: Mapping[str, Mapping[int, Pair]]) -> None:
    flags, reasons = by_field["excluded"], by_field["reason"]
    out = {n: (flags.get(n, (True, None))[0], reasons.get(n, (None, None))[0]) for n in {*flags, *reasons}}
    _grouped(view, out, lambda images, pair: images.exclude(pair[1]) if pair[0] else images.include())


def _datasets(view: View, pairs: Mapping[int, Pair]) -> None:
    def write(images: View, pair: Pair) -> None:
        expected, got = pair
        for name in sorted({*expected} - {*got}):
            images.add_to(name)
        for name in sorted({*got} - {*expected}):
            images.remove_from(name)

    _grouped(view, pairs, write)

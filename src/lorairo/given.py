"""What a person gives for the images of a view, by id; and tags as a person lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.tags import canonical, split_tag_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.view import View

    Tags = str | Iterable[str]

_LONGEST_TAG = 255


def by_id(view: View, given: pd.Series | Mapping[Any, Any], what: str) -> dict[int, Any]:
    """Return values by image id.

    Parameters
    ----------
    view
        Whose images they are for.
    given
        Values by image id.
    what
        They are called in errors, such as ``captions``.

    Raises
    ------
    ArgumentError
        When one is for no image of the view.
    """
    found: dict[int, Any] = {}
    for key, value in given.items():
        if not isinstance(key, int | np.integer) or isinstance(key, bool):
            raise ArgumentError(f"{what} are given by image id, not by {key!r}")
        found[int(key)] = value
    if strangers := found.keys() - set(view.ids.tolist()):
        raise ArgumentError(
            f"{len(strangers)} {what} are for images outside this view, such as id {min(strangers)}"
        )
    return found


def tag_list(given: Tags) -> tuple[str, ...]:
    """Return the canonical names of tags, each once; a text holds them as a table does: ``smile, hat``.

    Raises
    ------
    ValueError
        When one is no tag.
    """
    parts = split_tag_text(given) if isinstance(given, str) else list(given)
    if odd := [part for part in parts if not isinstance(part, str)]:
        raise ValueError(f"tags are texts, not {type(odd[0]).__name__}")
    names = [canonical(part) for part in parts]
    if long := next((name for name in names if len(name) > _LONGEST_TAG), None):
        raise ValueError(f"a tag has up to {_LONGEST_TAG} characters, not {len(long)}")
    return tuple(name for name in dict.fromkeys(names) if name)


def tag_lists(view: View, given: pd.Series | Mapping[Any, Tags] | Tags) -> dict[int, tuple[str, ...]]:
    """Return the tags each image is to have: of those named, or one list for all of the view."""
    if isinstance(given, pd.Series | Mapping):
        each = by_id(view, given, "lists of tags")
        return {image_id: _of_image(tags, f"image {image_id}") for image_id, tags in each.items()}
    return dict.fromkeys(view.ids.tolist(), _of_image(given, "every image"))


def _of_image(tags: Any, whose: str) -> tuple[str, ...]:
    if not isinstance(tags, str | list | tuple | np.ndarray):
        raise ArgumentError(
            f"the tags of {whose} are a list or a text such as 'smile, hat', not {tags!r}; [] takes all away"
        )
    try:
        return tag_list(tags)
    except ValueError as error:
        raise ArgumentError(f"{tags!r} cannot be the tags of {whose}: {error}") from error

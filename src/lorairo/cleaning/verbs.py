"""The rules of cleaning one by one, as methods of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lorairo.cleaning.clean import clean_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lorairo.cleaning.preview import TagPreview
    from lorairo.view import View


class Cleaning:
    """Mixed into `View`: changes of tags by rule, each a preview with ``.apply()``."""

    def rename_tags(self, names: Mapping[str, str]) -> TagPreview:
        """Preview new names for tags: ``view.rename_tags({"grey_hair": "gray_hair"})``."""
        return clean_tags(cast("View", self), rename=names, aliases=False)

    def merge_tags(self, *tags: str, into: str) -> TagPreview:
        """Preview one tag in the place of several: ``view.merge_tags("cap", "hat", into="headwear")``."""
        return clean_tags(cast("View", self), rename=dict.fromkeys(tags, into), aliases=False)

    def resolve_aliases(self, *, keep: Iterable[str] = ()) -> TagPreview:
        """Preview tags in the place of other words for them, by the vocabulary."""
        return clean_tags(cast("View", self), aliases=True, keep=keep)

    def blacklist(self, *unwanted: str, keep: Iterable[str] = ()) -> TagPreview:
        """Preview taking tags away: by name, ``*_background`` or ``category:meta``."""
        return clean_tags(cast("View", self), blacklist=unwanted, aliases=False, keep=keep)

    def prune_constants(self, share: float = 0.9, *, keep: Iterable[str] = ()) -> TagPreview:
        """Preview taking away what at least this share of the images has; triggers stay."""
        return clean_tags(cast("View", self), prune_constants=share, aliases=False, keep=keep)

    def strip_implications(self, *, keep: Iterable[str] = ()) -> TagPreview:
        """Preview taking away what follows from another tag: ``animal_ears`` beside ``cat_ears``."""
        return clean_tags(cast("View", self), implications="strip", aliases=False, keep=keep)

    def expand_implications(self) -> TagPreview:
        """Preview adding what follows from the tags, but for what was rejected."""
        return clean_tags(cast("View", self), implications="expand", aliases=False)

    def arrange_tags(self, order: str | Sequence[str] = "category") -> TagPreview:
        """Preview another order of tags.

        Parameters
        ----------
        order
            ``category``: triggers, the number of people, characters, series, artists, ratings, then the rest
            as it stands. Or the tags that come first.
        """
        return clean_tags(cast("View", self), order=order, aliases=False)

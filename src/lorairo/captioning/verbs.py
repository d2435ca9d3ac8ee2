"""What a view does with captions besides setting them: find and replace, templates, where they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from lorairo.captioning.composing import composed
from lorairo.captioning.preview import CaptionPreview
from lorairo.captions.template import Template
from lorairo.config import nearest
from lorairo.datasets import countings_for, dataset_for
from lorairo.errors import ArgumentError
from lorairo.store import columns, log

if TYPE_CHECKING:
    from lorairo.view import View


def _captions(view: View, variant: str) -> pd.Series:
    """Return the captions of a variant; one that nothing in the project names is an error."""
    log.check_variant(variant)
    found = view.captions(variant)
    if found.empty:
        with view.project.database.read() as connection:
            known = columns.caption_variants(connection)
        if variant not in known:
            raise ArgumentError(
                f"{view.project.name} has no captions of a variant {variant!r}: {nearest(variant, known)}"
            )
    return found


class Captioning:
    """Mixed into `View`: captions of many images at once."""

    def edit_captions(
        self, pattern: str, replacement: str, *, variant: str = "default", regex: bool = True
    ) -> CaptionPreview:
        """Find and replace in captions; returns a preview, ``.apply()`` writes it."""
        view = cast("View", self)
        if not isinstance(pattern, str) or not isinstance(replacement, str):
            raise ArgumentError(f"patterns and replacements are texts, not {pattern!r}, {replacement!r}")
        try:
            wanted = re.compile(pattern if regex else re.escape(pattern))
        except re.error as error:
            raise ArgumentError(f"the pattern {pattern!r} is not a regular expression: {error}") from error
        before = _captions(view, variant)
        substitute: Any = replacement if regex else lambda _match: replacement
        try:
            after = before.map(lambda text: wanted.sub(substitute, text))
        except (re.error, IndexError) as error:
            raise ArgumentError(f"{replacement!r} does not fit the pattern: {error}") from error
        different = before != after
        frame = pd.DataFrame({"before": before[different], "after": after[different]})
        return CaptionPreview(view, variant, frame, countings_for(view, dataset_for(view))[0])

    def compose_captions(
        self,
        template: str | Template,
        *,
        variant: str | None = None,
        dataset: str | None = None,
        trigger: str | None = None,
    ) -> CaptionPreview:
        """Put captions together from a template; returns a preview, ``.apply()`` writes it.

        Parameters
        ----------
        template
            Such as ``"{trigger}, {caption}, {tags:general limit 20}"``; see `lorairo.Template`.
        variant
            Which captions are written; without one the dataset's, or ``default``.
        dataset
            Takes variant, trigger and the target that tokens are counted for from this dataset; without one
            from the dataset that the view's search names, or from the only one of the project.
        trigger
            Overrides the dataset's.

        Raises
        ------
        TemplateError
            Where the template has a mistake; it says where and what was expected.
        """
        view = cast("View", self)
        if variant:
            log.check_variant(variant)
        pattern = template if isinstance(template, Template) else Template(template)
        about = dataset_for(view) if dataset is None else view.project.dataset(dataset)
        written = variant or ("default" if about is None else about.variant)
        named = trigger if trigger is not None else None if about is None else about.trigger
        after = pd.Series(composed(view, pattern, named), dtype=object)
        before = view.captions(written).reindex(after.index).fillna("")
        frame = pd.DataFrame({"before": before, "after": after}).rename_axis("image_id")
        said = frame["after"] != ""
        different = said & (frame["before"] != frame["after"])
        silent = int((~said).sum())
        return CaptionPreview(view, written, frame[different], countings_for(view, about)[0], silent)

    @property
    def caption_frame(self) -> pd.DataFrame:
        """One row per image, variant and text: who wrote it, and whether it is the one that counts.

        ``source`` is ``hand`` for a person's, ``file`` or ``model``, which is named then. Of several texts of
        a variant the one in force comes first.
        """
        view = cast("View", self)
        with view.project.database.read() as connection:
            rows = columns.load_caption_rows(connection, view.ids)
        return pd.DataFrame(rows, columns=["image_id", "variant", "text", "source", "model", "in_force"])

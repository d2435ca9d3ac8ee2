"""What a view does with captions besides setting them: find and replace, phrases, templates, where from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from lorairo.captioning.composing import composed
from lorairo.captioning.preview import CaptionPreview
from lorairo.captioning.sentencing import Sentencing
from lorairo.captions import phrases as banned
from lorairo.captions.template import Template
from lorairo.config import nearest
from lorairo.datasets import countings_for, dataset_for
from lorairo.errors import ArgumentError
from lorairo.store import columns, log

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


def _wanted(
    view: View,
    phrases: str | Sequence[str],
    kinds: str | Iterable[str] | None,
    takes: banned.Takes | None = None,
) -> list[banned.Phrases]:
    own = [phrases] if isinstance(phrases, str) else list(phrases)
    named = [kinds] if isinstance(kinds, str) else None if kinds is None else list(kinds)
    if named is None or banned.OWN in named:
        own += view.project.config.banned_phrases
    return banned.chosen(named, own, takes)


class Captioning(Sentencing):
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

    def find_phrases(
        self,
        phrases: str | Sequence[str] = (),
        *,
        kinds: str | Iterable[str] | None = None,
        variant: str = "default",
    ) -> pd.DataFrame:
        """List phrases that captions are better without: invented watermarks, openings, hedges, praise.

        Parameters
        ----------
        phrases
            More than lorairo and the setting ``banned_phrases`` name; a star stands for the end of a word.
        kinds
            Of phrases: ``watermark``, ``absence``, ``mood``, ``opening``, ``hedge``, ``praise``, ``own`` (of
            the setting); all by default, none besides your own for ``[]``.
        variant
            Whose captions; those in force, whoever wrote them.

        Returns
        -------
        pandas.DataFrame
            image_id, kind, phrase, sentence: one row each time one stands in a caption.
        """
        view = cast("View", self)
        wanted = _wanted(view, phrases, kinds)
        rows = [
            (image_id, one.kind, one.phrase, one.part)
            for image_id, text in _captions(view, variant).items()
            for one in banned.find(text, wanted)
        ]
        return pd.DataFrame(rows, columns=["image_id", "kind", "phrase", "sentence"])

    def clean_captions(
        self,
        phrases: str | Sequence[str] = (),
        *,
        kinds: str | Iterable[str] | None = None,
        takes: banned.Takes | None = None,
        variant: str = "default",
    ) -> CaptionPreview:
        """Take phrases out of captions, with what they stand in; returns a preview, ``.apply()`` writes it.

        Parameters
        ----------
        phrases, kinds, variant
            As of `find_phrases`.
        takes
            What goes with a phrase: its ``sentence`` (of a list of tags: its tag), its ``clause``, the part
            between commas, or its own ``words``. By default as fits the kind: an invented watermark takes
            its sentence, "The image shows" only itself.
        """
        view = cast("View", self)
        wanted = _wanted(view, phrases, kinds, takes)
        before = _captions(view, variant)
        after = before.map(lambda text: banned.cleaned(text, wanted))
        different, left = before != after, after.str.strip() != ""
        frame = pd.DataFrame({"before": before[different & left], "after": after[different & left]})
        counting = countings_for(view, dataset_for(view))[0]
        return CaptionPreview(view, variant, frame, counting, emptied=int((different & ~left).sum()))

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

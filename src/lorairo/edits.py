"""The verbs of a view: each is one operation in the log and can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.given import by_id, tag_lists
from lorairo.passes.calibrating import calibrate
from lorairo.results import Done
from lorairo.store import catalog, log
from lorairo.tags import canonical_names
from lorairo.updating import write_back
from lorairo.verbs import carried_out, told

if TYPE_CHECKING:
    from lorairo.view import View

CaptionSource = str | pd.Series | Mapping[Any, str | None] | Callable[[Any], str | None] | None
TagSource = str | Sequence[str] | pd.Series | Mapping[Any, str | Sequence[str]]


def _texts(view: View, caption: CaptionSource) -> dict[int, str | None]:
    """Return captions by image id, whatever they were given as."""
    if caption is None or isinstance(caption, str):
        return dict.fromkeys(view.ids.tolist(), caption)
    if isinstance(caption, pd.Series | Mapping):
        return _texts_by_id(view, caption)
    if callable(caption):
        return {record.id: _text(caption(record), record.id) for record in view}
    raise ArgumentError(
        f"a caption is a text, a Series, a mapping or a function, not {type(caption).__name__}"
    )


def _texts_by_id(view: View, given: pd.Series | Mapping[Any, Any]) -> dict[int, str | None]:
    texts = by_id(view, given, "captions")
    return {image_id: _text(text, image_id) for image_id, text in texts.items()}


def _text(value: Any, image_id: int) -> str | None:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value) is True:
        return None
    raise ArgumentError(f"a caption is a text, not {type(value).__name__}, as image {image_id} got")


def _canonical_limits(limits: Mapping[str, float | None]) -> dict[str, Any]:
    return dict(zip(canonical_names(limits), limits.values(), strict=True)) if limits else {}


class Edits:
    """Mixed into `View`: the changes a person or a rule makes."""

    def add_tags(self, *tags: str) -> Done:
        """Accept tags on every image of the view; what was rejected is accepted again."""
        return carried_out(self, log.add_tags, canonical_names(tags))

    def remove_tags(self, *tags: str) -> Done:
        """Reject tags on every image that has them; a model run again does not bring them back."""
        return carried_out(self, log.remove_tags, canonical_names(tags))

    def reject_tags(self, *tags: str) -> Done:
        """Reject tags on every image of the view, also where they are only suggested."""
        return carried_out(self, log.remove_tags, canonical_names(tags), everywhere=True)

    def replace_tags(self, replacements: Mapping[str, str]) -> Done:
        """Replace tags where they are: ``view.replace_tags({"grey_hair": "gray_hair"})``."""
        if not isinstance(replacements, Mapping):
            raise ArgumentError(f"new tags are given by the old ones: {{'cap': 'hat'}}, not {replacements!r}")
        old, new = list(replacements), list(replacements.values())
        pairs = dict(zip(canonical_names(old), canonical_names(new), strict=True)) if old else {}
        return carried_out(self, log.replace_tags, {old: new for old, new in pairs.items() if old != new})

    def order_tags(self, *tags: str) -> Done:
        """Put tags first, in this order, on images that have them; the others follow as they stood."""
        return carried_out(self, log.order_tags, canonical_names(tags))

    def set_tags(self, tags: TagSource) -> Done:
        """Give images these tags, in this order, and no others.

        Parameters
        ----------
        tags
            One list for every image of the view, or a Series or mapping of lists by image id for those named.
            A text holds a list as ``view["tags"]`` has it: ``smile, hat``. An empty list takes all away.
        """
        view = cast("View", self)
        given, lists = told(view), tag_lists(view, tags)
        if isinstance(tags, pd.Series | Mapping):  # the lists say which images, not the view
            given["expression"] = None
        return Done.of(log.set_tags(view.project.database, lists, **given))

    def clear_tags(self, *tags: str) -> Done:
        """Take back what was decided about tags, so that models and files count again."""
        return carried_out(self, log.clear_tags, canonical_names(tags))

    def set_caption(self, caption: CaptionSource, *, variant: str = "default") -> Done:
        """Set captions.

        Parameters
        ----------
        caption
            One text for all, a Series or mapping by image id, or a function of the image record. An empty
            text says that there is no caption, whatever files and models say; None takes back what a person
            wrote, so that they count again.
        variant
            Which of the image's captions.
        """
        view = cast("View", self)
        view.project.writable()
        texts = _texts(view, caption)
        blank = [image_id for image_id, text in texts.items() if text is not None and not text.strip()]
        if blank:
            standing = set(view.captions(variant).index.tolist())
            texts = {
                image_id: text
                for image_id, text in texts.items()
                if text is None or text.strip() or image_id in standing
            }
            texts.update(dict.fromkeys(standing.intersection(blank), ""))
        given = told(view)
        if caption is not None and not isinstance(caption, str):  # the texts say which images, not the view
            given["expression"] = None
        return Done.of(log.set_captions(view.project.database, texts, variant, **given))

    def stars(self, value: int) -> Done:
        """Rate every image 1 to 5; 0 clears."""
        return carried_out(self, log.set_stars, value)

    def exclude(self, reason: str | None = None) -> Done:
        """Leave the images out of views and exports; they stay in the project."""
        return carried_out(self, log.exclude, reason)

    def include(self) -> Done:
        """Take excluded images back."""
        return carried_out(self, log.include)

    def mark_reviewed(self, reviewed: bool = True) -> Done:
        """Mark as looked at, or take the mark away."""
        return carried_out(self, log.set_reviewed, reviewed)

    def add_to(self, dataset: str) -> Done:
        """Add the images to a dataset, made when missing."""
        return carried_out(self, log.add_to_dataset, dataset)

    def remove_from(self, dataset: str) -> Done:
        """Take the images out of a dataset."""
        return carried_out(self, log.remove_from_dataset, dataset)

    def delete(self, *, confirm: bool = False) -> Done:
        """Forget the images for good: rows, evidence, thumbnails, their part of the log; never a source file.

        Parameters
        ----------
        confirm
            Must be True, as this cannot be undone. `exclude` can.
        """
        view = cast("View", self)
        view.project.writable()
        count = len(view)
        noun = "image" if count == 1 else "images"
        if not confirm:
            raise ArgumentError(
                f"deleting {count:,} {noun} cannot be undone: view.delete(confirm=True), or view.exclude()"
            )
        copies = view.project.originals.kept_files(view.ids.tolist())
        with view.project.database.write() as connection:
            gone = catalog.forget(connection, view.ids)
        for copy in copies:
            copy.unlink(missing_ok=True)
        return Done(f"Deleted {len(gone):,} {noun} for good; the source files stay", len(gone), None)

    def threshold(
        self,
        model: str,
        *,
        per_tag: Mapping[str, float | None] | None = None,
        method: str | None = None,
        calibrated: Mapping[str, float] | None = None,
        **categories: float | None,
    ) -> Done:
        """Set from which score on a model's tags count, in the whole project; no model is run.

        What is not named stays as it was; what people accepted and rejected stays on top.

        Parameters
        ----------
        model
            The model as it is called in `annotations`.
        per_tag
            Minimum score by tag, before everything else; None takes one back.
        method
            ``fixed``: by category. ``mcut``: over the widest gap between the scores of each image and
            category, whatever the categories' thresholds are; characters over 0.15 in any case. ``pr``: each
            tag where precision and recall are equal, by what the model brings, and by what people accepted
            and rejected where they answered often enough; other tags by category. By default ``fixed`` where
            a category is named, else as it was.
        calibrated
            What ``pr`` found, minimum score by tag, as a recipe writes it; by default it is found now.
        categories
            Minimum score by category, such as ``general=0.35, character=0.85``; None goes back to the
            model's own.
        """
        view = cast("View", self)
        key = view.project.model_key(model)
        options = told(view)
        options.pop("query")  # it holds for the whole project, whatever the view
        options.pop("expression")
        if method == "pr" and calibrated is None:
            with view.project.database.read() as connection:
                calibrated = calibrate(connection, key)
        options["per_tag"] = None if per_tag is None else _canonical_limits(per_tag)
        options["calibrated"] = None if calibrated is None else _canonical_limits(calibrated)
        return Done.of(log.set_policy(view.project.database, key, categories, method=method, **options))

    def update(self, frame: pd.DataFrame) -> Done:
        """Write edits of ``view.df`` back, as one step of undo.

        Parameters
        ----------
        frame
            Indexed by image_id. Of its columns, tags, caption, caption:NAME, stars, excluded, reason and
            reviewed are written where they differ; the others are left alone, and the result names those of
            them that were changed. Rows outside the view are an error, and nothing is written then. A cell
            that was emptied clears: no tags, no caption, no stars.
        """
        return write_back(cast("View", self), frame)

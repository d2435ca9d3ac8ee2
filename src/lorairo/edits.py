"""The verbs of a view: each is one operation in the log and can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.results import Done
from lorairo.store import catalog, log
from lorairo.tags import canonical

if TYPE_CHECKING:
    from lorairo.view import View

CaptionSource = str | pd.Series | Mapping[Any, str | None] | Callable[[Any], str | None]

_MAX_STARS = 5
_EDITABLE = ("tags", "caption", "stars", "excluded", "reviewed")


@dataclass(frozen=True)
class CaptionPreview:
    """Captions as they are and as they would be; nothing is changed before `apply`."""

    view: View
    variant: str
    frame: pd.DataFrame

    def apply(self) -> Done:
        """Write the captions, as one operation."""
        return self.view.set_caption(self.frame["after"].to_dict(), variant=self.variant)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        return f"{len(self.frame):,} captions would change; .apply() writes them\n{self.frame.head(10)}"

    def _repr_html_(self) -> str:
        head = self.frame.head(10).to_html(escape=True)
        return f"<p>{len(self.frame):,} captions would change; <code>.apply()</code> writes them</p>{head}"


def _names(tags: tuple[str, ...]) -> list[str]:
    names = [canonical(tag) for tag in tags]
    if not names or not all(names):
        raise ArgumentError("name at least one tag, and none that is empty")
    return names


class Edits:
    """Mixed into `View`: the changes a person or a rule makes."""

    def _log(self) -> dict[str, Any]:
        view = cast("View", self)
        view.project.writable()
        return {"author": view.project.author, "query": view.query or None}

    def _edit(self, verb: Callable[..., Any], *arguments: Any, **named: Any) -> Done:
        view = cast("View", self)
        return Done.of(verb(view.project.database, view.ids, *arguments, **named, **self._log()))

    def add_tags(self, *tags: str) -> Done:
        """Accept tags on every image of the view; what was rejected is accepted again."""
        return self._edit(log.add_tags, _names(tags))

    def remove_tags(self, *tags: str) -> Done:
        """Reject tags on every image that has them; a model run again does not bring them back."""
        return self._edit(log.remove_tags, _names(tags))

    def reject_tags(self, *tags: str) -> Done:
        """Reject tags on every image of the view, also where they are only suggested."""
        return self._edit(log.remove_tags, _names(tags), everywhere=True)

    def replace_tags(self, replacements: Mapping[str, str]) -> Done:
        """Replace tags where they are: ``view.replace_tags({"grey_hair": "gray_hair"})``."""
        pairs = {canonical(old): canonical(new) for old, new in replacements.items()}
        return self._edit(log.replace_tags, {old: new for old, new in pairs.items() if old != new})

    def set_caption(self, caption: CaptionSource, *, variant: str = "default") -> Done:
        """Set captions.

        Parameters
        ----------
        caption
            One text for all, a Series or mapping by image id, or a function of the image record. None
            removes.
        variant
            Which of the image's captions.
        """
        view = cast("View", self)
        if isinstance(caption, str):
            texts: dict[int, str | None] = dict.fromkeys(view.ids.tolist(), caption)
        elif isinstance(caption, pd.Series | Mapping):
            inside = set(view.ids.tolist())
            wanted = {int(cast("int", key)): text for key, text in caption.items()}
            if strangers := wanted.keys() - inside:
                raise ArgumentError(
                    f"{len(strangers)} captions are for images outside this view, such as id {min(strangers)}"
                )
            texts = {
                key: None if text is None or pd.isna(text) else str(text) for key, text in wanted.items()
            }
        elif callable(caption):
            texts = {record.id: caption(record) for record in view}
        else:
            raise ArgumentError(
                f"a caption is a text, a Series, a mapping or a function, not {type(caption).__name__}"
            )
        return Done.of(log.set_captions(view.project.database, texts, variant, **self._log()))

    def edit_captions(
        self, pattern: str, replacement: str, *, variant: str = "default", regex: bool = True
    ) -> CaptionPreview:
        """Find and replace in captions; returns a preview, ``.apply()`` writes it."""
        view = cast("View", self)
        try:
            wanted = re.compile(pattern if regex else re.escape(pattern))
        except re.error as error:
            raise ArgumentError(f"the pattern {pattern!r} is not a regular expression: {error}") from error
        before = view.captions(variant)
        substitute: Any = replacement if regex else lambda _match: replacement
        after = before.map(lambda text: wanted.sub(substitute, text))
        different = before != after
        frame = pd.DataFrame({"before": before[different], "after": after[different]})
        return CaptionPreview(view, variant, frame)

    def stars(self, value: int) -> Done:
        """Rate every image 1 to 5; 0 clears."""
        if value not in range(_MAX_STARS + 1):
            raise ArgumentError(f"stars go from 0 to 5, not {value!r}")
        return self._edit(log.set_stars, value)

    def exclude(self, reason: str | None = None) -> Done:
        """Leave the images out of views and exports; they stay in the project."""
        return self._edit(log.exclude, reason)

    def include(self) -> Done:
        """Take excluded images back."""
        return self._edit(log.include)

    def mark_reviewed(self, reviewed: bool = True) -> Done:
        """Mark as looked at, or take the mark away."""
        return self._edit(log.set_reviewed, reviewed)

    def add_to(self, dataset: str) -> Done:
        """Add the images to a dataset, made when missing."""
        return self._edit(log.add_to_dataset, dataset)

    def remove_from(self, dataset: str) -> Done:
        """Take the images out of a dataset."""
        return self._edit(log.remove_from_dataset, dataset)

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
        with view.project.database.write() as connection:
            gone = catalog.forget(connection, view.ids)
        return Done(f"Deleted {len(gone):,} {noun} for good; the source files stay", len(gone), None)

    def threshold(self, model: str, **categories: float) -> Done:
        """Set from which score on a model's tags count; no model is run.

        Parameters
        ----------
        model
            The model as it is called in `annotations`.
        categories
            Minimum score by category, such as ``general=0.35, character=0.85``.
        """
        view = cast("View", self)
        key = view.project.model_key(model)
        options = self._log()
        options.pop("query")
        return Done.of(log.set_policy(view.project.database, key, categories, **options))

    def update(self, frame: pd.DataFrame) -> Done:
        """Write edits of ``view.df`` back, as one operation.

        Parameters
        ----------
        frame
            Indexed by image_id. Of its columns, tags, caption, stars, excluded and reviewed are written where
            they differ; the others are left alone. Rows outside the view are an error.
        """
        view = cast("View", self)
        ids = frame.index.to_numpy()
        if strangers := set(ids.tolist()) - set(view.ids.tolist()):
            raise ArgumentError(
                f"{len(strangers)} rows are for images outside this view, such as id {min(strangers)}"
            )
        columns = [name for name in _EDITABLE if name in frame.columns]
        before = view[ids].to_frame(columns)
        after = frame.loc[before.index, columns]
        with view.project.batch("edited a table") as batch:
            count = 0
            for name in columns:
                count += _write_column(view, name, before[name], after[name])
        noun = "cell" if count == 1 else "cells"
        return Done(f"Updated {count:,} {noun}", count, batch.last_operation if count else None)


def _write_column(view: View, name: str, before: pd.Series, after: pd.Series) -> int:
    same = (before == after) | (before.isna() & after.isna())
    changed = after[~same.fillna(False).astype(bool)]
    if changed.empty:
        return 0
    if name == "caption":
        return view.set_caption(changed.where(changed.notna(), None).to_dict()).count
    if name == "tags":
        return _write_tags(view, before[changed.index], changed)
    count = 0
    for value, group in changed.groupby(changed):
        part = view[group.index.to_numpy()]
        if name == "stars":
            count += part.stars(int(cast("int", value))).count
        elif name == "excluded":
            count += (part.exclude() if value else part.include()).count
        else:
            count += part.mark_reviewed(bool(value)).count
    return count


def _write_tags(view: View, before: pd.Series, after: pd.Series) -> int:
    from lorairo.tags import split_tag_text  # noqa: PLC0415 - only a table edit needs it

    added: dict[str, list[int]] = {}
    removed: dict[str, list[int]] = {}
    for image_id in after.index.tolist():
        old = [canonical(tag) for tag in split_tag_text(before[image_id] or "")]
        text = after[image_id]
        new = [canonical(tag) for tag in split_tag_text("" if pd.isna(text) else str(text))]
        for tag in new:
            if tag not in old:
                added.setdefault(tag, []).append(image_id)
        for tag in old:
            if tag not in new:
                removed.setdefault(tag, []).append(image_id)
    for tag, ids in added.items():
        view[ids].add_tags(tag)
    for tag, ids in removed.items():
        view[ids].remove_tags(tag)
    return len(after)

"""What an export of texts will write: which files stay as they were, which change, and how."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from lorairo.captions import encoding_of
from lorairo.errors import ExportError
from lorairo.exporters import report
from lorairo.exporters.plan import Plan
from lorairo.exporters.wording import images, texts
from lorairo.exporters.writing import picture_entry
from lorairo.plaintext import markup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.exporters.plan import ExportItem

State = Literal["same", "changed", "new"]
_SHOWN = 8  # changed texts in the report
_WORDS = {"same": "as they were", "changed": "changed", "new": "new"}


@dataclass(frozen=True, slots=True)
class PlannedText:
    """A text that will be written.

    Attributes
    ----------
    file
        Path inside the export, with forward slashes.
    data
        Its bytes.
    before
        Bytes of the text it comes from; None when there was none.
    ids
        Images it speaks of.
    """

    file: str
    data: bytes
    before: bytes | None = None
    ids: tuple[int, ...] = ()

    @property
    def state(self) -> State:
        """Whether it is byte for byte what was imported."""
        if self.before is None:
            return "new"
        return "same" if self.before == self.data else "changed"

    @property
    def diff(self) -> str:
        """What changes, line by line with ``-`` and ``+``; empty where nothing does."""
        if self.state == "same":
            return ""
        before, after = (
            encoding_of(data).decode(data).splitlines() for data in (self.before or b"", self.data)
        )
        lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        return "\n".join(line for line in lines if not line.startswith("@@"))


@dataclass(frozen=True, slots=True)
class PlannedPicture:
    """A picture beside its text: copied byte for byte, or linked to."""

    item: ExportItem
    file: str
    link: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class SidecarsPlan(Plan):
    """An export of texts, as ``view.plan_export("sidecars", ...)`` makes it."""

    texts: tuple[PlannedText, ...]
    copies: tuple[PlannedPicture, ...] = field(default=())

    @cached_property
    def files(self) -> pd.DataFrame:
        """One row per text: file, state (same, changed or new), images (how many), diff, ids."""
        rows = [(text.file, text.state, len(text.ids), text.diff, text.ids) for text in self.texts]
        return pd.DataFrame(rows, columns=["file", "state", "images", "diff", "ids"])

    @property
    def pictures(self) -> Sequence[PlannedPicture]:
        """Pictures to copy or link."""
        return self.copies

    def writer(self, folder: Path) -> Callable[[PlannedPicture], dict[str, Any]]:
        """Return what copies or links one picture."""
        return partial(_put, folder=folder)

    @property
    def headline(self) -> str:
        """Texts by what becomes of them, and pictures."""
        counts = dict.fromkeys(_WORDS, 0)
        for text in self.texts:
            counts[text.state] += 1
        parts = [f"{count:,} {_WORDS[state]}" for state, count in counts.items() if count]
        told = f"{texts(len(self.texts))} ({', '.join(parts)})" if parts else texts(0)
        return f"{told}, {images(len(self.copies))}" if self.copies else told

    def sections(self) -> list[str]:
        """Show the first texts that are not as they were."""
        rows: list[tuple[str, ...]] = [
            (
                f"<code>{markup(text.file)}</code>",
                text.state,
                "<br>".join(f"<code>{markup(line)}</code>" for line in text.diff.splitlines()),
            )
            for text in self.texts
            if text.state != "same"
        ]
        if not rows:
            return []
        more = (
            f"<p>and {len(rows) - _SHOWN:,} more: <code>plan.files</code></p>" if len(rows) > _SHOWN else ""
        )
        return [report.table(("text", "", "what changes"), rows[:_SHOWN]) + more]

    def written(self, pictures: int) -> tuple[int, str]:
        """Say what has been written; an image counts that has a text or a picture."""
        ids = {image_id for text in self.texts for image_id in text.ids}
        ids |= {placed.item.id for placed in self.copies}
        told = texts(len(self.texts))
        return len(ids), f"{told} and {images(pictures)}" if self.copies else told


def _put(placed: PlannedPicture, *, folder: Path) -> dict[str, Any]:
    data = placed.item.read()
    place = folder / placed.file
    if placed.link is None or not _holds(placed.link, data):
        place.write_bytes(data)
        return picture_entry(placed, data)
    try:
        place.symlink_to(placed.link)
    except (OSError, NotImplementedError) as error:
        raise ExportError(
            f'links cannot be made here ({getattr(error, "strerror", None) or error}): pass images="copy"'
        ) from error
    return picture_entry(placed, data)


def _holds(path: str, data: bytes) -> bool:
    """Whether a file is there and is what was imported: another one is not linked to."""
    try:
        file = Path(path)
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except OSError:
        return False

"""Captions before and after a change, with what differs marked; nothing is written before ``apply``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lorairo.plaintext import marked, printable

if TYPE_CHECKING:
    from lorairo.captions.counting import Counting
    from lorairo.results import Done
    from lorairo.view import View

_SHOWN = 10
_WIDTH = 50  # characters of a caption in a terminal
_MOST_COUNTED = 10_000  # captions whose tokens are counted without being asked


@dataclass(frozen=True)
class CaptionPreview:
    """Captions as they are and as they would be; nothing is changed before `apply`.

    Attributes
    ----------
    view, variant
        Whose captions, and which of them.
    frame
        ``before`` and ``after`` by image_id, where they differ; before is empty where there is none.
    counting
        How the target's text encoder counts.
    silent
        Images about which a template says nothing; they keep what they have.
    emptied
        Captions of which nothing would be left; they keep what they have.
    """

    view: View
    variant: str
    frame: pd.DataFrame
    counting: Counting
    silent: int = 0
    emptied: int = 0

    def apply(self) -> Done:
        """Write the captions, as one operation; those that somebody changed since the preview are kept."""
        project = self.view.project
        fixed: View = project.view(everything=True)[self.frame.index.to_numpy(dtype=np.int64)]
        now = fixed.captions(self.variant).reindex(self.frame.index).fillna("")
        same = self.frame["before"] == now
        done = fixed.set_caption(self.frame["after"][same].to_dict(), variant=self.variant)
        if done.operation_id is None:
            done = replace(done, message="No captions changed")
        kept = int((~same).sum())
        if not kept:
            return done
        noun = "caption" if kept == 1 else "captions"
        return replace(done, message=f"{done.message}; {kept:,} {noun} changed since and kept")

    @cached_property
    def tokens(self) -> pd.Series:
        """Tokens of each caption as it would be, by image_id; `counting` says whether that is an estimate."""
        counts = self.counting.many(self.frame["after"].tolist())
        return pd.Series(counts, index=self.frame.index, name="tokens", dtype="int64")

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        head = self.frame.head(_SHOWN).map(printable).assign(tokens=self._counts())
        return f"{self._summary()}; .apply() writes them\n{head.to_string(max_colwidth=_WIDTH)}"

    def _repr_html_(self) -> str:
        rows = [
            f"<tr><th>{image_id}</th>{''.join(f'<td>{part}</td>' for part in marked(before, after))}"
            f"<td>{count.replace(' ', '&nbsp;')}</td></tr>"
            for (image_id, before, after), count in zip(
                self.frame.head(_SHOWN).itertuples(), self._counts(), strict=True
            )
        ]
        head = "<tr><th>image_id</th><th>before</th><th>after</th><th>tokens</th></tr>"
        return (
            f"<p>{self._summary()}; <code>.apply()</code> writes them</p>"
            f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
        )

    def _counts(self) -> list[str]:
        return [str(self.counting.count(text)) for text in self.frame["after"].head(_SHOWN)]

    def _summary(self) -> str:
        noun = "caption" if len(self.frame) == 1 else "captions"
        said = f"{len(self.frame):,} {noun} would change"
        if len(self.frame) <= _MOST_COUNTED:
            said += self._too_long()
        if self.silent:
            noun = "image has" if self.silent == 1 else "images have"
            said += f"; {self.silent:,} {noun} nothing to say and would be left alone"
        if self.emptied:
            noun = "caption" if self.emptied == 1 else "captions"
            said += f"; of {self.emptied:,} {noun} nothing would be left, and they would be left alone"
        return said

    def _too_long(self) -> str:
        over = int((self.tokens > self.counting.encoder.limit).sum())
        about = "" if self.counting.exact else "about "
        return f", {about}{over:,} longer than {self.counting.encoder.name} reads" if over else ""

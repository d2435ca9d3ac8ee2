"""The least that shows thumbnails in a notebook: what the gallery's speed is measured against.

A virtual grid of pictures over the same thumbnail file and the same connection, with nothing else: no
selection, no badges, no search, no accessibility. It uses the quickest transport known here (one message and
one buffer for many thumbnails, `data:` addresses); its other half is `bare_grid.js`.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import anywidget
import traitlets

ESM = (Path(__file__).parent / "bare_grid.js").read_text(encoding="utf-8")


class BareGrid(anywidget.AnyWidget):
    """Pictures by position.

    Parameters
    ----------
    thumbnails
        Path of the thumbnail file.
    query
        SQL that gives the picture bytes for a content hash.
    hashes
        Content hash of each position.
    layout
        ``cell``, ``gap``, ``columns`` and ``height`` in pixels, as the gallery draws them.
    """

    _esm = ESM
    count = traitlets.Int().tag(sync=True)
    cell = traitlets.Int(120).tag(sync=True)
    gap = traitlets.Int(8).tag(sync=True)
    columns = traitlets.Int(7).tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)

    def __init__(self, thumbnails: str, query: str, hashes: list[bytes], **layout: int) -> None:
        super().__init__(count=len(hashes), **layout)
        self._thumbnails, self._query, self._hashes = thumbnails, query, hashes
        self._local = threading.local()
        self.on_msg(self._answer)

    def _answer(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(f"file:{self._thumbnails}?mode=ro", uri=True)
        ids = content["ids"]
        wanted = [self._hashes[i] for i in ids]
        marks = ",".join("?" * len(wanted))
        found = dict(self._local.connection.execute(self._query.format(marks), wanted).fetchall())
        pictures = [found[sha] for sha in wanted]
        self.send({"ids": ids, "lengths": [len(p) for p in pictures]}, [b"".join(pictures)])

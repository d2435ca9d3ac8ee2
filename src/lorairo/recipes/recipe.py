"""A recipe: the text of the calls, and the companion it needs."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo._version import __version__
from lorairo.errors import ArgumentError, StoreError
from lorairo.masking import masked_values
from lorairo.plaintext import printable
from lorairo.recipes import fingerprint
from lorairo.recipes.acts import acts_of, in_force
from lorairo.recipes.arrivals import Arrivals, Evidence, places_of
from lorairo.recipes.companion import Packer, beside
from lorairo.recipes.script import Script
from lorairo.store import portable
from lorairo.store.index_columns import load_vocabulary
from lorairo.store.logged import changes_of, logged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Content = tuple[int, bytes, str]

_HEAD = '''\
"""Recipe of {project}: {calls} about {images}.

Written by lorairo {version} on {day}. Beside this file lies one of the same name that ends in .evidence: what
models said, and which images each call was about. It is run on the same images in a project of their own:

    python THIS_FILE FOLDER_OF_THE_PROJECT

or in a notebook: lr.replay("THIS_FILE", project). Both run this file as Python, so read it first.
"""

import sys

import lorairo as lr


def curate(project, recorded):
    """Make the changes in force, in the order they were made."""
'''

_TAIL = """

if __name__ == "__main__":
    print(lr.replay(__file__, *sys.argv[1:]))
"""


class Recipe:
    """What was done to a project, as Python; `save` writes it to be run elsewhere.

    Attributes
    ----------
    text
        The Python.
    fingerprint
        Of the project, as the recipe leaves it.
    """

    def __init__(self, text: str, companion: bytes, expected: str) -> None:
        self.text = text
        self.fingerprint = expected
        self._companion = companion

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def save(self, path: str | Path) -> Path:
        """Write the recipe, and beside it what it needs, under the same name with the ending ``.evidence``.

        Returns
        -------
        Path
            Of the recipe.

        Raises
        ------
        StoreError
            When they cannot be written; neither is, then.
        """
        place = Path(path).expanduser()
        if place.suffix != ".py":
            raise ArgumentError(
                f'a recipe is a Python file, such as "{place.stem or "recipe"}.py", not {place}'
            )
        files = {beside(place): self._companion, place: self.text.encode()}
        parts = {file: file.with_name(f".{file.name}.{os.getpid()}.part") for file in files}
        try:
            for file, content in files.items():
                parts[file].write_bytes(content)
            for file, part in parts.items():
                part.replace(file)
        except OSError as error:
            raise StoreError(f"{place} cannot be written: {error.strerror or error}") from error
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        return place


def written(c: Connection, project: str) -> Recipe:
    """Write the recipe of a project.

    Parameters
    ----------
    c
        A snapshot of it.
    project
        Its name.
    """
    contents = portable.contents(c)
    script, evidence, chunks = _told(c, contents)
    with Packer() as packer:
        hashes = np.frombuffer(b"".join(sha for _, sha, _ in contents), dtype=np.uint8)
        packer.put("images", {"hashes": hashes, "names": [name for _, _, name in contents]})
        expected = fingerprint.digest(packer.put_lines("states", fingerprint.lines(c)))
        places = places_of([number for number, _, _ in contents])
        said = evidence.pack(c, packer, places)
        _sets(packer, script, places)
        counts = {"calls": len(script.calls), "chunks": chunks}
        header = {"lorairo": __version__, "project": project, "made": time.time(), "fingerprint": expected}
        companion = packer.close({**header, **counts, **said})
    return Recipe(_text(script, project, len(contents)), companion, expected)


def text_of(c: Connection, project: str) -> str:
    """Return only the text of a recipe, without packing what it needs."""
    contents = portable.contents(c)
    return _text(_told(c, contents)[0], project, len(contents))


def _told(c: Connection, contents: Sequence[Content]) -> tuple[Script, Evidence, list[int]]:
    """Write the acts, and evidence where it arrived; return the acts that evidence stands before, too."""
    log = logged(c)
    acts = in_force(acts_of(log))
    evidence = Evidence(c, Arrivals(log, [act.place for act in acts]))
    names = {number: name for number, _, name in contents}
    script = Script(acts, lambda number: changes_of(c, number), load_vocabulary(c).names, names)
    chunks: list[int] = []
    for number, act in enumerate([*acts, None]):
        if number in evidence.said:
            chunks.append(number)
            script.evidence(len(chunks), evidence.said[number])
        if act is None:
            break
        script.act(act)
        for model in _named(act.first.kind, act.first.parameters or {}):
            evidence.needed(model, number)
    script.end()
    return script, evidence, chunks


def _named(kind: str, given: Mapping[str, Any]) -> Sequence[str]:
    """Return the models that a call about policies names."""
    if kind == "policy" and given:
        return [given["model"]]
    return list(given.get("weights", ())) if kind == "combine" else []


def _sets(packer: Packer, script: Script, places: NDArray[np.int64]) -> None:
    """Pack which images each call changed, and captions and tags that are many or long."""
    for number, call in script.calls.items():
        if call.images is None:
            continue
        there = places[call.images]
        order = np.argsort(there)[np.count_nonzero(there < 0) :]
        packer.put_places(f"images/{number}", there[order])
        if call.texts is not None:
            packer.put(f"texts/{number}", {"texts": [call.texts[k] for k in order.tolist()]})
        if call.lists is not None:
            packer.put_lists(f"lists/{number}", [call.lists[k] for k in order.tolist()])


def _text(script: Script, project: str, images: int) -> str:
    count = len(script.calls)
    head = _HEAD.format(
        project=printable(project).replace("\\", "\\\\").replace('"', "'"),
        calls=f"{count:,} {'call' if count == 1 else 'calls'}",
        images=f"{images:,} {'image' if images == 1 else 'images'}",
        version=__version__,
        day=datetime.now(tz=UTC).strftime("%Y-%m-%d"),
    )
    text: str = masked_values(head + "".join(f"{line}\n" for line in script.lines) + _TAIL)
    return text

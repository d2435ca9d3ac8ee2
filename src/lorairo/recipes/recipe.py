"""A recipe: the text of the calls, and the companion it needs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lorairo._version import __version__
from lorairo.errors import ArgumentError
from lorairo.masking import masked_values
from lorairo.plaintext import printable
from lorairo.recipes import fingerprint
from lorairo.recipes.acts import acts_of, in_force
from lorairo.recipes.arrivals import Arrivals, Evidence
from lorairo.recipes.companion import Packer, beside
from lorairo.recipes.script import Script
from lorairo.store import portable
from lorairo.store.index_columns import load_vocabulary
from lorairo.store.logged import changes_of, logged

if TYPE_CHECKING:
    from sqlalchemy import Connection

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
        """
        place = Path(path).expanduser()
        if place.suffix != ".py":
            raise ArgumentError(
                f'a recipe is a Python file, such as "{place.stem or "recipe"}.py", not {place}'
            )
        beside(place).write_bytes(self._companion)
        place.write_text(self.text, encoding="utf-8")
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
    places = {number: place for place, (number, _, _) in enumerate(contents)}
    packer = Packer()
    hashes = np.frombuffer(b"".join(sha for _, sha, _ in contents), dtype=np.uint8)
    packer.put("images", {"hashes": hashes, "names": [name for _, _, name in contents]})
    expected = fingerprint.digest(packer.put_lines("states", fingerprint.lines(c)))
    log = logged(c)
    acts = in_force(acts_of(log))
    evidence = Evidence(c, packer, Arrivals(log, [act.place for act in acts]), places)
    chunks = sorted(evidence.said)
    script = Script(
        acts,
        lambda number: changes_of(c, number),
        load_vocabulary(c).names,
        {number: name for number, _, name in contents},
    )
    for number, act in enumerate([*acts, None]):
        if number in evidence.said:
            script.evidence(chunks.index(number) + 1, evidence.said[number])
        if act is not None:
            script.act(act)
            if act.first.kind == "policy":
                evidence.needed((act.first.parameters or {}).get("model", ""), number)
    _sets(packer, script, places)
    companion = packer.close(
        {
            "lorairo": __version__,
            "project": project,
            "made": time.time(),
            "fingerprint": expected,
            "calls": len(script.calls),
            "chunks": chunks,
            "models": evidence.model_rows(),
            "scorers": evidence.scorers,
            "tags": evidence.tags,
        }
    )
    return Recipe(_text(script, project, len(contents)), companion, expected)


def _sets(packer: Packer, script: Script, places: dict[int, int]) -> None:
    """Pack which images each call changed, and captions that are many or long."""
    for number, call in script.calls.items():
        if call.images is None:
            continue
        there = [(places[image], k) for k, image in enumerate(call.images.tolist()) if image in places]
        there.sort()
        packer.put_places(f"images/{number}", np.array([place for place, _ in there], dtype=np.int64))
        if call.texts is not None:
            packer.put(f"texts/{number}", {"texts": [call.texts[k] for _, k in there]})


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

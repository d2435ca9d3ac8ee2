"""File names that every trainer, file system and shell reads alike."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_OTHER = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 80  # characters; leaves room for a folder, an extension and a cache suffix in 255 bytes
# Windows opens devices under these names, whatever the extension.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


def safe_stem(name: str) -> str:
    """Turn a file name into a stem of ``A-Z a-z 0-9 -``.

    No dot, as WebDataset cuts at the first one, and no underscore, as sd-scripts looks for face positions in
    stems of five parts. Accents go, other scripts become a dash.

    Parameters
    ----------
    name
        A file name with or without folders and extension.

    Returns
    -------
    str
        1 to 80 characters; ``image`` when nothing is left.
    """
    stem = re.split(r"[\\/]", name)[-1]
    stem = stem.rpartition(".")[0] or stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    plain = _OTHER.sub("-", plain).strip("-")[:_LONGEST].strip("-") or "image"
    return f"{plain}-image" if _RESERVED.fullmatch(plain) else plain


def unique_stems(names: Sequence[tuple[str, str]]) -> list[str]:
    """Choose a stem for each image, none twice even where letter case does not count.

    Parameters
    ----------
    names
        Source file name and content hash of each image. The choice depends on nothing else: neither on ids
        nor on the order.

    Returns
    -------
    list of str
        In the order of `names`; later ones of the same name get ``-2``, ``-3`` ...
    """
    stems = [safe_stem(name) for name, _ in names]
    wanted = {stem.casefold() for stem in stems}
    taken: set[str] = set()
    chosen = [""] * len(stems)
    for index in sorted(range(len(names)), key=lambda index: names[index]):
        stem, number = stems[index], 1
        # Whoever is called `a-2` from the start keeps it: a numbered name must not take it away.
        while stem.casefold() in taken or (number > 1 and stem.casefold() in wanted):
            number += 1
            stem = f"{stems[index]}-{number}"
        taken.add(stem.casefold())
        chosen[index] = stem
    return chosen


def numbered_stems(names: Sequence[tuple[str, str]], prefix: str) -> list[str]:
    """Make stems ``prefix-0001`` ... in the order of source name and content hash."""
    digits = max(4, len(str(len(names))))
    start = f"{safe_stem(prefix)}-" if prefix else ""
    rank = {index: place for place, index in enumerate(sorted(range(len(names)), key=lambda i: names[i]), 1)}
    return [f"{start}{rank[index]:0{digits}}" for index in range(len(names))]


def collisions(names: Iterable[str]) -> list[int]:
    """Find the positions of the names whose safe stem another name has too."""
    stems = [safe_stem(name).casefold() for name in names]
    seen: dict[str, int] = {}
    for stem in stems:
        seen[stem] = seen.get(stem, 0) + 1
    return [index for index, stem in enumerate(stems) if seen[stem] > 1]

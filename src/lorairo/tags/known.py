"""The vocabulary that the settings name: a file, or a list known by name once it was downloaded."""

from __future__ import annotations

import os
import tempfile
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from lorairo.config.network import offline
from lorairo.errors import ArgumentError, ConfigError
from lorairo.tags.reading import read_vocabulary

if TYPE_CHECKING:
    from lorairo.config import Settings
    from lorairo.tags.vocabulary import Vocabulary

# One state of each list, so that a name means the same everywhere.
_TAGCOMPLETE = (
    "https://raw.githubusercontent.com/DominikDoom/a1111-sd-webui-tagcomplete/"
    "4170882f90b47be130a0ff9314f663c230b9153d/tags/{}.csv"
)
LISTS = {"danbooru": _TAGCOMPLETE.format("danbooru"), "e621": _TAGCOMPLETE.format("e621_sfw")}
"""Lists that can be downloaded, by name."""

_PATIENCE = 30.0  # seconds without a byte
_LARGEST = 64 * 2**20


def known_vocabulary(settings: Settings) -> Vocabulary | None:
    """Return the vocabulary of the settings, or None where they name none.

    Raises
    ------
    ConfigError
        When a file cannot be read, or a list was not downloaded yet.
    """
    given = settings.vocabulary
    if given is None:
        return None
    if str(given) in LISTS and not given.exists():
        kept = _kept(str(given), settings.vocabulary_dir)
        if not kept.is_file():
            raise ConfigError(
                f"the vocabulary {given} is not on this machine: "
                f"project.vocabulary.download({str(given)!r}) fetches it, or name a CSV file in its place"
            )
        given = kept
    return read_vocabulary(given, implications=settings.implications, translations=settings.translations)


def _kept(name: str, folder: Path) -> Path:
    return folder / f"{name}.csv"


def download_vocabulary(name: str, folder: Path) -> Path:
    """Fetch a list by name, unless it is there, and return where it is kept.

    Raises
    ------
    ArgumentError
        When no list is called so.
    ConfigError
        When it cannot be fetched; the message says why and what to do.
    """
    if name not in LISTS:
        raise ArgumentError(f"there is no vocabulary {name!r} to download: name {' or '.join(LISTS)}")
    kept = _kept(name, folder)
    if kept.is_file():
        return kept
    if offline():
        raise ConfigError(
            f"the vocabulary {name} is not on this machine, and HF_HUB_OFFLINE is set: "
            f"unset it, or put the file at {kept}"
        )
    try:
        with urlopen(LISTS[name], timeout=_PATIENCE) as answer:  # noqa: S310 - the addresses stand above
            body = answer.read(_LARGEST)
        _keep(body, kept)
    except (OSError, HTTPException) as error:
        raise ConfigError(
            f"cannot download the vocabulary {name} from {LISTS[name]}: {error}. "
            f"Fetch it by other means and put it at {kept}"
        ) from error
    return kept


def _keep(body: bytes, kept: Path) -> None:
    """Write a list that was read through and found good; a half one never stands in its place."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=kept.parent, prefix=kept.stem, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        read_vocabulary(part)
        part.replace(kept)
    finally:
        part.unlink(missing_ok=True)

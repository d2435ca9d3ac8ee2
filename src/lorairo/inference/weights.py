"""Where the files of a model are: a folder, the folder for models, or the Hugging Face hub and its cache."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lorairo.config import load
from lorairo.config.network import offline
from lorairo.errors import ModelError
from lorairo.inference import hub
from lorairo.inference.digests import digest_of
from lorairo.inference.specs import CONFIG_FILE, is_commit

if TYPE_CHECKING:
    from pathlib import Path

    from lorairo.inference.specs import Files, ModelSpec


@dataclass(frozen=True)
class Weights:
    """Files of a model that are here.

    Attributes
    ----------
    folder
        Where they lie.
    files
        Their names in it.
    revision
        Commit on the hub, or ``sha256:`` and a digest of the files: one revision, one answer.
    """

    folder: Path
    files: Files
    revision: str

    @property
    def model(self) -> Path:
        """The network."""
        return self.folder / self.files.model

    @property
    def labels(self) -> Path:
        """Its list of tags."""
        return self.folder / self.files.labels

    def other(self, name: str) -> Path | None:
        """Return another file by what the row calls it; None where the row names none."""
        said = self.files.others.get(name)
        return None if said is None else self.folder / said


@dataclass(frozen=True)
class Place:
    """Where files of a model would come from, as far as one can tell without fetching."""

    folder: Path | None
    why_not: str = ""
    remedy: str = ""


def place_of(spec: ModelSpec) -> Place:
    """Say where the files of a model are, or what is missing; looks at this machine only."""
    if spec.path is not None:
        if _holds(spec.path, spec.files):
            return Place(spec.path)
        return Place(None, f"Its files are not in {spec.path}", f"Put {_names(spec)} there")
    folder = _here(spec)
    if folder is not None:
        return Place(folder)
    return Place(None, *_not_fetchable(spec))


def _here(spec: ModelSpec) -> Path | None:
    """Return the folder that a row without a path has its files in on this machine."""
    own = load().model_dir / spec.name
    if _holds(own, spec.files):
        return own
    found = hub.snapshots(spec.repo, spec.revision) if spec.repo else ()
    return next((folder for folder in found if _holds(folder, spec.files)), None)


def _not_fetchable(spec: ModelSpec) -> tuple[str, str]:
    """Say why files cannot be fetched, and what helps; two empty texts when they can."""
    by_hand = _by_hand(spec)
    if spec.repo is None:
        return "Its row names neither a path nor a repo", f"Name one, or {by_hand}"
    if find_spec("huggingface_hub") is None:
        return "Needs huggingface_hub to fetch it", f'pip install "lorairo[local]", or {by_hand}'
    if offline():
        return "Not on this machine, and HF_HUB_OFFLINE is set", f"Unset HF_HUB_OFFLINE, or {by_hand}"
    return "", ""


def fetch(spec: ModelSpec, told: hub.Told = lambda _said: None) -> Weights:
    """Get the files of a model, from the network if they are nowhere here.

    What is here is taken as it is: a branch that has moved on is fetched again only once its files are gone.

    Parameters
    ----------
    told
        Hears how far a download is.

    Raises
    ------
    ModelError
        When they cannot be had; the message says why (gated, not found, offline, disk) and what to do.
    MissingExtra
        When they are to be fetched and ``huggingface_hub`` is not installed.
    """
    if spec.path is not None:
        if not _holds(spec.path, spec.files):
            raise ModelError(f"{spec.name}: {spec.path} does not hold {_names(spec)}: put them there")
        return _weights(spec.path, spec)
    folder = _here(spec)
    if folder is None:
        if spec.repo is None:
            raise ModelError(
                f"{spec.name}: its row names neither a path nor a repo: add one of them to models.toml"
            )
        if offline():
            raise ModelError(
                f"{spec.name}: {spec.repo} is not on this machine, and HF_HUB_OFFLINE is set: unset it, "
                f"or {_by_hand(spec)}"
            )
        folder = hub.download(spec, spec.repo, _by_hand(spec), told)
        if not _holds(folder, spec.files):
            raise ModelError(
                f"{spec.name}: {spec.repo} at {spec.revision} is no whole model: {_by_hand(spec)}"
            )
    return _weights(folder, spec)


def revision_here(spec: ModelSpec) -> str | None:
    """Return the revision that would run now, from this machine alone; None where its files are not here."""
    folder = place_of(spec).folder
    return None if folder is None else _weights(folder, spec).revision


def both(revision: str, beneath: str) -> str:
    """Return the revision of a model that judges what another one gives: it changes with either."""
    return f"{revision}+{beneath}"


def _weights(folder: Path, spec: ModelSpec) -> Weights:
    if not spec.files.patterns and not spec.files.named:  # it calculates: its row says which way
        return Weights(folder, spec.files, spec.revision)
    # A snapshot of the hub is named by its commit; in a folder of somebody's own anything may have changed.
    if spec.path is None and is_commit(folder.name):
        return Weights(folder, spec.files, folder.name)
    return Weights(folder, spec.files, digest_of(_files(folder, spec)))


def _files(folder: Path, spec: ModelSpec) -> list[Path]:
    """Return the files of a model that is here, in an order that stays."""
    if not spec.files.patterns:
        return [folder / name for name in spec.files.named]
    there = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()]
    return [folder / name for name in hub.chosen(spec, there)]


def size_here(spec: ModelSpec) -> int | None:
    """Return how many bytes the files of a model have on this machine; None where they are not here."""
    folder = place_of(spec).folder
    return None if folder is None else sum(file.stat().st_size for file in _files(folder, spec))


def _holds(folder: Path, files: Files) -> bool:
    if files.patterns:
        return (folder / CONFIG_FILE).is_file() and _has_weights(folder)
    return all((folder / name).is_file() for name in files.named)


def _has_weights(folder: Path) -> bool:
    """Whether all parts of a network are there; large ones come in parts, listed in an index."""
    index = next(folder.glob(f"*{hub.SAFE}.index.json"), None)
    if index is None:
        return any(file.suffix in (hub.SAFE, *hub.LOOSE) for file in folder.glob("*"))
    try:
        parts = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError):  # cut, or none of ours: as good as missing
        return False
    return all((folder / part).is_file() for part in parts)


def _by_hand(spec: ModelSpec) -> str:
    return f"put {_names(spec)} into {load().model_dir / spec.name}"


def _names(spec: ModelSpec) -> str:
    if spec.files.patterns:
        return f"{CONFIG_FILE} and the files beside it"
    return " and ".join(spec.files.named)

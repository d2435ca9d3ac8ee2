"""Where the files of a model are: a folder, the folder for models, or the Hugging Face hub and its cache."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lorairo import keys
from lorairo.config import load
from lorairo.config.network import offline
from lorairo.errors import MissingExtra, ModelError

if TYPE_CHECKING:
    from lorairo.inference.specs import ModelSpec

_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Weights:
    """Files of a model that are here.

    Attributes
    ----------
    model, labels
        The network and its list of tags.
    revision
        Commit on the hub, or ``sha256:`` and the digest of both files: one revision, one answer.
    """

    model: Path
    labels: Path
    revision: str


@dataclass(frozen=True)
class Place:
    """Where files of a model would come from, as far as one can tell without fetching."""

    folder: Path | None
    why_not: str = ""
    remedy: str = ""


def place_of(spec: ModelSpec) -> Place:
    """Say where the files of a model are, or what is missing; looks at this machine only."""
    if spec.path is not None:
        if _holds(spec.path, spec):
            return Place(spec.path)
        return Place(None, f"Its files are not in {spec.path}", f"Put {_names(spec)} there")
    own = load().model_dir / spec.name
    folder = own if _holds(own, spec) else _cached(spec)
    if folder is not None:
        return Place(folder)
    return Place(None, *_not_fetchable(spec, f"put {_names(spec)} into {own}"))


def _not_fetchable(spec: ModelSpec, by_hand: str) -> tuple[str, str]:
    """Say why files cannot be fetched, and what helps; two empty texts when they can."""
    if spec.repo is None:
        return "Its row names neither a path nor a repo", f"Name one, or {by_hand}"
    if find_spec("huggingface_hub") is None:
        return "Needs huggingface_hub to fetch it", f'pip install "lorairo[local]", or {by_hand}'
    if offline():
        return "Not on this machine, and HF_HUB_OFFLINE is set", f"Unset HF_HUB_OFFLINE, or {by_hand}"
    return "", ""


def fetch(spec: ModelSpec) -> Weights:
    """Get the files of a model, from the network if they are nowhere here.

    Raises
    ------
    ModelError
        When they cannot be had; the message says why (gated, not found, offline, disk) and what to do.
    MissingExtra
        When they are to be fetched and ``huggingface_hub`` is not installed.
    """
    if spec.path is not None:
        if not _holds(spec.path, spec):
            raise ModelError(f"{spec.name}: {spec.path} does not hold {_names(spec)}: put them there")
        return _local(spec.path, spec)
    own = load().model_dir / spec.name
    if _holds(own, spec):
        return _local(own, spec)
    if spec.repo is None:
        raise ModelError(
            f"{spec.name}: its row names neither a path nor a repo: add one of them to models.toml"
        )
    return _from_hub(spec, spec.repo)


def revision_here(spec: ModelSpec) -> str | None:
    """Return the revision that would run now, from this machine alone; None where its files are not here."""
    folder = place_of(spec).folder
    if folder is None:
        return None
    commit = _commit_of(folder / spec.files.model) if spec.path is None else None
    return commit or _local(folder, spec).revision


def _from_hub(spec: ModelSpec, repo: str) -> Weights:
    try:
        import huggingface_hub  # noqa: PLC0415 - optional, and slow to import
        from huggingface_hub import errors  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("huggingface_hub", extra="local") from error

    def download(file: str, revision: str) -> Path:
        return Path(
            huggingface_hub.hf_hub_download(
                repo, file, revision=revision, cache_dir=_cache_for(spec), token=token
            )
        )

    found = keys.find("huggingface")
    token = found.value.get_secret_value() if found else None  # None: what the hub's own login left
    page = f"https://huggingface.co/{repo}"
    by_hand = f"or put {_names(spec)} into {load().model_dir / spec.name}"
    try:
        model = download(spec.files.model, spec.revision)
        # A branch may move between two files: the second comes from the commit the first was resolved to.
        commit = _commit_of(model) or spec.revision
        labels = download(spec.files.labels, commit)
    except errors.GatedRepoError as error:
        raise ModelError(
            f"{spec.name}: {repo} is gated. Accept its terms on {page}, then set HF_TOKEN, {by_hand}"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(
            f"{spec.name}: {repo} has no revision {spec.revision!r}: see {page}/commits"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"{spec.name}: the hub has no {repo}, or it is private: check the name, set HF_TOKEN, {by_hand}"
        ) from error
    except errors.LocalEntryNotFoundError as error:
        raise ModelError(
            f"{spec.name}: {repo} is not on this machine, and the hub cannot be reached: go online, {by_hand}"
        ) from error
    except errors.EntryNotFoundError as error:
        raise ModelError(
            f"{spec.name}: {repo} at {spec.revision} lacks one of {_names(spec)}: see {page}"
        ) from error
    except OSError as error:  # network, proxy or disk: the hub's own errors derive from it
        raise ModelError(f"{spec.name}: fetching {repo} failed: {error}. Try again, {by_hand}") from error
    return Weights(model, labels, commit)


def _cached(spec: ModelSpec) -> Path | None:
    """Snapshot in a hub cache that holds the files, found without importing anything."""
    if spec.repo is None:
        return None
    for cache in (_hub_cache(), load().model_dir):
        root = cache / f"models--{spec.repo.replace('/', '--')}"
        commit = spec.revision
        if not _COMMIT.fullmatch(commit):
            try:
                commit = (root / "refs" / spec.revision).read_text(encoding="ascii").strip()
            except OSError:
                continue
        if _holds(root / "snapshots" / commit, spec):
            return root / "snapshots" / commit
    return None


def _cache_for(spec: ModelSpec) -> Path:
    """Fetch into the folder for models, unless the hub's own cache has the files already."""
    found = _cached(spec)
    return _hub_cache() if found is not None and found.is_relative_to(_hub_cache()) else load().model_dir


def _hub_cache() -> Path:
    """Where huggingface_hub keeps files, by its own rules."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "huggingface" / "hub"


def _commit_of(file: Path) -> str | None:
    """Commit a cached file belongs to: the name of its snapshot folder."""
    return next((part.name for part in file.parents if _COMMIT.fullmatch(part.name)), None)


def _local(folder: Path, spec: ModelSpec) -> Weights:
    model, labels = folder / spec.files.model, folder / spec.files.labels
    parts = [_digest(file, (state := file.stat()).st_size, state.st_mtime_ns) for file in (model, labels)]
    digest = hashlib.sha256(b"".join(parts)).hexdigest()
    return Weights(model, labels, f"sha256:{digest}")


@lru_cache(maxsize=64)
def _digest(file: Path, _size: int, _changed: int) -> bytes:
    """Read a file once for each state of it: networks have hundreds of megabytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _holds(folder: Path, spec: ModelSpec) -> bool:
    return (folder / spec.files.model).is_file() and (folder / spec.files.labels).is_file()


def _names(spec: ModelSpec) -> str:
    return f"{spec.files.model} and {spec.files.labels}"

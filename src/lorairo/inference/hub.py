"""Files of models from the Hugging Face hub: what its caches on this machine hold, and fetching the rest."""

from __future__ import annotations

import contextlib
import io
import logging
import os
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo import keys
from lorairo.config import load
from lorairo.errors import Error, MissingExtra, ModelError
from lorairo.inference.specs import is_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lorairo.inference.specs import ModelSpec

Told = Callable[[str], object]
"""Hears how far a download is, in words; called from several threads. What it raises ends the download."""

SAFE = ".safetensors"
LOOSE = (".bin", ".pt", ".pth", ".ckpt")
"""Weights as Python objects; taken only where there are none as `SAFE`, and read without running anything."""

_OTHER_FRAMEWORKS = (".h5", ".msgpack", ".onnx", ".ot", ".gguf", ".tflite", ".mlmodel")
_GIGA, _MEGA = 1e9, 1e6


def snapshots(repo: str, revision: str) -> Iterator[Path]:
    """Give the folders in the hub's cache and in the folder for models that this revision was fetched into.

    Imports nothing. A branch is what it was when it was fetched.
    """
    for cache in (load().model_dir, _hub_cache()):
        root = cache / f"models--{repo.replace('/', '--')}"
        commit = revision
        if not is_commit(commit):
            try:
                commit = (root / "refs" / revision).read_text(encoding="ascii").strip()
            except OSError:
                continue
        yield root / "snapshots" / commit


def download(spec: ModelSpec, repo: str, by_hand: str, told: Told) -> Path:
    """Fetch what a row names into the folder for models; what an earlier try fetched is not fetched again.

    Parameters
    ----------
    by_hand
        What to do instead, for the error.
    told
        Hears how far it is.

    Returns
    -------
    pathlib.Path
        A folder named by the commit.

    Raises
    ------
    ModelError
        When the files cannot be had; the message says why and what to do.
    MissingExtra
        When ``huggingface_hub`` is not installed.
    """
    try:
        import huggingface_hub  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise MissingExtra("huggingface_hub", extra="local") from error
    found = keys.find("huggingface")
    token = found.value.get_secret_value() if found else None  # None: what the hub's own login left
    endpoint = os.environ.get("HF_ENDPOINT") or None  # also one that was set after the hub was imported
    with _explained(spec, repo, by_hand):
        api = huggingface_hub.HfApi(endpoint=endpoint, token=token)
        # The job tells what there is to tell; the hub sets the level of its log when it is first used.
        logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
        info = api.model_info(repo, revision=spec.revision, files_metadata=True)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        wanted = chosen(spec, sizes)
        lacking = [name for name in wanted if name not in sizes] or ([] if wanted else spec.files.patterns)
        if lacking:
            raise ModelError(
                f"{spec.name}: {repo} at {spec.revision} has no {' and no '.join(lacking)}: "
                f"correct its row, or {by_hand}"
            )
        heard = _heard(spec.name, sum(sizes.get(name, 0) for name in wanted), told)
        # Weights come last: a folder that has them has all the rest, whenever a kernel was killed.
        for part in _by_weight(wanted):
            folder = huggingface_hub.snapshot_download(
                repo,
                revision=info.sha,
                endpoint=endpoint,
                cache_dir=load().model_dir,
                token=token,
                allow_patterns=part,
                tqdm_class=heard,
            )
        _remember(Path(folder), spec.revision)
    return Path(folder)


def chosen(spec: ModelSpec, there: Iterable[str]) -> list[str]:
    """Return which files of a repository belong to a model: those it names, or those its patterns match.

    Weights of other frameworks never do, and those that are Python objects only where there are no others.
    """
    files = spec.files
    if not files.patterns:
        return files.named
    matched = [name for name in there if any(fnmatch(name, pattern) for pattern in files.patterns)]
    matched = [name for name in matched if not name.endswith(_OTHER_FRAMEWORKS)]
    if not spec.remote_code:
        matched = [name for name in matched if not name.endswith(".py")]
    if any(name.endswith(SAFE) for name in matched):
        matched = [name for name in matched if not name.endswith(LOOSE)]
    return sorted(matched)


def _by_weight(names: Sequence[str]) -> list[list[str]]:
    heavy = [name for name in names if name.endswith((SAFE, *LOOSE, ".onnx"))]
    return [part for part in ([name for name in names if name not in heavy], heavy) if part]


def _remember(folder: Path, revision: str) -> None:
    """Write down which commit a branch was, now that all of it is here."""
    if not is_commit(revision):
        ref = folder.parents[1] / "refs" / revision
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(folder.name, encoding="ascii")


def _heard(name: str, total: int, told: Told) -> type[Any]:
    """Return a progress bar that draws nothing, and tells how far a download is."""
    from tqdm import tqdm  # noqa: PLC0415 - models are listed without it

    done: dict[int, float] = {}

    class Bar(tqdm):  # type: ignore[misc]  # it comes without types
        """Bytes of all files together."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "file": io.StringIO(), "disable": False})

        def update(self, n: float | None = 1) -> bool | None:
            drawn: bool | None = super().update(n)
            # Not where it draws: it holds a lock there, for good if the listener raises.
            if self.unit == "B":
                done[id(self)] = float(self.n)
                told(f"fetching {name}, {_size(max(done.values()))} of {_size(total)}")
            return drawn

    return Bar


def _size(count: float) -> str:
    return f"{count / _GIGA:,.1f} GB" if count >= _GIGA else f"{count / _MEGA:,.0f} MB"


@contextlib.contextmanager
def _explained(spec: ModelSpec, repo: str, by_hand: str) -> Iterator[None]:
    """Turn what the hub raises into one error that says what to do."""
    from huggingface_hub import errors  # noqa: PLC0415 - optional, and slow to import

    page = f"https://huggingface.co/{repo}"
    try:
        yield
    except errors.GatedRepoError as error:
        raise ModelError(
            f"{spec.name}: {repo} is gated. Accept its terms on {page}, then set HF_TOKEN, or {by_hand}"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(
            f"{spec.name}: {repo} has no revision {spec.revision!r}: see {page}/commits"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise ModelError(
            f"{spec.name}: the hub has no {repo}, or it is private: check the name, set HF_TOKEN, "
            f"or {by_hand}"
        ) from error
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        raise ModelError(
            f"{spec.name}: {repo} is not on this machine, and the hub cannot be reached: go online, "
            f"or {by_hand}"
        ) from error
    except errors.EntryNotFoundError as error:
        raise ModelError(
            f"{spec.name}: {repo} at {spec.revision} lacks a file of its row: see {page}"
        ) from error
    except Error:  # ours says it already
        raise
    except Exception as error:  # network, proxy or disk: what the hub sends requests with changes over time
        raise ModelError(f"{spec.name}: fetching {repo} failed: {error}. Try again, or {by_hand}") from error


def _hub_cache() -> Path:
    """Where huggingface_hub keeps files, by its own rules."""
    if named := os.environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "huggingface" / "hub"

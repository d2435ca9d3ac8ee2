from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import huggingface_hub
import pytest
from huggingface_hub import errors

from lorairo.config import load
from lorairo.errors import MissingExtra, ModelError
from lorairo.inference import registry, weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "wd-vit-tagger-v3"


def cached(folder: Path, cache: Path) -> Path:
    """Lay files out as the hub's own cache does."""
    root = cache / f"models--SmilingWolf--{NAME}"
    snapshot = root / "snapshots" / COMMIT
    snapshot.parent.mkdir(parents=True)
    shutil.copytree(folder, snapshot)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT, encoding="ascii")
    return snapshot


def test_a_folder_has_the_digest_of_its_files(tmp_path: Path, echo: Callable[..., Path]):
    spec = registry.find(echo(tmp_path / "m"))
    first = weights.fetch(spec)
    assert first.revision.startswith("sha256:")
    assert first == weights.fetch(spec)
    with first.labels.open("a", encoding="utf-8") as file:
        file.write("\n")
    assert weights.fetch(spec).revision != first.revision


def test_the_folder_for_models_comes_before_the_hub(echo: Callable[..., Path]):
    folder = echo(load().model_dir / NAME)
    spec = registry.find(NAME)
    assert weights.fetch(spec).model == folder / "model.onnx"
    assert weights.place_of(spec).folder == folder


def test_a_branch_becomes_a_commit(
    tmp_path: Path, echo: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    snapshot, asked = cached(echo(tmp_path / "m"), load().model_dir), []

    def download(repo: str, file: str, *, revision: str, cache_dir: Path, token: str | None) -> str:
        asked.append((repo, file, revision, cache_dir, token))
        return str(snapshot / file)

    monkeypatch.setenv("HF_TOKEN", "hf_of_somebody_else")
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    found = weights.fetch(registry.find(NAME))
    assert (found.revision, found.model) == (COMMIT, snapshot / "model.onnx")
    repo, cache = f"SmilingWolf/{NAME}", load().model_dir
    token = "hf_of_somebody_else"
    assert asked == [
        (repo, "model.onnx", "main", cache, token),
        (repo, "selected_tags.csv", COMMIT, cache, token),
    ]


@pytest.mark.parametrize("own", [True, False])
def test_what_is_cached_is_found_without_the_network(
    tmp_path: Path, echo: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, own: bool
):
    cache = load().model_dir
    if not own:
        cache = tmp_path / "hub"
        monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    snapshot = cached(echo(tmp_path / "m"), cache)
    spec = registry.find(NAME)
    assert weights.place_of(spec).folder == snapshot
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    found = weights.fetch(spec)
    assert (found.revision, found.labels) == (COMMIT, snapshot / "selected_tags.csv")


def refused(kind: type[Exception]) -> Exception:
    if issubclass(kind, errors.HfHubHTTPError):
        made = kind.__new__(kind)
        Exception.__init__(made, "403 Client Error")
        return made
    return kind("refused")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.GatedRepoError, "is gated. Accept its terms on https://huggingface.co/SmilingWolf"),
        (errors.RevisionNotFoundError, "has no revision 'main'"),
        (errors.RepositoryNotFoundError, "the hub has no SmilingWolf"),
        (errors.LocalEntryNotFoundError, "the hub cannot be reached: go online, or put model.onnx"),
        (errors.EntryNotFoundError, "lacks one of model.onnx and selected_tags.csv"),
        (ConnectionError, "failed: refused. Try again, or put model.onnx"),
    ],
)
def test_each_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch, error: type[Exception], said: str):
    def refuse(*_: object, **__: object) -> str:
        raise refused(error)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", refuse)
    with pytest.raises(ModelError) as caught:
        weights.fetch(registry.find(NAME))
    assert said in str(caught.value)
    assert str(caught.value).startswith(NAME)


def test_files_that_went_away(tmp_path: Path, echo: Callable[..., Path]):
    spec = registry.find(echo(tmp_path / "m"))
    (tmp_path / "m" / "model.onnx").unlink()
    assert "not in" in weights.place_of(spec).why_not
    with pytest.raises(ModelError, match="does not hold"):
        weights.fetch(spec)
    with pytest.raises(ModelError, match="neither a path nor a repo"):
        weights.fetch(spec.model_copy(update={"path": None}))


def test_without_huggingface_hub(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra, match=r"lorairo\[local\]"):
        weights.fetch(registry.find(NAME))

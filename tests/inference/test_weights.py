from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import huggingface_hub
import pytest
from hub_server import COMMIT, Hub
from huggingface_hub import errors

from lorairo.config import load
from lorairo.errors import JobError, MissingExtra, ModelError
from lorairo.inference import digests, registry, weights
from lorairo.inference.specs import Files, ModelSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "wd-vit-tagger-v3"
WHOLE = Files(patterns=["*.json", "*.safetensors", "*.bin", "*.py"])


def cached(folder: Path, cache: Path) -> Path:
    """Lay files out as the hub's own cache does."""
    root = cache / f"models--SmilingWolf--{NAME}"
    snapshot = root / "snapshots" / COMMIT
    snapshot.parent.mkdir(parents=True)
    shutil.copytree(folder, snapshot)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text(COMMIT, encoding="ascii")
    return snapshot


def files(folder: Path, **contents: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder


def test_a_folder_has_the_digest_of_its_files(tmp_path: Path, echo: Callable[..., Path]):
    spec = registry.find(echo(tmp_path / "m"))
    first = weights.fetch(spec)
    assert first.revision.startswith("sha256:")
    assert first == weights.fetch(spec)
    with first.labels.open("a", encoding="utf-8") as file:
        file.write("\n")
    assert weights.fetch(spec).revision != first.revision


def test_a_large_file_is_read_once_for_all_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(digests, "_WORTH", 4)
    file = files(tmp_path, model__bin=b"large enough") / "model.bin"
    first = digests.digest_of([file])
    monkeypatch.setattr(digests, "_known", {})  # another kernel
    monkeypatch.setattr(digests.hashlib, "file_digest", None)  # which reads no file
    assert digests.digest_of([file]) == first
    monkeypatch.undo()
    file.write_bytes(b"changed and longer")
    assert digests.digest_of([file]) != first


def test_the_folder_for_models_comes_before_the_hub(echo: Callable[..., Path]):
    folder = echo(load().model_dir / NAME)
    spec = registry.find(NAME)
    assert weights.fetch(spec).model == folder / "model.onnx"
    assert weights.place_of(spec).folder == folder


def test_a_branch_becomes_the_commit_it_was_when_fetched(
    hub: Hub, echo: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    echo(hub.folder / "SmilingWolf" / NAME)
    spec, told = registry.find(NAME), []
    found = weights.fetch(spec, told.append)
    assert found.revision == COMMIT
    assert found.model.read_bytes() == (hub.folder / "SmilingWolf" / NAME / "model.onnx").read_bytes()
    assert found.folder.is_relative_to(load().model_dir)
    assert told[-1].startswith(f"fetching {NAME}, ")
    hub.commit = COMMIT[::-1]  # the branch moves on
    fetched = list(hub.asked)
    assert weights.fetch(spec).revision == weights.revision_here(spec) == COMMIT
    assert hub.asked == fetched
    shutil.rmtree(load().model_dir)
    assert weights.fetch(spec).revision == COMMIT[::-1]


def test_safe_weights_are_fetched_and_others_only_without_them(hub: Hub):
    spec = ModelSpec(name="whole", repo="us/whole", files=WHOLE)
    folder = hub.folder / "us" / "whole"
    files(folder, config__json=b"{}", model__bin=b"loose", code__py=b"raise", model__onnx=b"not asked for")
    assert {file.name for file in weights.fetch(spec).folder.iterdir()} == {"config.json", "model.bin"}
    shutil.rmtree(load().model_dir)
    hub.commit = COMMIT[::-1]
    files(folder, model__safetensors=b"safe")
    assert {file.name for file in weights.fetch(spec).folder.iterdir()} == {
        "config.json",
        "model.safetensors",
    }


def test_a_line_that_drops_costs_nothing_twice(hub: Hub, capfd: pytest.CaptureFixture[str]):
    spec = ModelSpec(name="whole", repo="us/whole", files=WHOLE)
    data = bytes(range(256)) * (24 * 4096)
    files(hub.folder / "us" / "whole", config__json=b"{}", model__safetensors=data)
    hub.cuts = [2, len(data) * 3 // 4]  # the small file comes whole
    assert (weights.fetch(spec).folder / "model.safetensors").read_bytes() == data
    (asked,) = hub.ranges
    assert int(asked.removeprefix("bytes=").rstrip("-")) > len(data) // 3
    assert capfd.readouterr() == ("", "")


def test_a_download_that_failed_keeps_what_is_whole(hub: Hub):
    spec = ModelSpec(name="whole", repo="us/whole", files=WHOLE)
    files(hub.folder / "us" / "whole", config__json=b"{}", model__safetensors=b"weights")
    hub.cuts = [2, *[0] * 20]  # the last file never comes
    with pytest.raises(ModelError, match=r"fetching us/whole failed: .*Try again"):
        weights.fetch(spec)
    assert weights.revision_here(spec) is None, "half a model is none"
    hub.cuts = []
    hub.asked.clear()
    assert (weights.fetch(spec).folder / "model.safetensors").read_bytes() == b"weights"
    assert hub.asked == ["model.safetensors"]


def test_a_download_can_be_stopped(hub: Hub):
    files(hub.folder / "us" / "whole", config__json=b"{}", model__safetensors=b"weights")

    def stop(_said: str) -> None:
        raise JobError("stopped")

    with pytest.raises(JobError, match="stopped"):
        weights.fetch(ModelSpec(name="whole", repo="us/whole", files=WHOLE), stop)


def test_a_model_in_parts_is_there_when_all_parts_are(tmp_path: Path):
    folder = files(tmp_path / "parts", config__json=b"{}")
    index = {"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    files(folder, one__safetensors=b"1")
    spec = ModelSpec(name="parts", path=folder, files=WHOLE)
    with pytest.raises(ModelError, match=r"does not hold config\.json and the files beside it"):
        weights.fetch(spec)
    files(folder, two__safetensors=b"2")
    first = weights.fetch(spec).revision
    files(folder, two__safetensors=b"other")
    assert weights.fetch(spec).revision != first


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
        (errors.EntryNotFoundError, "lacks a file of its row"),
        (ConnectionError, "failed: refused. Try again, or put model.onnx"),
    ],
)
def test_each_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch, error: type[Exception], said: str):
    def refuse(*_: object, **__: object) -> str:
        raise refused(error)

    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", refuse)
    with pytest.raises(ModelError) as caught:
        weights.fetch(registry.find(NAME))
    assert said in str(caught.value)
    assert str(caught.value).startswith(NAME)


def test_what_the_hub_does_not_have(hub: Hub):
    with pytest.raises(ModelError, match=r"the hub has no SmilingWolf"):
        weights.fetch(registry.find(NAME))
    files(hub.folder / "SmilingWolf" / NAME, readme=b"moved")
    with pytest.raises(ModelError, match=r"has no model\.onnx and no selected_tags\.csv"):
        weights.fetch(registry.find(NAME))
    files(hub.folder / "us" / "whole", model__safetensors=b"without a config.json")
    with pytest.raises(ModelError, match="is no whole model"):
        weights.fetch(ModelSpec(name="whole", repo="us/whole", files=WHOLE))


def test_offline_nothing_is_asked():
    with pytest.raises(ModelError, match=r"HF_HUB_OFFLINE is set: unset it, or put model\.onnx"):
        weights.fetch(registry.find(NAME))


def test_files_that_went_away(tmp_path: Path, echo: Callable[..., Path]):
    spec = registry.find(echo(tmp_path / "m"))
    (tmp_path / "m" / "model.onnx").unlink()
    assert "not in" in weights.place_of(spec).why_not
    with pytest.raises(ModelError, match="does not hold"):
        weights.fetch(spec)
    with pytest.raises(ModelError, match="neither a path nor a repo"):
        weights.fetch(spec.model_copy(update={"path": None}))


def test_without_huggingface_hub(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra, match=r"lorairo\[local\]"):
        weights.fetch(registry.find(NAME))

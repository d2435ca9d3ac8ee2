from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tiny_vision as tiny
import torch
from safetensors.torch import load_file, save_file

import lorairo as lr
from lorairo.config import load
from lorairo.errors import ModelError
from lorairo.inference import registry
from lorairo.inference.loading import Loader
from lorairo.inference.remaining import remaining
from lorairo.inference.specs import Files, ModelSpec
from lorairo.scorers.embedder import Embedder
from lorairo.scorers.heads import HeadScorer

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MLP = ["layers.0", "layers.2", "layers.4", "layers.6", "layers.7"]
FILES = {
    "aesthetic-mlp": "aesthetic_mlp/sac+logos+ava1-l14-linearMSE",
    "aesthetic-laion-l14": "aesthetic_linear/sa_0_4_vit_l_14_linear",
    "aesthetic-laion-b32": "aesthetic_linear/sa_0_4_vit_b_32_linear",
    "aesthetic-laion-b16": "aesthetic_linear/sa_0_4_vit_b_16_linear",
}
TOML = """
[[model]]
name = "{name}"
kind = "{kind}"
backend = "{backend}"
scores = {scores}
files = {files}
"""


def unit(count: int, width: int, seed: int = 0) -> NDArray[np.float64]:
    vectors = np.random.default_rng(seed).normal(size=(count, width))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write_row(name: str, kind: str, files: str, head: str = "", scores: str = "[]") -> Path:
    folder = load().model_dir / name
    folder.mkdir(parents=True, exist_ok=True)
    backend = "head" if head else kind
    told = TOML.format(name=name, kind=kind, backend=backend, scores=scores, files=files)
    (folder / "model.toml").write_text(told + head, encoding="utf-8")
    return folder


def backbone(name: str = "tiny-clip", width: int = 48) -> Path:
    folder = write_row(name, "embedder", '{ patterns = ["*.json", "*.safetensors"] }')
    tiny.clip(folder, width)
    return folder


def head(folder: Path, tensors: dict[str, Any], layers: list[str], **more: Any) -> HeadScorer:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / ("head.pth" if more.pop("loose", False) else "head.safetensors")
    if file.suffix == ".pth":
        torch.save(tensors, file)
    else:
        save_file(tensors, file)
    spec = ModelSpec(
        name="tiny-head",
        kind="scorer",
        backend="head",
        scores=["beauty"],
        path=folder,
        files=Files(model=file.name, labels=""),
        head={"over": "tiny-clip", "layers": layers, **more},
    )
    scorer = Loader(spec).load()
    assert isinstance(scorer, HeadScorer)
    return scorer


@pytest.fixture
def small() -> dict[str, Any]:
    """Two layers over 48 numbers."""
    backbone()
    torch.manual_seed(5)
    return {
        "fc1.weight": torch.randn(8, 48),
        "fc1.bias": torch.randn(8),
        "fc2.weight": torch.randn(1, 8),
        "fc2.bias": torch.randn(1),
    }


def test_layers_and_what_lies_between_them_are_as_the_row_says(tmp_path: Path, small: dict[str, Any]):
    vectors = unit(6, 48)
    weights = {name: tensor.double().numpy() for name, tensor in small.items()}
    inner = vectors @ weights["fc1.weight"].T + weights["fc1.bias"]
    plain = inner @ weights["fc2.weight"].T + weights["fc2.bias"]
    bent = np.maximum(inner, 0) @ weights["fc2.weight"].T + weights["fc2.bias"]
    chance = 1 / (1 + np.exp(-bent))
    for expected, ways in (
        (plain, {}),
        (bent, {"between": "relu"}),
        (chance, {"between": "relu", "last": "sigmoid"}),
        (chance, {"between": "relu", "last": "sigmoid", "loose": True}),
    ):
        found = head(tmp_path / "head", small, ["fc1", "fc2"], **ways).judge(vectors)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_other_tensors_than_those_of_the_row_are_an_error(tmp_path: Path, small: dict[str, Any]):
    with pytest.raises(ModelError, match=r"lacks fc3\.bias, fc3\.weight\. Correct head\.layers"):
        head(tmp_path / "a", small, ["fc1", "fc2", "fc3"])
    with pytest.raises(ModelError, match=r"it has also fc2\.bias, fc2\.weight"):
        head(tmp_path / "b", small, ["fc1"])
    with pytest.raises(ModelError, match=r"lacks layers\.0\.bias.*and has also fc1\.bias"):
        head(tmp_path / "c", small, MLP)
    with pytest.raises(ModelError, match="one gives 1 numbers and the next takes 48"):
        head(tmp_path / "d", small, ["fc2", "fc1"])
    with pytest.raises(ModelError, match="judges embeddings of 48 numbers, and those of tiny-clip have 64"):
        head(tmp_path / "e", small, ["fc1", "fc2"]).judge(unit(2, 64))


def test_weights_that_bring_code_are_not_loaded(tmp_path: Path, small: dict[str, Any]):
    with pytest.raises(ModelError, match=r"cannot be read as weights.*Weights only load failed"):
        head(tmp_path / "code", {**small, "extra": np.random.default_rng}, ["fc1", "fc2"], loose=True)


def test_a_head_is_available_only_with_its_embedder():
    write_row(
        "head",
        "scorer",
        '{ model = "h.pth", labels = "" }',
        '[model.head]\nover = "x"\nlayers = [""]\n',
    )
    (load().model_dir / "head" / "h.pth").touch()
    row = lr.models().loc["head"]
    assert not row.available
    assert row.why_not == "Judges the embeddings of x, which has no row"
    (load().model_dir / "aesthetic-laion-l14").mkdir()
    (load().model_dir / "aesthetic-laion-l14" / "sa_0_4_vit_l_14_linear.pth").touch()
    row = lr.models().loc["aesthetic-laion-l14"]
    assert row.why_not.startswith("Judges the embeddings of clip-vit-large-patch14: Not on this machine")
    assert row.range == "1 to 10, higher is better"


def test_stored_embeddings_are_judged_and_others_made_and_stored(
    tmp_path: Path, photos: Path, small: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    folder = write_row(
        "tiny-head",
        "scorer",
        '{ model = "head.safetensors", labels = "" }',
        '[model.head]\nover = "tiny-clip"\nlayers = ["fc1", "fc2"]\n',
        '["beauty"]',
    )
    save_file(small, folder / "head.safetensors")
    seen: list[int] = []
    answers = Embedder.infer

    def counted(self: Embedder, pictures: Any) -> Any:
        seen.append(len(pictures))
        return answers(self, pictures)

    monkeypatch.setattr(Embedder, "infer", counted)
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        view = project.view()
        view[:7].annotate(["tiny-clip"], background=False)
        assert sum(seen) == 7
        job = view.score(["tiny-head"], background=False)
        assert (job.state, job.progress.done, job.progress.failed) == ("done", 12, 0)
        assert sum(seen) == 12  # the other five only

        places = view.embeddings("tiny-clip").to_numpy().astype(np.float64)
        assert len(places) == 12
        weights = {name: tensor.double().numpy() for name, tensor in small.items()}
        inner = places @ weights["fc1.weight"].T + weights["fc1.bias"]
        expected = (inner @ weights["fc2.weight"].T + weights["fc2.bias"])[:, 0]
        np.testing.assert_allclose(view["beauty"], expected, atol=1e-5)
        view.score(["tiny-head"], background=False)
        assert sum(seen) == 12
        with project.database.read() as connection:
            left = remaining(
                connection, [registry.find(name) for name in ("tiny-head", "tiny-clip")], view.ids
            )
        assert left == [0, 0]


def test_an_embedder_that_cannot_be_loaded_ends_the_run_with_one_error(
    tmp_path: Path, photos: Path, small: dict[str, Any]
):
    head(load().model_dir / "tiny-head", small, ["fc1", "fc2"])
    write_row(
        "tiny-head",
        "scorer",
        '{ model = "head.safetensors", labels = "" }',
        '[model.head]\nover = "tiny-clip"\nlayers = ["fc1", "fc2"]\n',
        '["beauty"]',
    )
    (load().model_dir / "tiny-clip" / "model.safetensors").write_bytes(b"damaged")
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        with pytest.raises(ModelError, match=r"tiny-clip: .* cannot be loaded"):
            project.view().score(["tiny-head"], background=False)
        assert len(project.failures) == 0


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("name", list(FILES))
def test_published_heads_answer_as_their_weights_say(shared: Path, name: str, suffix: str):
    """With an embedder of the width of theirs, from the picture to the score."""
    where = shared / "data" / "models" / FILES[name]
    shipped = registry.specs()[name]
    assert shipped.head is not None
    weights = load_file(f"{where}.safetensors")
    width = weights[f"{shipped.head.layers[0]}.weight".lstrip(".")].shape[1]
    spec = shipped.model_copy(
        update={
            "path": where.parent,
            "files": Files(model=f"{where.name}{suffix}", labels=""),
            "head": shipped.head.model_copy(update={"over": "wide-clip"}),
        }
    )
    backbone("wide-clip", width)
    scorer = Loader(spec).load()
    assert isinstance(scorer, HeadScorer)
    vectors = unit(32, width)
    values = vectors
    for layer in shipped.head.layers:
        values = values @ weights[f"{layer}.weight".lstrip(".")].double().numpy().T
        values += weights[f"{layer}.bias".lstrip(".")].double().numpy()
    np.testing.assert_allclose(scorer.judge(vectors), values, atol=2e-3)
    assert np.abs(scorer.judge(20 * vectors) - values).min() > 0.01  # without the normalisation

    told = scorer.infer([scorer.prepare(tiny.picture(colour)) for colour in ("red", "blue")])
    assert told.shape == (2, width + 1)
    np.testing.assert_allclose(np.linalg.norm(told[:, :-1], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(told[:, -1:], scorer.judge(told[:, :-1]), atol=0.01)  # as stored: float16

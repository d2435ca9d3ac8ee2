from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tiny_vision as tiny
import torch
from safetensors.torch import load_file, save_file
from sqlalchemy import select

import lorairo as lr
from lorairo.config import load
from lorairo.errors import ModelError, NotFoundError
from lorairo.inference.registry import find, obstacle
from lorairo.inference.torch_runtime import import_transformers
from lorairo.inference.weights import fetch
from lorairo.scorers.embedder import Embedder
from lorairo.store.schema import embedding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PICTURES = [tiny.picture(colour) for colour in ("red", "green", "blue", "yellow", "grey")]
MODEL = """
[[model]]
name = "tiny-clip"
kind = "embedder"
backend = "embedder"
files = { patterns = ["*.json", "*.safetensors"] }
"""


def embedder(folder: Path) -> Embedder:
    return Embedder(spec := tiny.row(folder), weights=fetch(spec))


def embed(model: Embedder, pictures: list[Any]) -> np.ndarray:
    return model.infer([model.prepare(picture) for picture in pictures])


@pytest.mark.parametrize("make", [tiny.clip, tiny.siglip, tiny.siglip2, tiny.dinov2])
def test_pictures_get_the_place_that_transformers_gives_them(tmp_path: Path, make: Callable[..., Any]):
    network = make(tmp_path / "model")
    processor = import_transformers().AutoImageProcessor.from_pretrained(tmp_path / "model", backend="pil")
    with torch.inference_mode():
        seen = getattr(network, "get_image_features", network)(
            **processor(images=PICTURES, return_tensors="pt")
        )
        expected = getattr(seen, "pooler_output", seen).double().numpy()
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = embed(embedder(tmp_path / "model"), PICTURES)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert (found @ found.T)[~np.eye(len(found), dtype=bool)].max() < 0.999


def test_a_place_is_the_same_in_any_batch_and_what_is_transparent_is_white(tmp_path: Path):
    tiny.clip(tmp_path / "model")
    model = embedder(tmp_path / "model")
    together = embed(model, PICTURES)
    np.testing.assert_allclose(embed(model, PICTURES[3:4]), together[3:4], atol=1e-5)
    clear = tiny.picture("red")
    clear.putalpha(0)
    white = tiny.Image.new("RGB", clear.size, "white")
    np.testing.assert_allclose(embed(model, [clear]), embed(model, [white]), atol=1e-6)


def test_a_batch_that_does_not_fit_into_memory_is_halved_for_good(tmp_path: Path):
    tiny.clip(tmp_path / "model")
    model = embedder(tmp_path / "model")
    expected = embed(model, PICTURES)
    numbers, batches = model.numbers, []

    def scarce(tensors: Any) -> Any:
        batches.append(len(tensors["pixel_values"]))
        if batches[-1] > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return numbers(tensors)

    model.numbers = scarce
    np.testing.assert_allclose(embed(model, PICTURES), expected, atol=1e-5)
    assert batches == [4, 2, 2, 1]
    assert model.batch == 2


def test_a_folder_without_all_tensors_is_no_model(tmp_path: Path):
    tiny.clip(tmp_path / "model")
    file = tmp_path / "model" / "model.safetensors"
    tensors = load_file(file)
    del tensors["visual_projection.weight"]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 tensors of the network, visual_projection\.weight"):
        embedder(tmp_path / "model")
    file.write_bytes(b"\0" * 64)
    with pytest.raises(ModelError, match="cannot be loaded"):
        embedder(tmp_path / "model")


@pytest.mark.parametrize("make", [tiny.clip, tiny.siglip, tiny.siglip2, tiny.dinov2])
def test_a_folder_of_an_embedder_needs_no_row(tmp_path: Path, make: Callable[..., Any]):
    make(tmp_path / "my-embedder")
    found = find(tmp_path / "my-embedder")
    assert (found.name, found.kind, found.backend) == ("my-embedder", "embedder", "embedder")
    assert obstacle(found) == ("", "")


@pytest.fixture
def project(tmp_path: Path, photos: Path):
    folder = load().model_dir / "tiny-clip"
    tiny.clip(folder)
    (folder / "model.toml").write_text(MODEL, encoding="utf-8")
    with lr.open_project(tmp_path / "project") as opened:
        opened.add(photos)
        yield opened


def test_embeddings_are_stored_once_and_come_in_the_order_of_the_view(project: lr.Project):
    view = project.view()
    with pytest.raises(NotFoundError, match=r"tiny-clip has placed no image of project: view\.annotate"):
        view.embeddings("tiny-clip")
    job = view[2:10].annotate(["tiny-clip"], background=False)
    assert (job.state, job.progress.failed) == ("done", 0)
    with project.database.read() as connection:
        stored = connection.execute(select(embedding)).all()
    view.annotate(["tiny-clip"], background=False, floor=0.5)  # a floor is about scores of tags
    with project.database.read() as connection:
        rows = connection.execute(select(embedding)).all()
    assert len(stored) == 8
    assert len(rows) == len(view)
    assert set(stored) < set(rows)

    places = view.sort("-id").embeddings("tiny-clip")
    assert places.index.tolist() == view.ids.tolist()[::-1]
    assert places.index.name == "image_id"
    np.testing.assert_allclose(np.linalg.norm(places.to_numpy(), axis=1), 1, atol=1e-3)
    model = embedder(load().model_dir / "tiny-clip")
    image = view.ids.tolist()[5]
    np.testing.assert_allclose(places.loc[image], embed(model, [view.image(image)])[0], atol=1e-3)
    assert view[:3].embeddings("tiny-clip").shape == (3, 48)

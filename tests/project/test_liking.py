"""Search by likeness: to an image of the project, to another picture, to words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import tiny_vision as tiny
from PIL import Image

import lorairo as lr
from lorairo.config import load
from lorairo.errors import ArgumentError, ModelError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROW = """
[[model]]
name = "{name}"
kind = "embedder"
backend = "embedder"
files = {{ patterns = ["*.json", "*.safetensors"] }}
"""


def installed(name: str, make: Callable[[Path], object]) -> Path:
    folder = load().model_dir / name
    make(folder)
    (folder / "model.toml").write_text(ROW.format(name=name), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No models of whoever runs the tests."""
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("LORAIRO_MODEL_DIR", str(tmp_path / "models"))


@pytest.fixture
def placed(project: lr.Project) -> Iterator[lr.Project]:
    tiny.words(installed("tiny-clip", tiny.clip))
    job = project.view().annotate(["tiny-clip"], background=False)
    assert job.progress.failed == 0
    yield project
    lr.unload("tiny-clip")


def test_the_nearest_come_first_and_an_image_is_most_like_itself(placed: lr.Project):
    view = placed.view()
    image = int(view.ids[4])
    places = view.embeddings("tiny-clip")
    expected = (places @ places.loc[image]).sort_values(ascending=False)
    likeness = view.likeness(image, "tiny-clip")
    assert likeness.index[0] == image
    assert likeness.name == "likeness"
    np.testing.assert_allclose(likeness.to_numpy(), expected.to_numpy(), atol=1e-5)
    alike = view.like(image, "tiny-clip", count=3)
    assert alike.ids.tolist() == likeness.index[:3].tolist()


def test_an_image_outside_the_view_is_an_example_too(placed: lr.Project):
    view = placed.view()
    alike = view[6:].like(int(view.ids[0]), "tiny-clip")
    assert sorted(alike.ids.tolist()) == sorted(view.ids[6:].tolist())


def test_a_picture_outside_the_project_is_placed_on_the_spot(placed: lr.Project, tmp_path: Path):
    view = placed.view()
    image = int(view.ids[7])
    picture = view.image(image)
    file = placed[image].path()
    assert file is not None
    for example in (picture, file, str(file)):
        found = view.likeness(example, "tiny-clip")
        assert found.index[0] == image
        assert found.iloc[0] == pytest.approx(1, abs=1e-3)
    with pytest.raises(NotFoundError, match=r"gone\.png cannot be read"):
        view.like(tmp_path / "gone.png", "tiny-clip")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(ArgumentError, match="the example cannot be looked at"):
        view.like(tmp_path / "broken.png", "tiny-clip")
    assert len(view.like(Image.new("CMYK", (32, 32)), "tiny-clip", count=2)) == 2


def test_words_lie_where_transformers_puts_them(placed: lr.Project):
    view = placed.view()
    t = tiny.import_transformers()
    folder = load().model_dir / "tiny-clip"
    tokens = t.AutoTokenizer.from_pretrained(folder)(["a red hat"], return_tensors="pt")
    with tiny.torch.inference_mode():
        read = t.AutoModel.from_pretrained(folder).get_text_features(**tokens)
    place = getattr(read, "pooler_output", read).numpy()[0]
    expected = view.embeddings("tiny-clip").to_numpy() @ (place / np.linalg.norm(place))
    found = view.likeness("A red hat", "tiny-clip")
    np.testing.assert_allclose(found.loc[view.ids].to_numpy(), expected, atol=1e-4)
    assert view.like("a red hat", "tiny-clip", count=4).ids.tolist() == found.index[:4].tolist()


def test_what_is_missing_is_named(placed: lr.Project):
    view = placed.view()
    with pytest.raises(ArgumentError, match="count=0 means nothing"):
        view.like(int(view.ids[0]), "tiny-clip", count=0)
    with pytest.raises(ArgumentError, match="not an empty text"):
        view.like("  ", "tiny-clip")
    with pytest.raises(ArgumentError, match="not bool"):
        view.like(True, "tiny-clip")
    installed("tiny-dino", tiny.dinov2)
    with pytest.raises(NotFoundError, match="tiny-dino has placed no image"):
        view.like(int(view.ids[0]), "tiny-dino")
    view.annotate(["tiny-dino"], background=False)
    with pytest.raises(ModelError, match="tiny-dino reads no words: take a CLIP or a SigLIP"):
        view.like("a red hat", "tiny-dino")
    for file in (load().model_dir / "tiny-clip").glob("tokenizer*"):
        file.unlink()
    with pytest.raises(ModelError, match="tiny-clip has another revision than the one that placed"):
        view.like("a red hat", "tiny-clip")
    view.annotate(["tiny-clip"], background=False)
    with pytest.raises(ModelError, match="holds no tokenizer, so it reads no words: put tokenizer"):
        view.like("a red hat", "tiny-clip")

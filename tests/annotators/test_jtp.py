from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from lorairo.annotators.jtp import JointTagger
from lorairo.errors import ModelError
from lorairo.inference import registry
from lorairo.inference.specs import Files
from lorairo.inference.torch_runtime import import_timm
from lorairo.inference.weights import fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.inference.specs import ModelSpec

TAGS = ["canine", "outside", "blue_eyes", "standing_(pose)"]
SIDE = 160  # of the smallest network that timm has


def write(folder: Path, tags: list[str], *, gated: bool) -> tuple[ModelSpec, dict[str, torch.Tensor]]:
    """Write a network with the head of PILOT, or of PILOT2; the row is that of PILOT2 otherwise."""
    torch.manual_seed(0)
    network = import_timm().create_model("test_vit", num_classes=len(TAGS) * (2 if gated else 1))
    tensors = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    tensors["head.weight"] *= 20
    head = "head.linear." if gated else "head."
    folder.mkdir(parents=True, exist_ok=True)
    named = {name.replace("head.", head): tensor for name, tensor in tensors.items()}
    save_file(named, folder / "model.safetensors")
    numbers = {name: place for place, name in reversed(list(enumerate(tags)))}
    (folder / "tags.json").write_text(json.dumps(numbers), encoding="utf-8")
    shipped = registry.specs()["jtp-pilot2"]
    rules = shipped.preprocess.model_copy(update={"size": SIDE})
    files = Files(model="model.safetensors", labels="tags.json")
    told: dict[str, Any] = {"path": folder, "files": files, "preprocess": rules, "architecture": "test_vit"}
    return shipped.model_copy(update=told), tensors


def tagger(spec: ModelSpec) -> JointTagger:
    return JointTagger(spec, weights=fetch(spec))


def expected(tensors: dict[str, torch.Tensor], pixels: np.ndarray, *, gated: bool) -> np.ndarray:
    """Return what the authors' own steps make of a picture of the right size."""
    network = import_timm().create_model("test_vit", num_classes=len(tensors["head.bias"]))
    network.load_state_dict(tensors)
    tensor = torch.from_numpy((pixels.astype(np.float32) / 255 - 0.5) / 0.5).permute(2, 0, 1)[None]
    with torch.inference_mode():
        logits = network.eval()(tensor)[0].double().numpy()
    chances = 1 / (1 + np.exp(-logits))
    return chances[: len(TAGS)] * chances[len(TAGS) :] if gated else chances


@pytest.mark.parametrize("gated", [False, True])
def test_tags_have_the_probabilities_of_their_head(
    tmp_path: Path, draw: Callable[..., Image.Image], *, gated: bool
):
    spec, tensors = write(tmp_path / "model", TAGS, gated=gated)
    model = tagger(spec)
    picture = draw(1, (SIDE, SIDE))
    answer = model.infer([model.prepare(picture), model.prepare(draw(2, (90, 200)))])
    assert model.labels.names == tuple(TAGS)
    assert answer.shape == (2, len(TAGS))
    np.testing.assert_allclose(answer[0], expected(tensors, np.asarray(picture), gated=gated), atol=1e-5)
    assert np.ptp(answer) > 0.1


def test_the_picture_is_made_as_its_authors_make_it(tmp_path: Path, draw: Callable[..., Image.Image]):
    """Fitted with Lanczos into the square, on grey; red, green and blue from -1 to 1."""
    spec, tensors = write(tmp_path / "model", TAGS, gated=True)
    picture = draw(3, (320, 160))
    whole = np.full((SIDE, SIDE, 3), 128, np.uint8)
    whole[40:120] = np.asarray(picture.resize((160, 80), Image.Resampling.LANCZOS))
    right = expected(tensors, whole, gated=True)

    def wrong(**rules: Any) -> float:
        asked = spec.model_copy(update={"preprocess": spec.preprocess.model_copy(update=rules)})
        model = tagger(asked)
        return float(np.abs(model.infer([model.prepare(picture)])[0] - right).max())

    assert wrong() < 1e-5
    for rules in ({"channels": "BGR"}, {"mean": (0, 0, 0)}, {"pad_color": (0, 0, 0)}, {"fit": "resize"}):
        assert wrong(**rules) > 1e-3


def test_files_that_do_not_belong_together_are_named(tmp_path: Path):
    spec, _ = write(tmp_path / "a", [*TAGS, "one_more"], gated=False)
    with pytest.raises(ModelError, match="does not fit test_vit with 5 tags"):
        tagger(spec)
    spec, _ = write(tmp_path / "b", TAGS, gated=False)
    with pytest.raises(ModelError, match="does not fit vit_unheard_of"):
        tagger(spec.model_copy(update={"architecture": "vit_unheard_of"}))
    with pytest.raises(ModelError, match="names no architecture"):
        tagger(spec.model_copy(update={"architecture": None}))

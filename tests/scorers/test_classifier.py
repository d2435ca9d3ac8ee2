from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tiny_vision as tiny
import torch

import lorairo as lr
from lorairo.config import load
from lorairo.errors import ModelError
from lorairo.inference import registry
from lorairo.inference.torch_runtime import import_transformers
from lorairo.inference.weights import fetch
from lorairo.scorers.classifier import ClassScorer, Rater

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = [tiny.picture(colour) for colour in ("red", "green", "blue", "yellow")]


def chances(folder: Path, network: Any, *, several: bool = False) -> np.ndarray:
    processor = import_transformers().AutoImageProcessor.from_pretrained(folder, backend="pil")
    with torch.inference_mode():
        logits = network(**processor(images=PICTURES, return_tensors="pt")).logits.double().numpy()
    if several:
        return 1 / (1 + np.exp(-logits))
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def test_a_score_is_the_probability_of_the_label_that_the_row_names(tmp_path: Path):
    network = tiny.classifier(tmp_path / "model", ["plain", "not_aesthetic", "aesthetic"])
    classes = {"aesthetic": "beauty", "plain": "plainness"}
    spec = tiny.row(
        tmp_path / "model", "classifier", "scorer", scores=["beauty", "plainness"], classes=classes
    )
    scorer = ClassScorer(spec, weights=fetch(spec))
    found = scorer.infer([scorer.prepare(picture) for picture in PICTURES])
    assert scorer.names == ["beauty", "plainness"]
    np.testing.assert_allclose(found, chances(tmp_path / "model", network)[:, [2, 0]], atol=1e-5)


def test_labels_that_do_not_exclude_each_other_are_told_apart(tmp_path: Path):
    network = tiny.classifier(tmp_path / "model", ["a", "b"], problem_type="multi_label_classification")
    spec = tiny.row(tmp_path / "model", "classifier", "scorer", scores=["bee"], classes={"b": "bee"})
    scorer = ClassScorer(spec, weights=fetch(spec))
    found = scorer.infer([scorer.prepare(picture) for picture in PICTURES])
    expected = chances(tmp_path / "model", network, several=True)[:, 1:]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_labels_that_mean_one_rating_add_up(tmp_path: Path):
    network = tiny.classifier(tmp_path / "model", ["drawings", "hentai", "neutral", "porn", "sexy"])
    classes = registry.specs()["nsfw-rating-vit"].classes
    spec = tiny.row(tmp_path / "model", "rater", "annotator", classes=classes)
    rater = Rater(spec, weights=fetch(spec))
    told = rater.infer([rater.prepare(picture) for picture in PICTURES])
    each = chances(tmp_path / "model", network)
    sums = {
        "general": each[:, 0] + each[:, 2],
        "questionable": each[:, 4],
        "explicit": each[:, 1] + each[:, 3],
    }
    for place, said in enumerate(told):
        best = max(sums, key=lambda rating: sums[rating][place])
        assert (said.rating, said.confidence) == (best, pytest.approx(sums[best][place], abs=1e-5))


def test_labels_the_network_does_not_have_and_ratings_that_are_none_are_named(tmp_path: Path):
    tiny.classifier(tmp_path / "model", ["hq", "lq"])
    spec = tiny.row(tmp_path / "model", "classifier", "scorer", scores=["s"], classes={"high": "s"})
    with pytest.raises(ModelError, match=r"no label 'high': name in classes of its row some of hq, lq"):
        ClassScorer(spec, weights=fetch(spec))
    spec = tiny.row(tmp_path / "model", "classifier", "scorer", scores=["s"])
    with pytest.raises(ModelError, match="add classes to it"):
        ClassScorer(spec, weights=fetch(spec))
    spec = tiny.row(tmp_path / "model", "rater", "annotator", classes={"hq": "safe"})
    with pytest.raises(ModelError, match="'safe' in its row is no rating: general, sensitive"):
        Rater(spec, weights=fetch(spec))


def test_scorers_never_share_a_column():
    columns = [column for spec in registry.specs().values() for column in spec.scores]
    assert len(columns) == len(set(columns))


def test_ratings_and_scores_are_searched(tmp_path: Path, photos: Path):
    folder = load().model_dir / "tiny-rater"
    tiny.classifier(folder, ["porn", "neutral"])
    for name, kind, rest in (
        (
            "tiny-rater",
            "annotator",
            'backend = "rater"\nclasses = { porn = "explicit", neutral = "general" }',
        ),
        ("tiny-nsfw", "scorer", 'backend = "classifier"\nscores = ["nsfw"]\nclasses = { porn = "nsfw" }'),
    ):
        place = load().model_dir / name
        place.mkdir(exist_ok=True)
        files = '{ patterns = ["*.json", "*.safetensors"] }'
        text = (
            f'[[model]]\nname = "{name}"\nkind = "{kind}"\nfiles = {files}\npath = "../tiny-rater"\n{rest}\n'
        )
        (place / "model.toml").write_text(text, encoding="utf-8")
        for file in folder.glob("*.*son"):
            (place / file.name).write_bytes(file.read_bytes())
        (place / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        view = project.view()
        view.annotate(["tiny-rater"], background=False)
        view.score(["tiny-nsfw"], background=False)
        assert len(project.view("rating:explicit")) == len(project.view("nsfw:>0.5"))
        assert len(project.view("rating:explicit OR rating:general")) == len(view)

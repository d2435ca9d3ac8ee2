from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from detector_model import write_detector
from PIL import Image

import lorairo as lr
from lorairo.config import load
from lorairo.errors import ModelError
from lorairo.inference import registry
from lorairo.inference.weights import fetch
from lorairo.scorers.faces import FaceCounter, merged

if TYPE_CHECKING:
    from pathlib import Path

    from lorairo.inference.specs import ModelSpec

NAME = "ultraface-rfb-320"
LARGE, SMALL = [0.1, 0.1, 0.5, 0.6], [0.7, 0.7, 0.8, 0.9]
BESIDE = [0.12, 0.1, 0.52, 0.6]  # the same face once more


def counter(folder: Path, **rules: object) -> FaceCounter:
    spec = registry.specs()[NAME]
    preprocess = spec.preprocess.model_copy(update=rules)
    spec = spec.model_copy(update={"path": folder, "preprocess": preprocess})
    return FaceCounter(spec, weights=fetch(spec))


def told(faces: FaceCounter, *pictures: Image.Image) -> list[list[float]]:
    answer = faces.infer([faces.prepare(picture) for picture in pictures])
    return [[round(number, 3) for number in row] for row in answer.tolist()]


BRIGHT, DARK = Image.new("RGB", (90, 120), "white"), Image.new("RGB", (90, 120), "black")


def test_counts_faces_once_and_measures_the_largest(tmp_path: Path):
    found = [(SMALL, 0.8), (LARGE, 0.9), (BESIDE, 0.95), ([0.3, 0.3, 0.9, 0.9], 0.6)]
    faces = counter(write_detector(tmp_path, found))
    assert told(faces, BRIGHT, DARK) == [[2.0, 0.2], [0.0, 0.0]]
    assert faces.fixed_batch == 1


def test_a_face_that_leaves_the_picture_counts_as_far_as_it_is_seen(tmp_path: Path):
    faces = counter(write_detector(tmp_path, [([-0.5, 0.5, 0.5, 1.5], 0.9)]))
    assert told(faces, BRIGHT) == [[1.0, 0.25]]


def test_of_boxes_that_overlap_the_surest_stays():
    boxes = np.array([SMALL, LARGE, BESIDE], np.float32)
    assert merged(boxes, np.float32([0.8, 0.9, 0.95])).tolist() == [2, 0]
    assert merged(boxes, np.float32([0.8, 0.95, 0.9])).tolist() == [1, 0]
    assert merged(boxes[:0], np.float32([])).tolist() == []


def test_an_export_of_another_form_is_named(tmp_path: Path):
    with pytest.raises(ModelError, match=r"no output boxes: its outputs are scores, places"):
        counter(write_detector(tmp_path / "a", [(LARGE, 0.9)], outputs=("scores", "places")))
    raw = counter(write_detector(tmp_path / "b", [([0.6, 0.5, -0.5, -2.0], 0.9)]))
    with pytest.raises(ModelError, match="decodes its boxes"):
        told(raw, BRIGHT)
    with pytest.raises(ModelError, match='fit = "resize"'):
        counter(write_detector(tmp_path / "c", [(LARGE, 0.9)]), fit="pad")


def test_scores_are_searched_by_name(tmp_path: Path):
    write_detector(load().model_dir / NAME, [(LARGE, 0.9), (SMALL, 0.8)])
    for name, picture in (("bright", BRIGHT), ("dark", DARK)):
        picture.save(tmp_path / f"{name}.png")
    with lr.open_project(tmp_path / "project") as project:
        project.add([tmp_path / "bright.png", tmp_path / "dark.png"])
        job = project.view().score(NAME, background=False)
        assert (job.state, job.progress.failed) == ("done", 0)
        (bright,) = project.view("faces:2 face_share:0.19..0.21")
        assert bright.paths[0].endswith("bright.png")
        assert project.view().sort("face_share")["faces"].tolist() == [0.0, 2.0]


@pytest.fixture(scope="module")
def real(shared: Path) -> ModelSpec:
    """The published detector."""
    return registry.specs()[NAME].model_copy(update={"path": shared / "data" / "models" / "face"})


@pytest.mark.parametrize(
    ("file", "faces", "share"),
    [
        ("hostile/files/pillow/hopper_idat_after_image_end.png", 1, 0.148),
        ("hostile/files/pillow/hopper_gray.jpg", 1, 0.148),
        ("photos/dreambooth/dog6/01.jpg", 0, 0.0),
    ],
)
def test_known_answers_of_the_published_weights(
    real: ModelSpec, shared: Path, file: str, faces: int, share: float
):
    found = FaceCounter(real, weights=fetch(real))
    (answer,) = found.infer([found.prepare((shared / "data" / file).read_bytes())])
    assert answer.tolist() == [faces, pytest.approx(share, abs=0.02)]


def test_the_published_weights_are_given_what_they_were_trained_on(real: ModelSpec, shared: Path):
    """The likeliest face in a picture of a dog scores 0.29 as published, and otherwise after a wrong step."""
    dog = Image.open(shared / "data" / "photos" / "dreambooth" / "dog6" / "01.jpg")

    def best(**rules: object) -> float:
        spec = real.model_copy(update={"preprocess": real.preprocess.model_copy(update=rules)})
        network = FaceCounter(spec, weights=fetch(spec))._network
        (scores,) = network.run([network.prepare(dog)], ["scores"])
        return float(scores[0, :, 1].max())

    assert best() == pytest.approx(0.291, abs=0.005)
    for wrong in ({"channels": "BGR"}, {"scale": "0-1"}, {"mean": (0, 0, 0)}, {"resample": "bilinear"}):
        assert abs(best(**wrong) - 0.291) > 0.05


def test_an_export_with_boxes_that_are_not_decoded_is_named(real: ModelSpec, shared: Path):
    slim = real.model_copy(
        update={"files": real.files.model_copy(update={"model": "version-slim-320_simplified.onnx"})}
    )
    faces = FaceCounter(slim, weights=fetch(slim))
    picture = (shared / "data" / "hostile" / "files" / "pillow" / "hopper_gray.jpg").read_bytes()
    with pytest.raises(ModelError, match="decodes its boxes"):
        faces.infer([faces.prepare(picture)])

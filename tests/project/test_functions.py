"""Plain functions as annotators and scorers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, JobError, ModelError

if TYPE_CHECKING:
    from PIL import Image


def test_a_function_tags_captions_and_rates_as_a_model_does(project: lr.Project):
    view = project.view().head(4)

    def shape(picture: Image.Image) -> dict[str, float]:
        return {"Wide Picture": 0.9, "tall": 0.1, "": 1.0}

    job = view.annotate(
        {
            "shape": shape,
            "words": lambda picture: f"{picture.width} wide",
            "said": lambda _: lr.Said("x", rating="general"),
        },
        background=False,
    )
    assert (job.state, job.progress.done) == ("done", 12)
    assert project.view("wide_picture").ids.tolist() == [1, 2, 3, 4]
    assert len(project.view("tall")) == 0  # below the threshold, kept as evidence
    assert len(project.view("score(tall):>0.05")) == 4
    told = view.annotations.set_index("model")
    assert set(told.loc["words", "caption"]) == {f"{width} wide" for width in view["width"]}
    assert set(told.loc["said", "rating"]) == {"general"}
    assert set(told.loc[["shape", "words"], "provider"]) == {"function"}
    view.threshold("shape", general=0.05)
    assert len(project.view("tall")) == 4


def test_a_version_that_answered_is_not_asked_again(project: lr.Project):
    asked: list[tuple[int, int]] = []

    def count(picture: Image.Image) -> float:
        asked.append(picture.size)
        return 1.0

    project.view().head(5).score({"n": count}, background=False)
    project.view().score({"n": count}, background=False)
    assert len(asked) == 12
    project.view().score({"n": count}, version="2", background=False)
    assert len(asked) == 24


def test_what_still_wants_a_model_is_a_search(project: lr.Project):
    project.view().head(5).score({"warmth": lambda _: 1.0}, background=False)
    project.view().head(3).annotate({"poet": lambda _: "words"}, background=False)
    assert project.view("-source:warmth").ids.tolist() == [6, 7, 8, 9, 10, 11, 12]
    assert project.view("-source:function/poet").ids.tolist() == list(range(4, 13))
    project.view("-source:warmth").score({"warmth": lambda _: 2.0}, background=False)
    assert len(project.view("-source:warmth")) == 0
    assert len(project.view("-source:quality")) == 12  # what is measured of every image is no run


def test_one_image_that_a_function_fails_on_is_named_and_the_rest_goes_on(project: lr.Project):
    first = project.view().image(1).tobytes()

    def picky(picture: Image.Image) -> list[str]:
        if picture.tobytes() == first:
            raise ValueError("too plain")
        return ["fine"]

    job = project.view().annotate({"picky": picky}, background=False)
    assert job.errors["message"].tolist() == ["ValueError: too plain"]
    assert len(project.view("fine")) == 11
    assert project.failures["model"].tolist() == ["picky"]
    assert project.failures["image_id"].tolist() == [1]


def test_a_function_that_never_answers_is_one_clear_error(project: lr.Project):
    with pytest.raises(ModelError, match="wrong returned int: return a caption"):
        project.view().annotate({"wrong": lambda _: 3}, background=False)
    with pytest.raises(ArgumentError, match="is to be a function of a picture, not str"):
        project.view().score({"x": "no function"})
    with pytest.raises(ArgumentError, match="under the name of what it gives"):
        project.view().score({"": np.mean})


def test_a_run_of_functions_cannot_be_resumed_by_its_row(project: lr.Project):
    job = project.view().head(2).score({"one": lambda _: 1.0}, background=False)
    with pytest.raises(ArgumentError, match="make the same call again"):
        project.resume(job.id)
    with pytest.raises(JobError, match="nothing to resume"):
        job.resume()

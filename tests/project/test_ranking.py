"""Places within a view, and one score from several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    import lorairo as lr


def test_places_run_from_worst_to_best(project: lr.Project):
    view = project.view()
    found = view.percentiles("sharpness", "dark_clipping")
    assert found.index.tolist() == view.ids.tolist()
    sharp = view["sharpness"]
    assert found["sharpness"].idxmax() == sharp.idxmax()
    assert found["sharpness"].max() == 100
    assert found["sharpness"].rank().tolist() == sharp.rank().tolist()
    dark = view["dark_clipping"]
    assert found["dark_clipping"].rank().tolist() == (-dark).rank().tolist()  # lower is better


def test_every_score_with_a_better_end_is_there_by_default(project: lr.Project):
    found = project.view().percentiles()
    assert "sharpness" in found
    assert "brightness" not in found
    assert project.view().percentiles("width").shape == (12, 1)


def test_places_are_those_of_the_view(project: lr.Project):
    some = project.view().head(4)
    assert sorted(some.percentiles("sharpness")["sharpness"]) == [25, 50, 75, 100]


def test_one_score_of_several_can_be_searched_sorted_and_shown(project: lr.Project):
    view = project.view()
    done = view.overall({"sharpness": 2, "contrast": 1})
    assert repr(done) == "12 images have the score overall"
    places = view.percentiles("sharpness", "contrast") / 100
    expected = (places["sharpness"] * 2 + places["contrast"]) / 3
    pd.testing.assert_series_equal(
        view["overall"].astype(float), expected.rename("overall"), rtol=1e-6, check_names=False
    )
    assert len(project.view("overall:>0")) == 12
    assert view.sort("-overall").ids[0] == expected.idxmax()


def test_a_negative_weight_wants_the_other_end(project: lr.Project):
    view = project.view()
    view.overall({"sharpness": -1}, name="softness")
    assert view["softness"].idxmax() == view["sharpness"].idxmin()


def test_an_image_without_a_score_is_placed_by_the_others(project: lr.Project):
    view = project.view()
    first = int(view.ids[0])
    project.view()[[first]].score({"warmth": lambda _picture: 0.7}, background=False)
    view.overall({"sharpness": 1, "warmth": 3})
    places = view.percentiles("sharpness")["sharpness"] / 100
    others = view.ids[1:]
    assert view["overall"][others].tolist() == pytest.approx(places[others].tolist())
    assert view["overall"][first] == pytest.approx((places[first] + 3) / 4)


def test_by_default_all_that_have_a_better_end_count_alike(project: lr.Project):
    view = project.view()
    view.overall()
    expected = (view.percentiles() / 100).mean(axis=1)
    assert view["overall"].tolist() == pytest.approx(expected.tolist(), rel=1e-6)
    assert np.isfinite(view["overall"]).all()


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"sharpnes": 1}, "sharpness"),
        ({"sharpness": 0}, "other than 0"),
        ({"sharpness": True}, "other than 0"),
        ({"sharpness": float("nan")}, "other than 0"),
        ({"brightness": 1}, "neither end"),
        ({}, "at least one"),
    ],
)
def test_weights_that_mean_nothing_are_named(project: lr.Project, weights: dict[str, float], said: str):
    with pytest.raises(ArgumentError, match=said):
        project.view().overall(weights)


def test_a_name_that_no_search_could_say_is_refused(project: lr.Project):
    with pytest.raises(ArgumentError, match="letters"):
        project.view().overall({"sharpness": 1}, name="my score")


def test_damage_is_scored_like_by_any_other_scorer(project: lr.Project):
    view = project.view()
    job = view.score("damage", background=False)
    assert len(job.errors) == 0
    assert {"noise", "blocking", "borders", "greyness", "transparency", "text"} <= set(
        project.index.score_names
    )
    assert len(project.view("noise:>0")) == 12
    again = view.score("damage", background=False)
    assert again.progress.done == 12  # answered before: nothing was measured again
    assert view.percentiles("noise")["noise"].idxmax() == view["noise"].idxmin()

"""How scores become tags: thresholds by category, tag, gap or answers; several models; ratings; disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError
from lorairo.store import log
from lorairo.store.evidence import AnnotationRow, model_id, pack_scores, record, tag_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

CATEGORIES = {"alice": 4, "rating:explicit": 9}


def say(
    project: lr.Project,
    model: str,
    scores: Mapping[int, Mapping[str, float]],
    ratings: Mapping[int, tuple[str, float]] | None = None,
    revision: str = "1",
) -> None:
    """Let a model answer about images."""
    with log.evidence_write(project.database) as c:
        number = model_id(c, "local", model, revision, {})
        rows = []
        for image, named in scores.items():
            tags = tag_ids(c, [(name, CATEGORIES.get(name, 0)) for name in named])
            rating, confidence = (ratings or {}).get(image, (None, None))
            blob = pack_scores(tags, list(named.values()))
            rows.append(AnnotationRow(image, number, tags=blob, rating=rating, confidence=confidence))
        record(c, rows)
        log.refresh(c, list(scores))


def tags(project: lr.Project, image: int) -> set[str]:
    """Tags of an image that models gave it."""
    frame = project.view()[[image]].tag_frame
    return set(frame[(frame.state == "effective") & (frame.source == "model")].tag)


# ---------------------------------------------------------------------------------------- one model


def test_a_tag_may_have_a_threshold_of_its_own(project: lr.Project):
    say(project, "wd", {4: {"smile": 0.6, "hat": 0.6, "alice": 0.4}})
    view = project.view()
    view.threshold("wd", per_tag={"smile": 0.7, "alice": 0.3})
    assert tags(project, 4) == {"hat", "alice"}
    view.threshold("wd", general=0.65)
    assert tags(project, 4) == {"alice"}
    view.threshold("wd", per_tag={"alice": None})
    assert tags(project, 4) == set()
    project.undo()
    assert tags(project, 4) == {"alice"}


def test_the_widest_gap_of_each_image_cuts_by_category(project: lr.Project):
    say(
        project,
        "wd",
        {
            4: {"smile": 0.9, "hat": 0.85, "dog": 0.2, "alice": 0.5},
            5: {"smile": 0.3, "hat": 0.05, "alice": 0.1},
            6: {"smile": 0.01},
        },
    )
    project.view().threshold("wd", method="mcut")
    assert tags(project, 4) == {"smile", "hat", "alice"}
    assert tags(project, 5) == {"smile"}  # a character under 0.15 is none, whatever the gap
    assert tags(project, 6) == {"smile"}  # alone, it stands over what was not kept
    project.view().threshold("wd", general=0.35)
    assert tags(project, 5) == set()


def test_answers_calibrate_single_tags(project: lr.Project):
    say(project, "wd", {image: {"smile": image / 20, "hat": 0.3} for image in range(1, 13)})
    view = project.view()
    view[list(range(1, 8))].reject_tags("smile")
    view[list(range(8, 12))].add_tags("smile")
    done = view.threshold("wd", method="pr")
    assert done.message.startswith("Set wd to 1 tag calibrated")
    assert tags(project, 12) == {"smile"}  # 0.6: over what people's answers separate, 0.35 and 0.4
    project.undo()
    view.threshold("wd", method="pr", general=0.25)
    assert tags(project, 12) == {"smile", "hat"}
    text = str(project.recipe())
    assert 'threshold("local/wd", general=0.25, calibrated={"smile": 0.38}, method="pr")' in text


def test_too_few_answers_calibrate_nothing(project: lr.Project):
    say(project, "wd", {image: {"smile": 0.5} for image in range(1, 13)})
    project.view().add_tags("smile")  # twelve answers, but not one no
    with pytest.raises(ArgumentError, match="has 10 answers yet, yes and no among them"):
        project.view().threshold("wd", method="pr")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "name a category and its threshold"),
        ({"generel": 0.3}, "no tag category 'generel'"),
        ({"general": "much"}, "between 0 and 1, not 'much'"),
        ({"per_tag": {"smile": 2}}, "not 2 as for smile"),
        ({"method": "magic"}, "not by 'magic'"),
        ({"calibrated": {"smile": 0.5}}, 'belong to method="pr"'),
    ],
)
def test_a_threshold_that_is_none_is_refused(project: lr.Project, given: dict[str, object], said: str):
    say(project, "wd", {4: {"smile": 0.6}})
    with pytest.raises(ArgumentError, match=said):
        project.view().threshold("wd", **given)
    assert len(project.history) == 0


# ------------------------------------------------------------------------------------ several models


def several(project: lr.Project) -> None:
    say(project, "a", {4: {"smile": 0.9, "hat": 0.9}, 5: {"smile": 0.9}})
    say(project, "b", {4: {"smile": 0.6, "dog": 0.5}})
    say(project, "c", {4: {"smile": 0.2, "dog": 0.9}})


def test_models_combine_by_union_intersection_and_vote(project: lr.Project):
    several(project)
    assert tags(project, 4) == {"smile", "hat", "dog"}
    project.combine("intersection")
    assert tags(project, 4) == set()
    assert tags(project, 5) == {"smile"}  # the only model that answered about it says so
    project.combine("vote")
    assert tags(project, 4) == {"smile", "dog"}
    project.combine("vote", weights={"a": 3}, at_least=0.6)
    assert tags(project, 4) == {"smile", "hat"}
    assert project.combine("vote", weights={"a": 3}, at_least=0.6).operation_id is None
    project.undo()
    assert tags(project, 4) == {"smile", "dog"}
    project.combine("union")
    assert tags(project, 4) == {"smile", "hat", "dog"}


def test_what_people_said_stands_over_a_vote(project: lr.Project):
    several(project)
    image = project.view()[[4]]
    image.add_tags("hat")
    image.reject_tags("dog")
    project.combine("intersection")
    assert {"hat"} <= set(project[4].tags)
    project.combine("vote")
    assert "dog" not in project[4].tags


@pytest.mark.parametrize(
    ("how", "given", "said"),
    [
        ("majority", {}, "not by 'majority'"),
        ("union", {"at_least": 0.5}, "belong to a vote"),
        ("vote", {"weights": {"a": -1}}, "from 0 up, not -1"),
        ("vote", {"at_least": 0}, "over 0 and up to 1, not 0"),
    ],
)
def test_a_way_to_combine_that_is_none_is_refused(
    project: lr.Project, how: str, given: dict[str, object], said: str
):
    several(project)
    with pytest.raises(ArgumentError, match=said):
        project.combine(how, **given)


def test_each_tag_knows_the_model_that_gave_it(project: lr.Project):
    say(project, "a", {4: {"smile": 0.7}}, revision="r1")
    say(project, "b", {4: {"smile": 0.6}}, revision="r2")
    project.view().threshold("a", general=0.8)
    frame = project.view()[[4]].tag_frame.set_index("tag")
    given = frame.loc["smile", ["state", "model", "revision", "score"]].tolist()
    assert given == ["effective", "b", "r2", pytest.approx(0.6)]


# ------------------------------------------------------------------------------- ratings and disputes


def test_most_models_give_the_rating_and_a_person_overrules_them(project: lr.Project):
    say(project, "a", {4: {}, 5: {}}, {4: ("general", 0.9), 5: ("general", 0.6)})
    say(project, "b", {4: {}, 5: {}}, {4: ("sensitive", 0.5), 5: ("explicit", 0.8)})
    say(project, "c", {4: {}}, {4: ("sensitive", 0.6)})
    assert project.view("rating:sensitive").ids.tolist() == [4]
    assert project.view("rating:explicit").ids.tolist() == [5]  # one each: the surer one
    project.view()[[4]].add_tags("rating:explicit")
    assert project.view("rating:explicit").ids.tolist() == [4, 5]
    project.undo()
    project.combine("vote", weights={"a": 3})
    assert project.view("rating:general").ids.tolist() == [4, 5]


def test_disputed_images_come_by_disagreement_until_somebody_decides(project: lr.Project):
    say(project, "a", {4: {"hat": 0.95}, 5: {"hat": 0.5}, 6: {"hat": 0.9}, 7: {"hat": 0.4}})
    say(project, "b", {4: {"hat": 0.01}, 5: {"hat": 0.1}, 6: {"hat": 0.8}, 7: {"hat": 0.3}})
    queue = project.view("is:disputed order:-disagreement")
    assert queue.ids.tolist() == [4, 5]
    degrees = project.index.column("disagreement")
    by_image = dict(zip(project.index.ids.tolist(), degrees.tolist(), strict=True))
    assert by_image[6] == 0
    assert 0 < by_image[7] < by_image[5] < by_image[4] <= 1
    project.view()[[4]].reject_tags("hat")
    assert queue.ids.tolist() == [5]
    assert project.view("disagreement:>0").ids.tolist() == [5, 7]


def test_images_that_still_want_a_model_are_a_search(project: lr.Project):
    say(project, "a", {4: {"hat": 0.95}, 5: {}})
    assert set(project.view("-source:a").ids.tolist()) == set(project.view().ids.tolist()) - {4, 5}

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.recipes import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable


def test_the_same_pictures_have_the_same_fingerprint_wherever_they_lie(here: lr.Project, there: lr.Project):
    assert here[1].sha256 != there[1].sha256  # other order, other ids
    assert here.fingerprint() == there.fingerprint()


def test_authors_and_times_do_not_count(here: lr.Project, there: lr.Project, monkeypatch: pytest.MonkeyPatch):
    here.view("dog").add_tags("smile")
    monkeypatch.setenv("LORAIRO_AUTHOR", "somebody else")
    there.view("dog").add_tags("other")
    there.undo()
    there.view("dog").add_tags("smile")
    assert here.fingerprint() == there.fingerprint()


CHANGES: dict[str, Callable[[lr.View], object]] = {
    "a tag": lambda view: view.add_tags("new"),
    "a rejected tag": lambda view: view.remove_tags("dog"),
    "the order of tags": lambda view: view.order_tags("park", "dog"),
    "a caption": lambda view: view.set_caption("a dog"),
    "a caption of another variant": lambda view: view.set_caption("a dog", variant="short"),
    "stars": lambda view: view.stars(3),
    "exclusion": lambda view: view.exclude(),
    "its reason": lambda view: (view.exclude("blurry"), view.exclude("dark")),
    "a dataset": lambda view: view.add_to("train"),
    "the settings of a dataset": lambda view: view.project.set_dataset("train", trigger="xyz"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_counts_changes_it_and_undo_brings_it_back(here: lr.Project, what: str):
    seen = [here.fingerprint()]
    done = CHANGES[what](here.view("dog").head(1))
    seen.append(here.fingerprint())
    assert seen[0] != seen[1]
    for _ in done if isinstance(done, tuple) else (done,):
        here.undo()
    assert here.fingerprint() == seen[0]


def test_answers_of_models_count_through_what_follows_from_them(here: lr.Project, say: Callable[..., None]):
    before = here.fingerprint()
    say(here, "local/wd", {1: {"faint": 0.1}})
    assert here.fingerprint() == before
    say(here, "local/rater", {1: {}}, rating="general")
    assert here.fingerprint() != before


def test_a_line_says_what_an_image_is_like(here: lr.Project):
    here.view("hat").exclude("it's \u202e")
    with here.database.read() as c:
        lines = [json.loads(line) for line in fingerprint.lines(c)]
    assert lines[0] == {"format": 1, "datasets": {}}
    (found,) = [line for line in lines[1:] if line["excluded"]]
    assert found == {
        "image": here[3].sha256,
        "tags": ["dog", "smile", "hat"],
        "captions": {},
        "stars": 0,
        "rating": None,
        "excluded": True,
        "reason": "it's \u202e",
        "datasets": [],
    }
    assert [line["image"] for line in lines[1:]] == sorted(line["image"] for line in lines[1:])

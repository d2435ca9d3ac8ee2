from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, ProjectError, QueryError, StoreError
from lorairo.recipes.companion import Packer
from lorairo.store import dialect, evidence, log
from lorairo.store.schema import operation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.recipes.report import ReplayReport

    Say = Callable[..., None]


def replayed(here: lr.Project, there: lr.Project, **options: bool) -> ReplayReport:
    """Write the recipe of one project and run it on the other."""
    return lr.replay(here.recipe().save(there.location / "recipe.py"), there, **options)


def test_a_session_of_every_kind_ends_the_same(here: lr.Project, there: lr.Project, say: Say):
    here.view("dog").add_tags("sunny", "big_hat")
    here.view()[[1, 4]].stars(4)
    say(here, "local/wd", {n: {"smile": 0.9, "grass": 0.2, "character:rex": 0.7} for n in (1, 2, 3)})
    here.view().threshold("local/wd", general=0.1, character=0.5)
    with here.batch("cleanup"):
        here.view("grass").remove_tags("grass")
        here.view().replace_tags({"smile": "grin", "cat": "kitten"})
        here.view("dog").order_tags("grin", "dog")
    here.view("kitten").exclude("no dog")
    here.view(everything=True)[[2, 5]].set_caption({2: "two", 5: "five"}, variant="short")
    here.view("caption:park").set_caption("")
    here.set_dataset("train", profile="flux", trigger="rex dog")
    here.view("stars:4").add_to("train")
    here.view("tags:0").reject_tags("dog")
    report = replayed(here, there)
    assert report.equal
    assert report.differences.empty
    assert there.fingerprint() == here.fingerprint()
    assert repr(report).splitlines()[0] == "12 calls replayed · fingerprint equal"


def test_previews_and_tables_are_replayed_as_the_calls_they_made(here: lr.Project, there: lr.Project):
    here.view("dog").edit_captions("A dog", "One dog").apply()
    here.view("caption:park").edit_captions("sits", "sleeps", regex=False).apply()
    here.view().clean_captions("sleeps in", takes="words").apply()
    here.view().compose_captions("{tags}", variant="tags").apply()
    here.view().rename_tags({"park": "garden"}).apply()
    table = here.view().df
    table.loc[1, "tags"] = "garden, sun, dog"
    table.loc[2, "caption"] = "a cat, 'asleep'"
    table.loc[3, "stars"] = 4
    table.loc[4, "excluded"] = True
    here.view().update(table)
    recipe = here.recipe()
    assert "by its effect" not in recipe.text
    assert "with project.batch(" in recipe.text
    report = replayed(here, there)
    assert report.equal
    assert report.differences.empty


def test_a_batch_whose_label_is_blank_gets_one(here: lr.Project, there: lr.Project):
    with log.batch(here.database, " ", "ada"):  # as earlier versions let it through
        log.set_stars(here.database, [1], 4, author="ada", label="\t")
        log.set_stars(here.database, [2], 3, author="ada")
    with log.batch(here.database, "", "ada"):
        here.view("cat").add_tags("x")
        here.view("cat").add_tags("y")
    text = here.recipe().text
    assert 'with project.batch("several changes"):' in text
    assert 'with project.batch("Tagged 1 image x"):' in text
    assert replayed(here, there).equal


def test_evidence_arrives_where_it_once_did(here: lr.Project, there: lr.Project, say: Say):
    here.view().remove_tags("hat")  # only one image has it yet
    say(here, "local/wd", {n: {"hat": 0.9} for n in range(1, 7)}, caption="a hat")
    here.view("source:wd").add_tags("checked")
    report = replayed(here, there)
    assert report.equal
    assert len(there.view("hat")) == len(here.view("hat")) == 5
    assert report.others.empty


def test_scores_travel_too(here: lr.Project, there: lr.Project):
    with here.database.write() as c:
        number = evidence.scorer_id(c, "beauty", "1", ["beauty", "charm"])
        values = np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32)
        evidence.record_scores(c, number, [1, 2], values)
    here.view("beauty:>0.5").stars(5)
    here.view().sort("-charm").head(1).add_tags("charming")
    report = replayed(here, there)
    assert report.equal
    assert report.others.empty
    assert there.view("charm:>0.5 beauty:<0.5").tags()["tag"].tolist() == ["cat", "charming"]


def test_where_a_view_selects_other_images_the_recorded_ones_are_used_and_named(
    here: lr.Project, there: lr.Project
):
    here.view()[0:2].stars(3)  # by id, so by the order of files
    report = replayed(here, there)
    assert report.equal
    assert report.others.to_dict("records") == [{"call": 1, "selects": 2, "recorded": 2}]
    assert "1 view selects other images here: those recorded were used (.others)" in repr(report)


def test_images_added_between_calls_are_not_drawn_into_earlier_ones(
    here: lr.Project, there: lr.Project, draw: Callable, tmp_path: Path
):
    here.view().add_tags("first")
    draw(77).save(tmp_path / "late.png")
    here.add(tmp_path / "late.png")
    here.view().add_tags("second")
    there.add(tmp_path / "late.png")
    report = replayed(here, there)
    assert report.equal
    assert len(there.view("first")) == 6
    assert report.others["call"].tolist() == [1]


def test_missing_and_unknown_images_are_named(
    here: lr.Project, there: lr.Project, draw: Callable, tmp_path: Path
):
    here.view("dog").add_tags("x")
    there.view()[[there.view("hat").ids[0]]].delete(confirm=True)
    draw(78).save(tmp_path / "stranger.png")
    there.add(tmp_path / "stranger.png")
    report = replayed(here, there)
    assert not report.equal
    assert report.missing["name"].tolist() == ["c.png"]
    assert report.unknown["name"].tolist() == ["stranger.png"]
    assert len(there.view("x")) == 1
    assert "1 image is missing here (.missing)" in repr(report)


def test_a_project_with_changes_is_refused_unless_told(here: lr.Project, there: lr.Project):
    here.view("dog").stars(5)
    there.view("cat").stars(1)
    with pytest.raises(ProjectError, match="over=True"):
        replayed(here, there)
    assert len(there.view("stars:5")) == 0
    assert replayed(here, there, over=True).calls == 1
    assert len(there.view("stars:5")) == 2


def test_a_project_without_the_images_is_refused(here: lr.Project, tmp_path: Path):
    here.view("dog").stars(5)
    place = here.recipe().save(tmp_path / "recipe.py")
    with lr.open_project(tmp_path / "empty") as empty:
        with pytest.raises(ProjectError, match="none of the 6 images"):
            lr.replay(place, empty)
        assert empty.history.empty


def test_a_folder_will_do_and_the_recipe_runs_as_a_script(here: lr.Project, there: lr.Project):
    here.view("dog").stars(5)
    place = here.recipe().save(there.location.parent / "my dog.py")
    folder = there.location
    there.close()
    ran = subprocess.run([sys.executable, place, folder], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1 call replayed · fingerprint equal"
    with lr.open_project(folder) as project:
        assert len(project.view("stars:5")) == 2


@pytest.mark.parametrize("damage", ["gone", "cut", "a byte", "another", "newer"])
def test_a_companion_that_does_not_fit_is_an_error_before_anything_is_done(
    here: lr.Project, there: lr.Project, damage: str
):
    here.view("dog").stars(5)
    place = here.recipe().save(there.location / "recipe.py")
    beside = place.with_suffix(".evidence")
    if damage == "gone":
        beside.unlink()
    elif damage == "cut":
        beside.write_bytes(beside.read_bytes()[:-40])
    elif damage == "a byte":
        content = bytearray(beside.read_bytes())
        content[content.index(b"states") + 10] ^= 0xFF
        beside.write_bytes(content)
    elif damage == "another":
        beside.write_bytes(b"no archive at all")
    else:
        beside.write_bytes(Packer().close({"version": 99}))
    with pytest.raises(StoreError):
        lr.replay(place, there)
    assert there.history.empty


def test_what_is_no_recipe_is_said_to_be_none(there: lr.Project, here: lr.Project, tmp_path: Path):
    with pytest.raises(ArgumentError, match="there is no recipe"):
        lr.replay(tmp_path / "nothing.py", there)
    place = here.recipe().save(tmp_path / "recipe.py")
    place.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ArgumentError, match="no function curate"):
        lr.replay(place, there)


def test_a_call_that_fails_says_how_to_go_on(here: lr.Project, there: lr.Project, tmp_path: Path):
    here.view("dog").stars(5)
    place = here.recipe().save(tmp_path / "recipe.py")
    place.write_text(place.read_text(encoding="utf-8").replace('"dog"', '"beauty:>1 ("'), encoding="utf-8")
    with pytest.raises(QueryError) as caught:
        lr.replay(place, there)
    assert "recorded(number) without it" in str(caught.value.__notes__)


def test_operations_of_an_older_version_are_replayed_by_their_effect(
    here: lr.Project, there: lr.Project, say: Say
):
    say(here, "local/wd", {n: {"hat": 0.9, "dog": 0.3} for n in (1, 2, 3)})
    here.view("dog").add_tags("b", "a")
    here.view()[[1, 4]].add_tags("c")
    here.view().remove_tags("hat")
    here.view()[[6]].reject_tags("never")
    here.view("dog").order_tags("a", "dog")
    here.view("a").clear_tags("b")
    here.view("cat").exclude("no dog")
    here.view("is:excluded").include()
    here.view("dog").set_caption(lambda image: image.name)
    here.view().threshold("local/wd", general=0.2)
    here.view("dog").add_to("train")
    here.set_dataset("train", profile="sdxl")
    here.undo(here.view("dog").stars(3).operation_id)
    with here.database.write(curated=True) as c, dialect.writer(c):
        c.execute(
            operation.update().values(parameters=None, expression=None, scope_count=None, scope_digest=None)
        )
    recipe = here.recipe()
    assert "# by its effect: Tagged 2 images b, a" in recipe.text
    report = replayed(here, there)
    assert report.differences.empty
    assert report.equal


def test_what_was_compacted_is_replayed_by_its_effect(here: lr.Project, there: lr.Project, say: Say):
    say(here, "local/wd", {n: {"hat": 0.9, "dog": 0.3} for n in (1, 2, 3)})
    first = here.view("dog").add_tags("b", "a")
    here.view("hat").add_tags("c")
    here.view("cat").exclude("no dog")
    here.view().threshold("local/wd", general=0.2)
    here.view("dog").add_to("train")
    here.view("c").remove_tags("hat")
    here.undo(first.operation_id)
    here.view("c").stars(4)
    here.compact(keep=2, days=0)
    assert here.history["kind"].tolist() == ["stars", "undo", "compact"]
    text = here.recipe().text
    assert "# by its effect: Everything until" in text
    assert "recorded.undo" not in text
    report = replayed(here, there)
    assert report.differences.empty
    assert report.equal


def test_two_replacements_of_one_tag_stand_by_name_whatever_number_a_tag_has(
    here: lr.Project, there: lr.Project
):
    image = here.view("dog hat")
    image.replace_tags({"smile": "cat"})
    second = image.replace_tags({"cat": "smile"})
    image.replace_tags({"smile": "park"})
    here.undo(second.operation_id)  # now both cat and park stand for smile
    image.add_tags("late")
    report = replayed(here, there)
    assert report.differences.empty
    assert here[3].tags == ["dog", "cat", "hat", "park", "late"]


def test_what_cannot_be_had_again_is_set_and_named(here: lr.Project, there: lr.Project, say: Say):
    say(here, "local/wd", {1: {"hat": 0.9}, 2: {"hat": 0.9}})
    here.view("hat").remove_tags("hat")
    say(here, "local/wd", {1: {"hat": 0.8}, 2: {"hat": 0.8}})  # what it said first is gone with this
    report = replayed(here, there)
    assert report.equal
    assert set(report.differences["name"]) == {"z9.png", "k4.png"}
    assert set(report.differences["field"]) == {"tags"}
    assert "2 images ended otherwise and were set to what was recorded (.differences)" in repr(report)
    there.undo()
    assert there.fingerprint() != report.expected


def test_a_text_beside_a_picture_that_is_another_one_here_is_made_up_for_and_named(
    draw: Callable, tmp_path: Path
):
    projects = []
    for name, text in (("here", "dog, park, sun"), ("there", "park, dog")):
        folder = tmp_path / f"{name} pictures"
        folder.mkdir()
        draw(1).save(folder / "a.png")
        (folder / "a.txt").write_text(text, encoding="utf-8")
        projects.append(lr.open_project(tmp_path / name))
        projects[-1].add(folder)
    here, there = projects
    here.view("sun").add_tags("warm")
    report = replayed(here, there)
    assert report.equal
    assert report.differences[["name", "field", "expected", "got"]].to_dict("records") == [
        {
            "name": "a.png",
            "field": "tags",
            "expected": ["dog", "park", "sun", "warm"],
            "got": ["park", "dog", "warm"],
        }
    ]
    for project in projects:
        project.close()

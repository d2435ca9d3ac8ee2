"""The verbs: tags, captions, stars, exclusion, undo."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import lorairo as lr
from lorairo.errors import ArgumentError


def test_messages_count_in_words(project: lr.Project):
    view = project.view()
    assert view.add_tags("smile").message == "Tagged 12 images smile"
    assert view.head(1).stars(4).message == "Rated 1 image 4"
    assert view[:2].exclude().message == "Excluded 2 images"
    assert project.undo().message == "Undone: excluded 2 images"
    assert "undo with project.undo()" in repr(view.head(1).add_tags("hat"))


def test_an_edit_that_changes_nothing_is_no_operation(project: lr.Project):
    project.view().add_tags("smile")
    before = len(project.history)
    done = project.view().add_tags("Smile ")
    assert (done.count, done.operation_id, len(project.history)) == (0, None, before)


def test_tags_are_set_by_one_list_or_by_a_list_of_each_image(project: lr.Project):
    view = project.view().head(3)
    first, second, third = view.ids.tolist()
    assert view.set_tags("Red Hat, dog").count == 3
    assert view["tags"].tolist() == ["red_hat, dog"] * 3
    done = view.set_tags({first: ["dog", "red hat", "dog"], third: []})
    assert (done.count, done.message) == (2, "Replaced the tags of 2 images")
    assert view["tags"].tolist() == ["dog, red_hat", "red_hat, dog", ""]
    view.set_tags(pd.Series({second: "cat"}))
    assert project[second].tags == ["cat"]
    view.set_tags(view["tags"].map(str.upper))
    assert view["tags"].tolist() == ["dog, red_hat", "cat", ""]
    project.undo()
    assert project[second].tags == ["red_hat", "dog"]


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"01.jpg": ["dog"]}, "by image id"),
        ({9_999: ["dog"]}, "outside this view"),
        ({1: None}, r"\[\] takes all away"),
        ({1: [3]}, "tags are texts"),
        (["x" * 256], "up to 255"),
        (7, r"\[\] takes all away"),
    ],
)
def test_lists_that_say_no_tags_change_nothing(project: lr.Project, tags: object, message: str):
    with pytest.raises(ArgumentError, match=message):
        project.view().set_tags(tags)
    assert len(project.history) == 0


def test_a_rejected_tag_can_be_added_again(project: lr.Project):
    dogs = project.view("dog")
    ids = dogs.ids.copy()
    dogs.remove_tags("dog")
    assert len(project.view("dog")) == 0
    project.view()[ids].add_tags("dog")
    assert project.view("dog").ids.tolist() == ids.tolist()


def test_replacing_touches_only_images_that_have_it(project: lr.Project):
    assert project.view().replace_tags({"dog": "puppy"}).count == 3
    assert project[1].tags[0] != "dog"
    assert len(project.view("puppy")) == 3


def test_captions_by_text_series_mapping_and_function(project: lr.Project):
    view = project.view()
    view.set_caption("same for all")
    assert set(view.captions()) == {"same for all"}
    view.set_caption(pd.Series({1: "one", 2: None}))
    assert (project[1].caption, project[2].caption) == ("one", None)
    view.set_caption({3: "three"})
    view.head(1).set_caption(lambda record: f"{record.name} {record.width}")
    assert project[1].caption == "00.jpg 320"
    view.set_caption("long", variant="long")
    assert project[1].captions == {"default": "00.jpg 320", "long": "long"}
    with pytest.raises(ArgumentError, match="outside"):
        view[:2].set_caption({12: "x"})


def test_find_and_replace_shows_before_it_writes(project: lr.Project):
    view = project.view()
    view.set_caption({1: "a red dog", 2: "a red cat", 3: "blue"})
    preview = view.edit_captions(r"\bred\b", "green")
    assert len(preview) == 2
    assert project[1].caption == "a red dog"
    assert preview.apply().count == 2
    assert project[1].caption == "a green dog"
    with pytest.raises(ArgumentError, match="regular expression"):
        view.edit_captions("(", "")


def test_undo_and_redo_go_back_and_forth(project: lr.Project):
    project.view().add_tags("a_tag")
    project.view().stars(2)
    project.undo()
    project.undo()
    assert len(project.view("a_tag")) == 0
    project.redo()
    assert len(project.view("a_tag")) == 12
    project.redo()
    assert len(project.view("stars:2")) == 12


def test_undo_of_an_older_operation_keeps_what_came_later(project: lr.Project):
    first = project.view().stars(2)
    project.view().head(1).stars(5)
    done = project.undo(first.operation_id)
    assert done.count == 11
    assert project.view("stars:5").ids.tolist() == [1]


@pytest.mark.parametrize("value", [-1, 6, 2.5])
def test_stars_have_a_range(project: lr.Project, value: float):
    with pytest.raises(ArgumentError, match="0 to 5"):
        project.view().stars(value)


def test_an_empty_tag_is_refused(project: lr.Project):
    with pytest.raises(ArgumentError):
        project.view().add_tags("  ")


def test_deleting_is_for_good_and_must_be_confirmed(project: lr.Project):
    project.view().add_tags("smile")
    two = project.view()[:2]
    files = [path for record in two for path in record.paths]
    with pytest.raises(ArgumentError, match="cannot be undone"):
        two.delete()
    assert two.delete(confirm=True).count == 2
    assert len(project.view(everything=True)) == 10
    assert project.undo().count == 10
    assert all(Path(file).is_file() for file in files)


def test_taking_images_out_of_a_dataset_that_is_not_there_says_so(project: lr.Project):
    view = project.view()
    assert view.remove_from("train").message == (
        "Removed nothing: there is no dataset train: none has been made"
    )
    view.add_to("train")
    done = view.remove_from("trian")
    assert repr(done) == "Removed nothing: there is no dataset trian: did you mean 'train'?"
    assert len(project.view("dataset:train")) == len(view)

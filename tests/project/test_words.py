"""Recent and pinned tags."""

from __future__ import annotations

from pathlib import Path

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, ConfigError, NotFoundError, ReadOnlyError
from lorairo.store import evidence, log


def test_recent_tags_are_those_given_by_hand_and_not_undone(project: lr.Project):
    view = project.view()
    view.head(1).add_tags("smile", "red hat")
    view.head(2).replace_tags({"smile": "grin"})
    view.head(1).add_tags("mistake")
    project.undo()
    view.head(1).add_tags("smile")
    assert project.recent_tags == ["smile", "grin", "red_hat"]


def test_recent_tags_are_this_authors(project: lr.Project, monkeypatch: pytest.MonkeyPatch):
    project.view().head(1).add_tags("mine")
    monkeypatch.setenv("LORAIRO_AUTHOR", "somebody else")
    assert project.recent_tags == []


def test_pinned_tags_last_and_are_no_part_of_the_log(project: lr.Project):
    place = project.location
    assert project.pin_tags("Red Hat", "smile", "red_hat") == ["red_hat", "smile"]
    project.close()
    with lr.open_project(place) as again:
        assert again.pinned_tags == ["red_hat", "smile"]
        assert again.unpin_tags("red hat") == ["smile"]
        assert len(again.history) == 0
        with pytest.raises(ArgumentError, match="at least one tag"):
            again.pin_tags()


def test_a_project_that_is_read_only_pins_nothing(project: lr.Project, tmp_path: Path):
    place = project.location
    project.close()
    with lr.open_project(place, readonly=True) as again, pytest.raises(ReadOnlyError):
        again.pin_tags("smile")


def test_the_vocabulary_of_one_project_goes_into_another(project: lr.Project, tmp_path: Path):
    project.view().head(2).add_tags("red hat", "smile")
    project.pin_tags("smile")
    table = project.vocabulary.frame.set_index("tag")
    assert table.loc["red_hat", "images"] == 2
    assert list(table.index[table["pinned"]]) == ["smile"]
    for ending in ("csv", "json", "txt"):
        file = project.vocabulary.to_file(tmp_path / f"words.{ending}")
        with lr.open_project(tmp_path / ending) as other:
            done = other.vocabulary.from_file(file)
            assert repr(done) == f"Read {len(table)} words, {len(table)} of them new"
            assert [s.entry.name for s in other.vocabulary.complete("hat")] == ["red_hat"]
            assert other.pinned_tags == (["smile"] if ending == "json" else [])
            assert len(other.history) == 0
    with lr.open_project(tmp_path / "csv") as other:  # they last
        assert [s.entry.name for s in other.vocabulary.complete("red")] == ["red_hat"]


def test_words_from_a_file_lie_over_the_list_of_the_settings(project: lr.Project, tmp_path: Path):
    (tmp_path / "list.csv").write_text("saber_(fate),4,500,artoria\nhat,0,9,cap\n", encoding="utf-8")
    lr.config.set("vocabulary", tmp_path / "list.csv", project=project)
    (tmp_path / "own.csv").write_text('hat,0,3,headgear\nmy_dog,4,0,"rex"\n', encoding="utf-8")
    project.vocabulary.from_file(tmp_path / "own.csv")
    known = project.vocabulary.known
    assert known.resolve("headgear") == known.resolve("cap") == ("hat",)
    assert known.resolve("rex") == ("my_dog",)
    assert project.vocabulary.categories(["my_dog", "saber_(fate)", "dog"]) == {
        "my_dog": 4,
        "saber_(fate)": 4,
        "dog": 0,
    }


def test_a_tag_given_by_hand_is_of_the_category_that_the_vocabulary_knows(
    project: lr.Project, tmp_path: Path
):
    project.view().head(2).add_tags("miku", "by_somebody")
    assert len(project.view("category:character")) == 0
    (tmp_path / "own.csv").write_text("miku,4,0,\nby_somebody,1,0,\n", encoding="utf-8")
    project.vocabulary.from_file(tmp_path / "own.csv")
    assert len(project.view("category:character")) == 2
    shown = project.view().tags().set_index("tag")["category"]
    assert (shown["miku"], shown["by_somebody"], shown["dog"]) == ("character", "artist", "general")


def test_what_a_model_said_of_a_category_stays(project: lr.Project, tmp_path: Path):
    with log.evidence_write(project.database) as c:
        evidence.tag_ids(c, [("rex", 4)])
    project.view().head(1).add_tags("rex")
    (tmp_path / "own.csv").write_text("rex,3,0,\n", encoding="utf-8")
    project.vocabulary.from_file(tmp_path / "own.csv")
    assert project.vocabulary.categories(["rex"]) == {"rex": 4}


def test_a_vocabulary_moves_no_threshold_and_no_fingerprint(project: lr.Project, tmp_path: Path):
    image_id = int(project.view("-dog").ids[0])
    with log.evidence_write(project.database) as c:
        number = evidence.model_id(c, "local", "wd", "1", {})
        blob = evidence.pack_scores(evidence.tag_ids(c, [("miku", 0)]), [0.5])  # 0.85 for a character
        evidence.record(c, [evidence.AnnotationRow(image_id, number, tags=blob)])
        log.refresh(c, [image_id])
    before = project.fingerprint()
    (tmp_path / "own.csv").write_text("miku,4,0,\n", encoding="utf-8")
    project.vocabulary.from_file(tmp_path / "own.csv")
    project.view().threshold("wd", general=0.35)
    assert project.view("category:character").ids.tolist() == [image_id]
    assert project.fingerprint() == before


def test_searches_go_on_where_the_list_of_words_is_gone(project: lr.Project, tmp_path: Path):
    words = tmp_path / "list.csv"
    words.write_text("miku,4,500,\n", encoding="utf-8")
    lr.config.set("vocabulary", words, project=project)
    project.view().head(1).add_tags("miku")
    assert len(project.view("category:character")) == 1
    words.unlink()
    project.view().head(2).add_tags("miku")
    assert len(project.view("category:character")) == 0
    with pytest.raises(ConfigError, match=r"list\.csv"):
        project.vocabulary.complete("mi")


def test_groups_find_the_images_that_break_a_rule(project: lr.Project):
    one, two, three = project.view("-dog").ids[:3].tolist()
    project.view()[[one, two]].add_tags("long hair")
    project.view()[[two]].add_tags("short hair", "smile")
    project.view()[[two, three]].add_tags("hat")
    hair = project.tag_groups.set("hair length", ["long hair", "short_hair"])
    assert (hair.tags, hair.rule) == (("long_hair", "short_hair"), "one-of")
    project.tag_groups.set("clothes", ["hat", "coat"], "any-of", required=True)
    view = project.view()[[one, two, three]]
    assert project.check_groups(view).to_numpy().tolist() == [
        [two, "hair length", "long_hair, short_hair"],
        [one, "clothes", ""],
    ]
    assert len(project.check_groups()) == 1 + len(project) - 2
    project.tag_groups.delete("clothes")
    assert list(project.tag_groups) == ["hair length"]
    assert len(project.check_groups()) == 1


def test_groups_last_and_mistakes_in_them_are_named(project: lr.Project):
    project.tag_groups.set("hair", ["long hair"], "any-of")
    place = project.location
    project.close()
    with lr.open_project(place) as again:
        assert again.tag_groups["hair"].tags == ("long_hair",)
        with pytest.raises(NotFoundError, match="there are: hair"):
            again.tag_groups.delete("hare")
        with pytest.raises(ArgumentError, match="one-of, any-of"):
            again.tag_groups.set("hair", ["long hair"], "some-of")
        with pytest.raises(ArgumentError, match="give a list"):
            again.tag_groups.set("hair", "long hair")

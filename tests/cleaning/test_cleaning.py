"""Each rule of cleaning: what it would change, what it leaves alone, and that applying does just that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, ConfigError

Tag = Callable[..., list[int]]


def tags(project: lr.Project) -> list[str]:
    return [text for text in project.view()["tags"] if text]


def test_a_preview_shows_and_apply_does_it_as_one_step(project: lr.Project, tag: Tag):
    ids = tag("grey_hair smile", "hat grey_hair", "hat")
    preview = project.view().rename_tags({"Grey Hair": "gray hair", "smile": "grin"})
    assert preview.frame.loc[ids[0]].to_dict() == {
        "before": "grey_hair, smile",
        "after": "gray_hair, grin",
        "removed": "grey_hair, smile",
        "added": "gray_hair, grin",
    }
    assert list(preview.frame.index) == ids[:2]
    assert preview.changes.to_numpy().tolist() == [
        ["rename", "grey_hair", "gray_hair", 2],
        ["rename", "smile", "grin", 1],
    ]
    assert tags(project) == ["grey_hair, smile", "hat, grey_hair", "hat"]
    done = preview.apply()
    assert repr(done) == "Cleaned the tags of 2 images · undo with project.undo()"
    assert tags(project) == ["gray_hair, grin", "hat, gray_hair", "hat"]
    project.undo()
    assert tags(project) == ["grey_hair, smile", "hat, grey_hair", "hat"]


def test_what_changed_since_the_preview_is_kept_and_counted(project: lr.Project, tag: Tag):
    ids = tag("grey_hair", "grey_hair", "grey_hair")
    preview = project.view().rename_tags({"grey_hair": "gray_hair"})
    project.view()[ids[:1]].add_tags("hat")
    project.view()[ids[1:2]].delete(confirm=True)
    assert preview.apply().message == "Cleaned the tags of 1 image; 2 images changed since and kept"
    assert tags(project) == ["grey_hair, hat", "gray_hair"]
    assert preview.apply().message == "No tags cleaned; 3 images changed since and kept"


def test_several_tags_become_one(project: lr.Project, tag: Tag):
    tag("cap smile hat", "hat headwear", "cap")
    project.view().merge_tags("cap", "hat", into="headwear").apply()
    assert tags(project) == ["smile, headwear", "headwear", "headwear"]


def test_renames_that_follow_each_other_do_not_run_on(project: lr.Project, tag: Tag):
    tag("a b", "a", "b")
    project.clean_tags(rename={"a": "b", "b": "c"}).apply()
    assert tags(project) == ["b, c", "b", "c"]
    with pytest.raises(ArgumentError, match="in a circle: b, c"):
        project.clean_tags(rename={"b": "c", "c": "b"})


@pytest.mark.usefixtures("vocabulary")
def test_an_alias_of_several_tags_is_left_to_a_person(project: lr.Project, tag: Tag):
    tag("grey_hair thighhigh", "thighhigh smile")
    preview = project.clean_tags()
    assert preview.notes == ("thighhigh may be thighhighs or single_thighhigh and is left as it is",)
    assert "thighhigh may be" in repr(preview)
    preview.apply()
    assert tags(project) == ["gray_hair, thighhigh", "thighhigh, smile"]


@pytest.mark.usefixtures("vocabulary")
def test_a_blacklist_takes_names_patterns_and_categories(project: lr.Project, tag: Tag):
    tag("highres simple_background hat", "someone white_background background hat")
    preview = project.view().blacklist("*_background", "Hat", "category:meta", "category:artist")
    preview.apply()
    assert tags(project) == ["background"]
    assert project.clean_tags(blacklist=["back*"], keep=["background"]).frame.empty


def test_constants_are_pruned_but_for_triggers_and_what_is_kept(project: lr.Project, tag: Tag):
    tag(*["1girl ohwx_woman brown_eyes solo"] * 7, "1girl ohwx_woman brown_eyes hat")
    project.set_dataset("train", trigger="ohwx woman")
    preview = project.view().prune_constants(0.8, keep=["brown eyes"])
    assert set(preview.changes["removed"]) == {"1girl", "solo"}
    assert set(project.view().prune_constants().changes["removed"]) == {"1girl", "brown_eyes"}
    with pytest.raises(ArgumentError, match="two or more"):
        project.view().head(1).prune_constants()
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        project.view().prune_constants(90)


@pytest.mark.usefixtures("vocabulary")
def test_implications_are_stripped_and_expanded_by_direction_alone(project: lr.Project, tag: Tag):
    first, second = tag("animal_ears cat_ears cat ears", "cat_ears smile")
    project.view().strip_implications().apply()
    assert tags(project) == ["cat_ears, cat", "cat_ears, smile"]  # cat is a part of cat_ears, and stays
    project.undo()
    project.view()[[second]].reject_tags("ears")
    project.view().expand_implications().apply()
    assert tags(project) == ["animal_ears, cat_ears, cat, ears", "cat_ears, smile, animal_ears"]
    assert first != second


@pytest.mark.usefixtures("vocabulary")
def test_tags_are_ordered_by_category_and_the_rest_stays_as_it_was(project: lr.Project, tag: Tag):
    tag("smile highres fate/stay_night solo hat saber_(fate) 1girl someone sks", "hat smile", "b 1girl a")
    project.set_dataset("train", trigger="sks")
    project.view().arrange_tags().apply()
    assert tags(project) == [
        "sks, 1girl, solo, saber_(fate), fate/stay_night, someone, smile, highres, hat",
        "hat, smile",
        "1girl, b, a",
    ]
    project.clean_tags(order=["a", "smile"], aliases=False).apply()
    assert tags(project)[1:] == ["smile, hat", "a, 1girl, b"]
    with pytest.raises(ArgumentError, match='"category"'):
        project.view().arrange_tags("categories")


def test_an_order_made_by_hand_is_kept_behind_what_comes_first(project: lr.Project, tag: Tag):
    ids = tag("a b 1girl c", "a b 1girl c")
    project.view()[ids[:1]].order_tags("c", "b", "a")
    project.view().arrange_tags().apply()
    assert tags(project) == ["1girl, c, b, a", "1girl, a, b, c"]


@pytest.mark.usefixtures("vocabulary")
def test_all_rules_at_once_are_one_step(project: lr.Project, tag: Tag):
    tag("smile grey_hair cat_ears animal_ears highres 1girl", "smile hat solo")
    before = tags(project)
    view = project.view()[project.view().ids[:2]]
    preview = project.clean_tags(
        rename={"hat": "cap"},
        blacklist=["category:meta"],
        prune_constants=1.0,
        implications="strip",
        order="category",
        view=view,
    )
    preview.apply()
    assert tags(project) == ["1girl, gray_hair, cat_ears", "solo, cap"]
    assert set(preview.changes["rule"]) == {"rename", "alias", "blacklist", "prune", "implied", "order"}
    project.undo()
    assert tags(project) == before


def test_rules_that_need_a_list_say_so(project: lr.Project, tag: Tag):
    tag("cat_ears")
    with pytest.raises(ConfigError, match="no implications are known"):
        project.view().strip_implications()
    with pytest.raises(ConfigError, match="no aliases are known"):
        project.view().resolve_aliases()
    with pytest.raises(ArgumentError, match="give a list"):
        project.clean_tags(blacklist="hat")
    with pytest.raises(ArgumentError, match="blacklist="):
        project.clean_tags(rename={"hat": ""})
    assert len(project.clean_tags()) == 0


def test_a_preview_shows_markup_as_text(project: lr.Project, tag: Tag):
    tag("<b>x</b>")
    page = project.view().rename_tags({"<b>x</b>": "<i>y</i>"})._repr_html_()
    assert "<b>" not in page
    assert "<i>" not in page
    assert "The tags of 1 image would change" in page


def test_the_history_names_the_search_where_it_says_what_was_changed(project: lr.Project, tag: Tag):
    tag("grey_hair", "grey_hair hat", "hat")
    project.view("grey_hair").rename_tags({"grey_hair": "gray_hair"}).apply()
    assert project.history["query"][0] == "grey_hair"
    assert tags(project) == ["gray_hair", "gray_hair, hat", "hat"]


@pytest.mark.usefixtures("vocabulary")
def test_colours_of_several_people_are_no_contradiction(project: lr.Project, tag: Tag):
    tag("2girls blonde_hair black_hair blue_eyes")
    assert len(project.clean_tags(implications="strip")) == 0


@pytest.mark.usefixtures("vocabulary")
def test_what_a_rule_gave_is_said_to_be_a_rules_and_not_recent(project: lr.Project, tag: Tag):
    tag("cat_ears", "grey_hair")
    project.clean_tags(implications="expand").apply()
    given = project.view().tag_frame.set_index("tag")["source"]
    assert given["animal_ears"] == given["gray_hair"] == "rule"
    assert given["cat_ears"] == "hand"
    assert project.recent_tags == ["grey_hair", "cat_ears"]

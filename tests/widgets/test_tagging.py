"""What the tag editor asks and does: suggestions, order, copied tags, captions by variant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import lorairo as lr
from lorairo.store import evidence, log
from lorairo.store.evidence import AnnotationRow

Open = Callable[..., Any]


def answer(
    project: lr.Project, tags: Mapping[int, Mapping[str, float]], *, caption: str | None = None, **asked: Any
) -> None:
    """Record what ``house/tagger`` said: image id to {tag: score}, and a caption for all of them."""
    with log.evidence_write(project.database) as c:
        number = evidence.model_id(c, "house", "tagger", "1", asked, defaults={"general": 0.5})
        rows = [
            AnnotationRow(
                image_id,
                number,
                caption=caption,
                tags=evidence.pack_scores(
                    evidence.tag_ids(c, [(name, 0) for name in scores]), list(scores.values())
                ),
            )
            for image_id, scores in tags.items()
        ]
        evidence.record(c, rows)
        log.refresh(c, list(tags))


def tags_of(project: lr.Project, image_id: int) -> list[str]:
    return list(project[image_id].tags)


# --------------------------------------------------------------------------------------------- suggestions


@pytest.fixture
def suggested(project: lr.Project) -> lr.Project:
    """Images 2, 3 and 4, of which two are said to show fur, and one surely does."""
    answer(project, {2: {"fur": 0.3}, 3: {"fur": 0.4}, 4: {"fur": 0.9}})
    return project


def test_suggestions_of_several_images_are_counted(browse: Open, suggested: lr.Project):
    ok, _ = browse().ask("tags", target={"ids": [2, 3, 4]})
    assert ok["judged"]
    assert ok["suggested"] == [{"name": "fur", "category": 0, "count": 2, "score": 0.35}]
    assert ok["rejected"] == []


def test_accepting_a_suggestion_touches_only_where_it_was_made(browse: Open, suggested: lr.Project):
    asked = {"action": "tags.accept", "names": ["fur"], "where": "suggested"}
    ok, _ = browse().ask("edit", target={"ids": [1, 2, 3, 4]}, **asked)
    assert ok["message"] == "Tagged 2 images fur"
    assert suggested.view("fur").ids.tolist() == [2, 3, 4]
    suggested.undo()
    assert suggested.view("fur").ids.tolist() == [4]


def test_rejecting_a_suggestion_leaves_those_that_have_it(browse: Open, suggested: lr.Project):
    browser = browse()
    asked = {"action": "tags.reject", "names": ["fur"], "where": "suggested"}
    browser.ask("edit", target={"ids": [1, 2, 3, 4]}, **asked)
    assert suggested.view("fur").ids.tolist() == [4]
    ok, _ = browser.ask("tags", target={"ids": [1, 2, 3, 4]})
    assert ok["rejected"] == [{"name": "fur", "category": 0, "count": 2}]


def test_a_rejection_is_taken_back_or_turned_round(browse: Open, suggested: lr.Project):
    browser = browse()
    everyone = {"target": {"ids": [1, 2, 3, 4]}, "names": ["fur"]}
    browser.ask("edit", action="tags.reject", where="suggested", **everyone)
    browser.ask("edit", action="tags.clear", where="rejected", **everyone)
    ok, _ = browser.ask("tags", target={"ids": [1, 2, 3, 4]})
    assert (ok["suggested"][0]["count"], ok["rejected"]) == (2, [])
    browser.ask("edit", action="tags.reject", where="suggested", **everyone)
    browser.ask("edit", action="tags.add", where="rejected", **everyone)
    assert suggested.view("fur").ids.tolist() == [2, 3, 4]


def test_a_tag_says_by_which_threshold_it_was_accepted(browse: Open, suggested: lr.Project):
    ok, _ = browse().ask("details", id=4)
    assert ok["tags"][-1]["why"] == "tagger, score 0.90, accepted by threshold 0.50"
    ok, _ = browse().ask("details", id=3)
    assert ok["suggested"][0]["why"] == "tagger, score 0.40"


def test_a_rating_is_never_suggested(browse: Open, project: lr.Project):
    with log.evidence_write(project.database) as c:
        number = evidence.model_id(c, "house", "tagger", "1", {})
        blob = evidence.pack_scores(evidence.tag_ids(c, [("sensitive", 9)]), [0.3])
        evidence.record(c, [AnnotationRow(2, number, tags=blob)])
        log.refresh(c, [2])
    browser = browse()
    assert browser.ask("details", id=2)[0]["suggested"] == []
    assert browser.ask("tags", target={"ids": [2, 3]})[0]["suggested"] == []


# ------------------------------------------------------------------------------- order, and tags of another


def test_tags_are_put_in_order_by_one_operation(browse: Open, project: lr.Project):
    project.view()[[2]].add_tags("a", "b", "c")
    before = tags_of(project, 2)
    wanted = ["c", *[name for name in before if name != "c"]]
    ok, _ = browse().ask("edit", action="tags.order", names=wanted, target={"id": 2})
    assert ok["count"] == 1
    assert tags_of(project, 2) == wanted
    project.undo()
    assert tags_of(project, 2) == before


def test_tags_are_put_in_order_of_category(browse: Open, project: lr.Project):
    with log.evidence_write(project.database) as c:
        evidence.tag_ids(c, [("miku", 4)])
    project.view()[[2]].add_tags("sky", "miku", "hat")
    ok, _ = browse().ask("edit", action="tags.arrange", target={"id": 2})
    assert ok["operation"] is not None
    assert tags_of(project, 2) == ["miku", "sky", "hat"]


def test_copied_tags_replace_those_of_others_in_one_step(browse: Open, project: lr.Project):
    first, second = tags_of(project, 1), tags_of(project, 2)
    names = ["sky", "Blue Sky", "dog"]
    ok, _ = browse().ask("edit", action="tags.set", names=names, target={"ids": [1, 2]})
    assert ok["message"] == "Replaced the tags of 2 images"
    assert tags_of(project, 1) == tags_of(project, 2) == ["sky", "blue_sky", "dog"]
    assert ok["can_undo"] is not None
    project.undo()
    assert (tags_of(project, 1), tags_of(project, 2)) == (first, second)


def test_copied_tags_that_are_there_already_change_nothing(browse: Open, project: lr.Project):
    browser = browse()
    asked = {"action": "tags.set", "names": ["sky", "dog"], "target": {"id": 1}}
    browser.ask("edit", **asked)
    ok, _ = browser.ask("edit", **asked)
    assert (ok["count"], ok["operation"]) == (0, None)


def test_before_anything_is_typed_pinned_and_recent_tags_are_offered(browse: Open, project: lr.Project):
    view = project.view()
    view[[1]].add_tags("smile")
    view[[1, 2]].add_tags("hat")
    project.pin_tags("sks_dog")
    view.selected = [1, 3]
    ok, _ = browse(view).ask("complete", text="", target="selected", limit=5)
    found = [(o["name"], o["count"], o["in_target"], o["pinned"]) for o in ok["options"]]
    assert found == [("sks_dog", 0, 0, True), ("hat", 2, 1, False), ("smile", 1, 1, False)]


def test_a_completion_says_what_follows_from_it(browse: Open, project: lr.Project, tmp_path: Path):
    words, above = tmp_path / "tags.csv", tmp_path / "implications.csv"
    words.write_text("puppy,0,90,whelp\ndog,0,900,\n", encoding="utf-8")
    above.write_text("puppy,dog\n", encoding="utf-8")
    lr.config.set("vocabulary", words, project=project)
    lr.config.set("implications", above, project=project)
    view = project.view("dog", everything=True)
    view.selected = [1, 2]
    ok, _ = browse(view).ask("complete", text="whe", target="selected", limit=5)
    [option] = [option for option in ok["options"] if option["name"] == "puppy"]
    assert option["alias"] == "whelp"
    assert option["implies"] == [{"name": "dog", "in_target": 1}]


# ------------------------------------------------------------------------------------------------ captions


def test_variants_are_told_with_who_wrote_them(browse: Open, project: lr.Project):
    answer(project, {2: {}}, caption="a dog, it seems")
    answer(project, {2: {}}, caption="dog", variant="short")
    project.view()[[2]].set_caption("a grey dog")
    browser = browse()
    caption = browser.ask("details", id=2)[0]["caption"]
    assert (caption["text"], caption["source"]) == ("a grey dog", "hand")
    assert caption["variants"] == [
        {"name": "default", "source": "hand"},
        {"name": "short", "source": "tagger"},
    ]
    assert caption["said"] == [{"by": "tagger", "text": "a dog, it seems"}]
    short = browser.ask("details", id=2, variant="short")[0]["caption"]
    assert (short["variant"], short["text"], short["source"]) == ("short", "dog", "tagger")
    missing = browser.ask("details", id=2, variant="long")[0]["caption"]
    assert (missing["text"], missing["source"], missing["said"]) == ("", None, [])


def test_captions_of_several_are_those_of_the_variant(browse: Open, project: lr.Project):
    project.view()[[1, 2]].set_caption("short one", variant="short")
    browser = browse()
    ok, _ = browser.ask("tags", target={"ids": [1, 2]}, variant="short")
    assert ok["captions"] == {"different": 1, "empty": 0, "text": "short one", "variant": "short"}
    ok, _ = browser.ask("tags", target={"ids": [1, 2]})
    assert ok["captions"]["empty"] == 2


def test_captions_that_are_cut_are_counted_and_searched_for(browse: Open, project: lr.Project):
    project.view()[[1, 3]].set_caption("very long hair, " * 40)
    view = project.view()
    browser = browse(view)
    ok, _ = browser.ask("tags", target={"ids": [1, 2]})
    assert ok["tokens"] == {"limit": 75, "over": 1}
    view.shown = "-sky"
    ok, _ = browser.ask(
        "narrow", change={"kind": "above", "column": "tokens", "limit": ok["tokens"]["limit"]}
    )
    assert ok["query"] == "-sky tokens:>75"
    assert view.shown.ids.tolist() == [1, 3]
    project.view()[[3]].set_caption("hair")
    assert browser.ask("tags", target={"ids": [1, 3]})[0]["tokens"]["over"] == 1
    reply, _ = browser.reply("narrow", change={"kind": "above", "column": "tokens", "limit": None})
    assert "needs a limit" in reply["error"]["message"]


def test_a_template_writes_captions_as_one_step(browse: Open, project: lr.Project):
    browser = browse()
    asked = {"template": "a photo of {tags}", "variant": "long"}
    shown, _ = browser.ask("captions.compose", ids=[1], **asked)
    ok, _ = browser.ask("edit", action="captions.compose", target={"ids": [1, 5]}, **asked)
    assert ok["count"] == 2
    assert project[1].captions["long"] == shown["samples"][0]["after"]
    assert project[1].captions["long"].startswith("a photo of dog")
    browser.ask("undo")
    assert "long" not in project[1].captions

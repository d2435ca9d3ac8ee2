"""The yes / no pass as the page asks for it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lorairo as lr
from lorairo.store import log
from lorairo.store.evidence import AnnotationRow, model_id, pack_scores, record, tag_ids

Open = Callable[..., Any]


@pytest.fixture
def browser(browse: Open, project: lr.Project) -> Any:
    """A browser on twelve images; a model gave dog to the first eleven, from 0.95 down to 0.05."""
    with log.evidence_write(project.database) as c:
        number = model_id(c, "local", "tagger", "1", {})
        dog = tag_ids(c, [("dog", 0)])
        scores = {image: (21 - 2 * image + 0.0) / 20 for image in range(1, 11)} | {11: 0.01}
        record(
            c,
            [AnnotationRow(image, number, tags=pack_scores(dog, [score])) for image, score in scores.items()],
        )
        log.refresh(c, scores)
    return browse(project.view())


def start(browser: Any, **asked: Any) -> tuple[dict[str, Any], list[int], list[float]]:
    """Open a pass; return what is told, and the questions with their scores."""
    told, _ = browser.ask("pass.open", **({"tag": "dog", "model": None, "order": "score"} | asked))
    page, (body,) = browser.ask("pass.questions", **{"pass": told["pass"]}, start=0)
    count = page["count"]
    ids = struct.unpack(f"<{count}i", body[: 4 * count])
    return told, list(ids), list(struct.unpack(f"<{count}f", body[4 * count :]))


def test_a_pass_tells_its_questions_in_order_with_scores(browser: Any):
    told, ids, scores = start(browser)
    assert (told["tag"], told["model"], told["questions"], told["images"]) == ("dog", "local/tagger", 12, 12)
    assert (told["yes"], told["no"]) == (0, 0)
    assert ids == list(range(1, 13))
    assert scores[0] == pytest.approx(0.95)
    assert scores[-1] == -1  # never looked at


def test_an_answer_is_saved_counted_and_can_be_taken_back(browser: Any, project: lr.Project):
    told, ids, _ = start(browser)
    done, _ = browser.ask("pass.answer", **{"pass": told["pass"]}, image=ids[0], yes=False)
    assert (done["yes"], done["no"]) == (0, 1)
    assert done["can_undo"] == {"message": done["message"]}
    assert "dog" not in project[ids[0]].tags
    back, _ = browser.ask("pass.back", **{"pass": told["pass"]}, operation=done["operation"])
    assert (back["yes"], back["no"]) == (0, 0)
    assert "dog" in project[ids[0]].tags


def test_the_report_and_a_threshold_adopted_from_it(browser: Any, project: lr.Project):
    told, ids, _ = start(browser)
    for image in ids[:8]:
        browser.ask("pass.answer", **{"pass": told["pass"]}, image=image, yes=image <= 4)
    report, _ = browser.ask("pass.report", **{"pass": told["pass"]})
    assert (report["right"], report["shown"], report["left"]) == (4, 7, 4)
    assert report["low"] < report["precision"] < report["high"]
    best = report["suggestion"]
    assert best["answers"] == 8
    assert 0.55 < best["threshold"] <= 0.65
    done, _ = browser.ask("pass.adopt", **{"pass": told["pass"]}, threshold=best["threshold"])
    assert done["message"].startswith("Set tagger to general 0.6")
    later, _ = browser.ask("pass.report", **{"pass": told["pass"]}, precision=0.99)
    assert later["threshold"] == pytest.approx(best["threshold"])
    assert later["suggestion"]["wanted"] == 0.99


def test_a_pass_asks_about_what_is_shown_and_one_that_ended_says_so(browser: Any):
    browser.ask("search", query="id:..3")
    told, ids, _ = start(browser)
    assert ids == [1, 2, 3]
    refused, _ = browser.reply("pass.answer", **{"pass": told["pass"] + 99}, image=1, yes=True)
    assert refused["error"]["kind"] == "stale"


def test_the_widget_asks_about_the_rest_and_reports(project: lr.Project):
    view = project.view()
    asked = view.tag_pass("dog")
    view[:3].add_tags("dog")
    assert asked.task == {"kind": "tag", "tag": "dog", "model": None, "order": "uncertain", "again": False}
    assert (asked.report.yes, asked.report.left) == (3, 9)
    asked.close()
    with pytest.raises(lr.Error, match="goes by uncertain, score, random"):
        view.tag_pass("dog", order="best")


def test_answers_are_in_the_recipe_as_the_calls_they_stand_for(
    browser: Any, project: lr.Project, tmp_path: Path, photos: Path
):
    told, ids, _ = start(browser)
    for image, yes in ((ids[0], False), (ids[1], True), (ids[9], True)):
        done, _ = browser.ask("pass.answer", **{"pass": told["pass"]}, image=image, yes=yes)
    browser.ask("pass.back", **{"pass": told["pass"]}, operation=done["operation"])
    browser.ask("pass.adopt", **{"pass": told["pass"]}, threshold=0.5)
    browser.ask("edit", action="reviewed", value=True, target={"id": ids[2]})
    recipe = project.recipe()
    assert '.reject_tags("dog")  # 00.jpg' in recipe.text
    assert '.add_tags("dog")  # 01.jpg' in recipe.text
    assert "# 09.jpg" not in recipe.text
    with lr.open_project(tmp_path / "elsewhere") as other:
        other.add(photos)
        assert lr.replay(recipe.save(tmp_path / "pass.py"), other).equal

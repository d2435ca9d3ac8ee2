"""Thresholds moved from the page: what would be, what is, and what cannot be saved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.errors import StoreError
from lorairo.store import log, state
from lorairo.store.evidence import AnnotationRow, model_id, pack_scores, record, tag_ids

if TYPE_CHECKING:
    from lorairo.store import Database

Open = Callable[..., Any]
CUT = {"model": "local/tagger", "general": 0.25, "character": 0.85, "method": "fixed"}


@pytest.fixture
def browser(browse: Open, project: lr.Project) -> Any:
    """A browser on twelve images: fox from 0.1 up by 0.1 on nine of them, owl at 0.9 on three."""
    with log.evidence_write(project.database) as c:
        number = model_id(c, "local", "tagger", "1", {})
        fox, owl = tag_ids(c, [("fox", 0), ("owl", 0)])
        rows = [AnnotationRow(n, number, tags=pack_scores([fox], [n / 10])) for n in range(1, 10)]
        rows += [AnnotationRow(n, number, tags=pack_scores([owl], [0.9])) for n in range(10, 13)]
        record(c, rows)
        log.refresh(c, range(1, 13))
    return browse(project.view())


def with_tag(project: lr.Project, name: str) -> list[int]:
    return project.view(name).ids.tolist()


def test_a_preview_counts_and_writes_nothing(browser: Any, project: lr.Project):
    before = len(project.history)
    told, _ = browser.ask("threshold.preview", **CUT)
    assert told["images"] == 1  # the third: 0.3 lies over 0.25, and under 0.35 as it was
    assert told["rows"] == [{"name": "fox", "category": 0, "was": 6, "count": 7}]
    assert len(project.history) == before
    assert with_tag(project, "fox") == list(range(4, 10))


class Evidence:
    """The evidence in parts of four images, each read only when it is let."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.parts, self.asked, self.let = 0, threading.Event(), threading.Event()
        self.read = state.evidence_for
        patch.setattr(state, "PART", 4)
        patch.setattr(state, "evidence_for", self.part)

    def part(self, *asked: Any) -> Any:
        """Read one part."""
        self.parts += 1
        self.asked.set()
        assert self.let.wait(20)
        return self.read(*asked)

    def finish(self) -> None:
        """Let all go, and wait until nobody reads."""
        self.let.set()
        for thread in threading.enumerate():
            if thread.name == "lorairo-ahead":
                thread.join(20)


def test_the_first_preview_finds_its_evidence_read(browser: Any, monkeypatch: pytest.MonkeyPatch):
    evidence = Evidence(monkeypatch)
    browser.ask("threshold.ahead")
    assert evidence.asked.wait(20)
    browser.ask("threshold.ahead")  # under way: not twice
    assert browser.ask("hello", client="c")[0]["count"] == 12  # and nobody waits for it
    evidence.finish()
    assert evidence.parts == 3
    told, _ = browser.ask("threshold.preview", **CUT)
    assert told["images"] == 1
    assert evidence.parts == 3


def test_nothing_is_read_ahead_for_a_closed_widget(browser: Any, monkeypatch: pytest.MonkeyPatch):
    evidence = Evidence(monkeypatch)
    browser.ask("threshold.ahead")
    assert evidence.asked.wait(20)
    browser.widget.close()
    evidence.finish()
    assert evidence.parts == 1


def test_setting_does_what_the_preview_said_as_one_operation(browser: Any, project: lr.Project):
    told, _ = browser.ask("threshold.preview", **CUT)
    done, _ = browser.ask("threshold.set", **CUT)
    assert done["count"] == told["images"]
    assert done["can_undo"] == {"message": done["message"]}
    assert with_tag(project, "fox") == list(range(3, 10))
    saved = project.view().tag_frame.query("tag == 'fox' and state == 'effective'")  # as the database has it
    assert saved.image_id.tolist() == list(range(3, 10))
    project.undo()
    assert with_tag(project, "fox") == list(range(4, 10))


def test_what_people_said_stays_on_top(browser: Any, project: lr.Project):
    project.view()[[3]].reject_tags("fox")
    project.view()[[1]].add_tags("fox")
    told, _ = browser.ask("threshold.preview", **{**CUT, "general": 0.05})
    assert told["images"] == 1  # the second: the first has it, the third must not
    browser.ask("threshold.set", **{**CUT, "general": 0.05})
    assert with_tag(project, "fox") == [1, 2, *range(4, 10)]


def test_one_tag_is_cut_and_taken_back(browser: Any, project: lr.Project):
    own = {"model": "local/tagger", "per_tag": {"Fox": 0.75}}
    told, _ = browser.ask("threshold.preview", **own)
    done, _ = browser.ask("threshold.set", **own)
    assert told["images"] == done["count"] == 4
    assert with_tag(project, "fox") == [8, 9]
    done, _ = browser.ask("threshold.set", model="local/tagger", per_tag={"fox": None})
    assert done["count"] == 4


def test_only_what_is_shown_is_counted_by_tag(browser: Any, project: lr.Project):
    browser.widget.view.lens.show("id:4..12")
    told, _ = browser.ask("threshold.preview", **{**CUT, "general": 0.55})
    assert told["images"] == 2
    assert told["rows"] == [{"name": "fox", "category": 0, "was": 6, "count": 4}]
    browser.widget.view.lens.show("owl")
    told, _ = browser.ask("threshold.preview", **{**CUT, "general": 0.55})
    assert (told["images"], told["rows"]) == (2, [])


def test_the_index_shows_a_threshold_before_it_is_saved(
    browser: Any, project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    seen: list[list[int]] = []
    save = log.set_policy

    def saving(db: Database, *given: Any, **told: Any) -> Any:
        seen.append(with_tag(project, "fox"))
        return save(db, *given, **told)

    monkeypatch.setattr(log, "set_policy", saving)
    browser.ask("threshold.set", **CUT)
    assert seen == [list(range(3, 10))]


def test_a_threshold_that_cannot_be_saved_is_taken_back(
    browser: Any, project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    def full(*_given: Any, **_told: Any) -> Any:
        raise StoreError("the disk is full")

    monkeypatch.setattr(log, "set_policy", full)
    refused, _ = browser.reply("threshold.set", **CUT)
    assert "the disk is full" in refused["error"]["message"]
    assert with_tag(project, "fox") == list(range(4, 10))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"model": "nobody"}, "no model 'nobody' has answered"),
        ({"general": 1.5}, "between 0 and 1, not 1.5"),
        ({"method": "guess"}, "found by fixed, mcut, pr, not by 'guess'"),
        ({"method": "pr"}, "no tag of local/tagger has 10 answers yet"),
        ({"per_tag": ["fox"]}, "come by name of the tag"),
    ],
)
def test_a_cut_that_is_none_is_refused(browser: Any, asked: dict[str, Any], said: str):
    for kind in ("threshold.preview", "threshold.set"):
        refused, _ = browser.reply(kind, **{**CUT, **asked})
        assert said in refused["error"]["message"]

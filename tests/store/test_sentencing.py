"""Sentences of models' captions: struck ones stay away, accepted ones stand, and all of it is in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from filling import curated, fill

from lorairo.errors import ArgumentError
from lorairo.store import Database, columns, evidence, log
from lorairo.store.evidence import AnnotationRow

if TYPE_CHECKING:
    from collections.abc import Mapping

ME = {"author": "me"}


@pytest.fixture
def said(db: Database) -> Database:
    fill(db, 3)
    speak(db, "a", {1: "A dog. A watermark is visible. It runs.", 2: "A cat. A watermark is visible."})
    return db


def speak(db: Database, model: str, texts: Mapping[int, str], variant: str = "") -> None:
    parameters = {"variant": variant} if variant else {}
    with db.write(curated=True) as c:
        number = evidence.model_id(c, "local", model, "1", parameters, "captioner")
        evidence.record(c, [AnnotationRow(n, number, caption=text) for n, text in texts.items()])


def captions(db: Database, variant: str = "default") -> dict[int, str]:
    with db.read() as c:
        return columns.load_captions(c, variant)


def test_a_struck_sentence_goes_where_it_is_said(said: Database):
    done = log.strike_sentences(said, [1, 2, 3], ["a watermark is VISIBLE"], **ME)
    assert (done.count, done.message) == (2, "Struck 1 sentence of 2 images")
    assert captions(said) == {1: "A dog. It runs.", 2: "A cat."}
    with said.read() as c:
        runs = columns.load_annotations(c)
    assert runs[0]["caption"] == "A dog. A watermark is visible. It runs."


def test_it_stays_struck_whoever_says_it_again(said: Database):
    log.strike_sentences(said, [1], ["A watermark is visible."], **ME)
    speak(said, "a", {1: "A big dog. A watermark is visible."})
    assert captions(said)[1] == "A big dog."
    speak(said, "b", {1: "A watermark is visible! It sleeps."})
    speak(said, "c", {1: "A watermark is visible."}, "long")
    assert captions(said)[1] == "It sleeps."
    assert captions(said, "long") == {}


def test_where_nothing_is_left_the_next_model_counts(said: Database):
    speak(said, "b", {2: "A kitten."})
    speak(said, "c", {2: "A lion."})
    log.strike_sentences(said, [2], ["A lion."], **ME)
    assert captions(said)[2] == "A kitten."


def test_an_accepted_sentence_joins_the_caption_in_force(said: Database):
    speak(said, "b", {1: "A hound. It has a red collar."})
    log.accept_sentences(said, [1, 2], ["It runs.", "It has a red collar."], **ME)
    assert captions(said)[1] == "A hound. It has a red collar. It runs."
    speak(said, "c", {1: "A dog sleeps."})
    assert captions(said)[1] == "A dog sleeps. It runs. It has a red collar."
    log.strike_sentences(said, [1], ["It runs."], **ME)
    assert captions(said)[1] == "A dog sleeps. It has a red collar."
    log.clear_sentences(said, [1], **ME)
    assert captions(said)[1] == "A dog sleeps."


def test_a_sentence_is_accepted_for_the_variant_it_was_said_in(said: Database):
    speak(said, "b", {1: "A dog on grass."}, "long")
    log.accept_sentences(said, [1], ["A dog on grass."], **ME)
    assert captions(said, "long") == {1: "A dog on grass."}
    assert "grass" not in captions(said)[1]
    log.accept_sentences(said, [1], ["A dog on grass."], "default", **ME)
    assert captions(said)[1].endswith("A dog on grass.")


def test_what_a_person_wrote_is_left_alone(said: Database):
    log.set_captions(said, {1: "Mine. A watermark is visible."}, **ME)
    log.strike_sentences(said, [1], ["A watermark is visible."], **ME)
    log.accept_sentences(said, [1], ["It runs."], **ME)
    assert captions(said)[1] == "Mine. A watermark is visible."


def test_every_text_that_counts_is_shown_as_it_counts(said: Database):
    log.strike_sentences(said, [1], ["A watermark is visible."], **ME)
    with said.read() as c:
        rows = columns.load_caption_rows(c, columns.all_ids(c)[:1])
    assert rows == [(1, "default", "A dog. It runs.", "model", "a", True)]


def test_undo_takes_decisions_back_and_the_log_holds_them(said: Database):
    before = curated(said)
    log.strike_sentences(said, [1, 2], ["A watermark is visible."], **ME)
    log.accept_sentences(said, [1], ["It runs."], **ME)
    after = curated(said)
    log.refold(said)
    assert curated(said) == after
    log.undo(said, **ME)
    log.undo(said, **ME)
    assert curated(said) == before
    log.redo(said, **ME)
    log.redo(said, **ME)
    assert curated(said) == after


def test_what_changes_nothing_writes_nothing(said: Database):
    assert log.strike_sentences(said, [3], ["A watermark is visible."], **ME).operation_id is None
    log.strike_sentences(said, [1], ["A watermark is visible."], **ME)
    assert log.strike_sentences(said, [1], ["A WATERMARK is visible"], **ME).operation_id is None
    assert log.clear_sentences(said, [2], **ME).message == "Left sentences of 0 images to the models"


@pytest.mark.parametrize("texts", [[], [" . "], ["One. Two."], "A dog.", [7]])
def test_what_is_no_sentence_is_refused(said: Database, texts: list[str]):
    with pytest.raises(ArgumentError):
        log.strike_sentences(said, [1], texts, **ME)

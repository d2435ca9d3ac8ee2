"""Whatever JSON a service sends, it is read as one outcome: nothing of it raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import anthropic_wire
import google_wire
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.annotators import anthropic_endings, google_endings
from lorairo.services.calls import Ending, Outcome
from lorairo.services.exchange import shown

ENDINGS = get_args(Ending)
ANSWERS: dict[Callable[[str], Outcome], list[Any]] = {
    anthropic_endings.answered: [
        anthropic_wire.answer("A dog").body,
        anthropic_wire.message(anthropic_wire.called({"caption": "A dog"})).body,
        anthropic_wire.refused("A", "bio", "It says why.").body,
        anthropic_wire.overloaded().body,
    ],
    google_endings.answered: [
        google_wire.answer("A dog", thoughts="Hm", words="It ended.").body,
        google_wire.blocked("SAFETY", "It was flagged.").body,
        google_wire.rate_limited("21s").body,
        google_wire.bad_key().body,
    ],
}
ERRORS: dict[Callable[..., Outcome], list[Any]] = {
    anthropic_endings.failed: [
        anthropic_wire.error(400, "invalid_request_error", "No.", details={"error_code": "a"}).body
    ],
    google_endings.failed: [google_wire.rate_limited("21s").body, google_wire.bad_key().body],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> Any:
    """Put something else in one place of a document."""
    if isinstance(whole, dict) and whole and draw(st.integers(0, 3)):
        place = draw(st.sampled_from(sorted(whole)))
        return {**whole, place: draw(damaged(whole[place]))}
    if isinstance(whole, list) and whole and draw(st.integers(0, 3)):
        return [draw(damaged(whole[0])), *whole[1:]]
    return draw(anything)


def check(outcome: Outcome) -> None:
    said = shown(outcome)
    assert said.ending in ENDINGS
    assert said.message or said.ending == "ok"
    for text in (said.message, said.code, said.text, said.request_id, said.model):
        text.encode()


@pytest.mark.parametrize("answered", list(ANSWERS), ids=["anthropic", "google"])
@given(data=st.data())
def test_an_answer_that_is_damaged_anywhere_is_an_outcome(
    answered: Callable[[str], Outcome], data: st.DataObject
) -> None:
    whole = data.draw(st.sampled_from(ANSWERS[answered]))
    check(answered(json.dumps(data.draw(damaged(whole)))))


@pytest.mark.parametrize("failed", list(ERRORS), ids=["anthropic", "google"])
@given(data=st.data(), status=st.none() | st.integers(300, 599))
def test_an_error_that_is_damaged_anywhere_is_an_outcome(
    failed: Callable[..., Outcome], data: st.DataObject, status: int | None
) -> None:
    whole = data.draw(st.sampled_from(ERRORS[failed]))
    headers = data.draw(st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text(max_size=12)))
    check(failed(status, data.draw(damaged(whole)), headers))

"""What questions are called while they lie with a service, and how they are cut into submissions."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lorairo.services.asking import Service
from lorairo.services.calls import Picture, Request
from lorairo.services.handing import LONGEST_ID, Ready, custom_id, cut, row_of
from lorairo.store.submissions import Question

REQUEST = Request("m", Service(), "", "What is on it?", Picture(b"", "image/jpeg", 1, 1, b""))


def ready(sizes: list[int]) -> list[Ready]:
    return [Ready(number, REQUEST, size) for number, size in enumerate(sizes)]


@given(st.integers(1, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_a_question_is_found_by_its_name_and_every_service_takes_the_name(number: int, sha256: bytes) -> None:
    name = custom_id(Question(number, 1, sha256, "sent", 1))
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
    assert len(name) <= len(LONGEST_ID)
    assert row_of(name) == number


def test_questions_of_different_images_never_have_one_name() -> None:
    """Ids of rows are given again once the last ones are deleted."""
    assert custom_id(Question(7, 1, b"a" * 32, "sent", 1)) != custom_id(Question(7, 2, b"b" * 32, "sent", 1))


def test_names_of_others_are_not_ours() -> None:
    for name in ("", "r7", "7-0123456789abcdef", "r7-0123456789abcdeg", "request-1", "r7-0123456789abcdef-1"):
        assert row_of(name) is None


@given(st.lists(st.integers(1, 60)), st.integers(1, 7), st.integers(1, 200))
def test_parts_keep_the_order_and_both_limits(sizes: list[int], most: int, most_bytes: int) -> None:
    parts = list(cut(ready(sizes), most, most_bytes))
    assert [one.image_id for part in parts for one in part] == list(range(len(sizes)))
    for part in parts:
        assert 0 < len(part) <= most
        assert len(part) == 1 or sum(one.size + 1 for one in part) <= most_bytes
    for before, after in pairwise(parts):
        fits = sum(one.size + 1 for one in before) + after[0].size + 1 <= most_bytes
        assert len(before) == most or not fits  # no part is smaller than it has to be


def test_what_is_larger_than_a_submission_goes_alone() -> None:
    assert [len(part) for part in cut(ready([5, 99, 5]), 10, 20)] == [1, 1, 1]

from __future__ import annotations

from dataclasses import replace

import pytest

from lorairo.duplicates.keeper import Candidate, keeper

PLAIN = Candidate(800, 600, "JPEG", 100_000, 0, 0.5)


@pytest.mark.parametrize(
    ("better", "reason"),
    [
        ({"stars": 3}, "most stars"),
        ({"width": 801}, "most pixels"),
        ({"sharpness": 0.6}, "sharpest"),
        ({"format": "PNG"}, "no loss by compression"),
        ({"bytes": 120_000}, "least compressed"),
        ({"captioned": True}, "has a caption"),
    ],
)
def test_what_is_better_is_kept_and_says_why(better: dict[str, object], reason: str):
    best = replace(PLAIN, **better)
    assert keeper([PLAIN, best, PLAIN]) == (1, reason)
    assert keeper([best, PLAIN]) == (0, reason)


def test_the_earlier_rule_wins():
    small_but_loved = replace(PLAIN, width=100, stars=1)
    sharp_but_grey = replace(PLAIN, sharpness=0.9, width=4000, grey=True)
    assert keeper([PLAIN, sharp_but_grey, small_but_loved]) == (2, "most stars")
    assert keeper([sharp_but_grey, PLAIN]) == (1, "in colour")


def test_a_little_sharper_is_chance():
    assert keeper([PLAIN, replace(PLAIN, sharpness=0.51)]) == (0, "equal to the others, added first")


def test_unknown_sharpness_decides_nothing():
    unknown = replace(PLAIN, sharpness=float("nan"))
    assert keeper([unknown, unknown]) == (0, "equal to the others, added first")
    assert keeper([unknown, replace(unknown, bytes=200_000)]) == (1, "least compressed")


def test_of_equals_among_the_best_the_first_is_kept():
    assert keeper([replace(PLAIN, width=10), PLAIN, PLAIN]) == (1, "added first of the best")

"""Which images are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lorairo as lr

Open = Callable[..., Any]


def test_what_is_selected_is_compared_and_four_at_most(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    view.selected = view.ids[[7, 2, 5]]
    assert browser.ask("compare")[0]["ids"] == view.ids[[7, 2, 5]].tolist()
    view.selected = view.ids[:6]
    told, _ = browser.ask("compare")
    assert (told["ids"], told["selected"]) == (view.ids[:4].tolist(), 6)


def test_one_that_is_selected_is_compared_with_the_next(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    view.selected = view.ids[[4]]
    assert browser.ask("compare")[0]["ids"] == view.ids[4:6].tolist()
    view.selected = view.ids[[11]]
    assert browser.ask("compare")[0]["ids"] == view.ids[10:].tolist()


def test_without_a_selection_all_of_a_few_are_or_the_first_two(browse: Open, project: lr.Project):
    view = project.view()
    assert browse(view).ask("compare")[0]["ids"] == view.ids[:2].tolist()
    assert browse(view[3:7]).ask("compare")[0]["ids"] == view.ids[3:7].tolist()
    assert browse(view[:1]).ask("compare")[0]["ids"] == view.ids[:1].tolist()

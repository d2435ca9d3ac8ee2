"""Widgets come and go without keeping projects alive or following them for ever."""

from __future__ import annotations

import gc
import weakref

import ipywidgets
import pytest

import lorairo as lr

KINDS = ("Gallery", "TagEditor", "Workbench")
MANY = 200


@pytest.mark.parametrize("kind", KINDS)
def test_closed_widgets_stop_following(project: lr.Project, kind: str):
    before = len(project.live.published)
    for _ in range(MANY):
        getattr(lr, kind)(project.view(), height=300).close()
    assert len(project.live.published) == before


@pytest.mark.parametrize("kind", KINDS)
def test_closed_widgets_leave_nothing_behind(project: lr.Project, kind: str):
    left: list[weakref.ref[object]] = []
    for _ in range(MANY):
        view = project.view()
        widget = getattr(lr, kind)(view)
        widget._repr_mimebundle_()
        left += [weakref.ref(part) for part in (widget, view, widget.session, widget.layout)]
        widget.close()
        del widget, view
    gc.collect()
    assert [type(part()).__name__ for part in left if part() is not None] == []


def test_closing_a_widget_leaves_the_layout_that_it_was_given(project: lr.Project):
    layout = ipywidgets.Layout(width="50%")
    lr.Gallery(project, layout=layout).close()
    assert layout.comm is not None

"""Widgets come and go without keeping projects alive or following them for ever."""

from __future__ import annotations

import lorairo as lr


def test_closed_widgets_stop_following(project: lr.Project):
    before = len(project.live.published)
    for _ in range(200):
        lr.Gallery(project.view(), height=300).close()
    assert len(project.live.published) == before

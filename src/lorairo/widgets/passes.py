"""Passes over many images: one tag by yes and no, or image by image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from lorairo.passes import Questions
from lorairo.widgets.linked import Linked, as_view

if TYPE_CHECKING:
    from lorairo.passes import PassReport


class _Pass(Linked):
    """A widget that goes through the images of its view."""

    _bundle = "passes"

    task = traitlets.Dict().tag(sync=True)
    """What is gone through, and how; set when it is made."""


class TagPass(_Pass):
    """Asks about one tag, image by image; made by ``view.tag_pass("smile")``.

    Answers are kept as they are given, as acceptances and rejections in the history. The widget may be closed
    at any time: the same call asks about the rest.
    """

    def __init__(
        self,
        source: Any,
        tag: str,
        *,
        model: str | None = None,
        order: str = "uncertain",
        again: bool = False,
        **options: Any,
    ) -> None:
        view = as_view(source)
        self._questions = Questions(view.shown, tag, model=model, order=order, again=again)
        task = {"kind": "tag", "tag": self._questions.tag, "model": model, "order": order, "again": again}
        super().__init__(view, task=task, **options)

    @property
    def report(self) -> PassReport:
        """What the answers given by now say about the model."""
        return self._questions.report()


class GuidedPass(_Pass):
    """Goes through a view image by image; made by ``view.review()``.

    It remembers per project and search where it stopped, and skips what is marked as reviewed.
    """

    def __init__(self, source: Any, *, again: bool = False, **options: Any) -> None:
        super().__init__(source, task={"kind": "guided", "again": again}, **options)

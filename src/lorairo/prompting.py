"""What prompts say of the images of a project: their tags, captions and rating."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.captioning.composing import facts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.captions.pieces import Facts
    from lorairo.captions.template import Template
    from lorairo.project import Project
    from lorairo.services.run import FactsSource


def facts_source(project: Project) -> FactsSource:
    """Return what gives the facts of images; an image that was deleted meanwhile is left out."""

    def facts(templates: Sequence[Template], ids: Sequence[int]) -> dict[int, Facts]:
        everything = project.view(everything=True)
        there = set(everything.ids.tolist())
        return facts_of(everything[[image_id for image_id in ids if image_id in there]], templates)

    return facts

"""What prompts take from a project: what is known of its images, trigger and target of its datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.captioning.composing import facts_of
from lorairo.services.prompts import Prompt, for_target

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def asked_for(project: Project, parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return how models are to be asked, with a dataset replaced by its trigger and the prompt of its target.

    Parameters
    ----------
    parameters
        As of ``view.annotate``. What they say themselves counts before what the dataset says.

    Raises
    ------
    NotFoundError
        When there is no such dataset.
    """
    if parameters is None:
        return None
    told = dict(parameters)
    if isinstance(told.get("prompt"), Prompt):
        told["prompt"] = told["prompt"].model_dump(mode="json")  # jobs keep what was asked for
    if (name := told.pop("dataset", None)) is not None:
        dataset = project.dataset(name)
        if dataset.trigger:
            told.setdefault("trigger", dataset.trigger)
        if tuned := for_target(dataset.profile or ""):
            told.setdefault("prompt", tuned.name)
    return told

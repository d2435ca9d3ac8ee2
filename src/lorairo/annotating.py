"""Models over the images of a view: annotators say something, scorers give numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from lorairo import images
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.prompting import asked_for, facts_source
from lorairo.quoting import Quoting
from lorairo.services.wishes import wishes_of
from lorairo.store import embeddings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image as PILImage
    from sqlalchemy import Connection

    from lorairo.inference.specs import ModelSpec
    from lorairo.jobs import Job
    from lorairo.view import View

    Models = str | Path | Sequence[str | Path] | Mapping[str, Callable[[PILImage.Image], Any]]


def embedder_number(connection: Connection, view: View, spec: ModelSpec) -> int:
    """Return the id of the embedder of this name that ran last in the project of a view.

    Raises
    ------
    NotFoundError
        When none has.
    """
    number = embeddings.newest(connection, spec.provider, spec.name)
    if number is None:
        raise NotFoundError(
            f"{spec.name} has placed no image of {view.project.name}: view.annotate([{spec.name!r}]) does"
        )
    return number


class Annotating(Quoting):
    """Mixed into `View`: runs of models."""

    def annotate(
        self,
        models: Models,
        *,
        version: str = "1",
        background: bool = True,
        batch: int | bool | None = None,
        floor: float = 0.001,
        parameters: Mapping[str, Any] | None = None,
        budget: float | None = None,
        refused: str = "skip",
        unknown: str = "skip",
        withhold: str | Sequence[str] = (),
        progress: Callable[[Any], None] | None = None,
    ) -> Job:
        """Run models over the view; answers stream in, what was answered before is not asked again.

        Parameters
        ----------
        models
            Ids from ``lr.models()``, ``provider/model``, or a local folder that holds a model. Or functions
            by name: each takes a PIL image (upright, sRGB) and returns a caption, a list of tags, or a
            mapping of tags to scores.
        version
            Of the functions; change it when one changes.
        background
            Return at once with the running job; otherwise run in this cell until done.
        batch
            Images per model call; by default ``limits.batch_size``, or what suits the model and its device.
            True for the batch API of a service: answers within a day, for half the price.
        floor
            Lowest score that is kept as evidence.
        parameters
            Of models that answer in words, instead of what their rows say: ``prompt``, ``system``,
            ``max_new_tokens``, ``num_beams``, ``temperature``, ``top_p``, ``min_pixels``, ``max_pixels``.
            What was asked otherwise is another answer, and both are kept. Services take ``prompt`` (a name
            from ``lr.prompts()``, a target such as ``flux``, or a text), ``trigger``, ``omit`` (what captions
            leave out: ``character``, ``style``, ``concept``), ``max_tokens``, ``temperature``, ``effort``,
            ``detail``, ``long_edge``; and ``dataset``, whose trigger and target count where none is named.
        budget
            USD that a run of services stops before; ``view.quote(models)`` says what it will take.
        refused
            ``"send"`` to send pictures again that the model refused before; they are left out otherwise.
        unknown
            ``"send"`` to send pictures again that were under way when a kernel died; nobody knows whether
            those were answered, and paid for.
        withhold
            Ratings whose pictures are not sent to services, such as ``"explicit"``; run a model that rates
            on this machine first.
        progress
            Called with each progress of the job.

        Returns
        -------
        Job
            ``wait()``, ``cancel()``, ``resume()``, ``progress``, ``errors``; can be awaited.
        """
        told: dict[str, Any] = {"background": background, "floor": floor}
        told["parameters"] = asked_for(cast("View", self).project, parameters)
        told["batch"] = None if isinstance(batch, bool) else batch
        told["wishes"] = wishes_of(
            budget=budget,
            refused=refused,
            unknown=unknown,
            withhold=(withhold,) if isinstance(withhold, str) else tuple(withhold),
            batch=batch is True,
        )
        told["facts"] = facts_source(cast("View", self).project)
        return self._run("annotate", models, version=version, progress=progress, **told)

    def score(
        self,
        scorers: Models,
        *,
        version: str = "1",
        background: bool = True,
        batch: int | None = None,
        progress: Callable[[Any], None] | None = None,
    ) -> Job:
        """Give the images of the view numbers that searches, columns and histograms know by name.

        Parameters
        ----------
        scorers
            Ids from ``lr.models()``, or functions by name, ``{"warmth": fn}``: each takes a PIL image
            (upright, sRGB) and returns a number.
        version
            Of the functions; change it when one changes.
        background, batch, progress
            As of `annotate`.

        Returns
        -------
        Job
            As of `annotate`. An image that a function failed on is in its ``errors``; the others go on.
        """
        told: dict[str, Any] = {"background": background, "batch": batch}
        return self._run("score", scorers, version=version, progress=progress, **told)

    def embeddings(self, model: str | Path) -> pd.DataFrame:
        """Return where images lie in the space of an embedder: alike ones lie near each other.

        Parameters
        ----------
        model
            What ``view.annotate`` took; where it ran in several revisions, those of the last one.

        Returns
        -------
        pandas.DataFrame
            float32, one row per image in the order of the view, one column per dimension; images without an
            embedding are left out. ``view.embeddings(model).to_numpy()`` is the matrix; rows have length 1,
            so its product with its transpose holds the cosines.

        Raises
        ------
        NotFoundError
            When no embedder of this name has run here.
        """
        from lorairo.inference.registry import find  # noqa: PLC0415 - models load on use

        view = cast("View", self)
        spec = find(model)
        with view.project.database.read() as connection:
            number = embedder_number(connection, view, spec)
            ids, places = embeddings.vectors(connection, number, view.ids)
        order = view.ids[np.isin(view.ids, ids)]
        index = pd.Index(order, name="image_id")
        return pd.DataFrame(places[np.searchsorted(ids, order)], index=index)

    def __setitem__(self, name: str, function: Callable[[PILImage.Image], float]) -> None:
        """Score with a function in the cell: ``view["warmth"] = fn``."""
        self.score({name: function}, background=False)

    def _run(
        self,
        kind: str,
        models: Models,
        *,
        version: str,
        progress: Callable[[Any], None] | None,
        **options: Any,
    ) -> Job:
        from lorairo.inference import run  # noqa: PLC0415 - models load on use

        view = cast("View", self)
        project = view.project
        project.writable()
        if isinstance(models, Mapping):
            config = project.config
            limits = images.Limits(config.max_bytes, config.max_pixels)
            given: list[Any] = list(run.functions(models, version, limits, kind=kind))
        else:
            given = [models] if isinstance(models, str | Path) else list(models)
        if not given:
            raise ArgumentError("name at least one model; lr.models() lists them")
        return run.annotate(
            project.database,
            project.originals.each,
            view.ids,
            given,
            author=project.author,
            kind=kind,
            progress=project.showing(progress),
            **options,
        )

"""Jobs that run models over images: from what was asked to a `Job`, and going on with one."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lorairo import keys
from lorairo.errors import ArgumentError, JobError, ModelError
from lorairo.inference.fetching import fetched
from lorairo.inference.functions import FunctionAnnotator, FunctionScorer, spec_of
from lorairo.inference.loading import SHIPPED, Loader
from lorairo.inference.pipeline import Pipeline
from lorairo.inference.registry import find, obstacle
from lorairo.jobs import Job, Progress, live
from lorairo.jobs.rows import alive, here
from lorairo.services import batches
from lorairo.services import run as services
from lorairo.services.budget import check_prices
from lorairo.services.endpoint import endpoint_of
from lorairo.services.offered import takes_batches
from lorairo.services.wishes import Wishes, wishes_of
from lorairo.store import evidence, jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from lorairo.images import Limits
    from lorairo.inference.functions import Function
    from lorairo.inference.loading import Model
    from lorairo.inference.pipeline import ImageSource
    from lorairo.inference.specs import ModelSpec
    from lorairo.jobs import Step
    from lorairo.services.run import FactsSource
    from lorairo.store import Database

KIND, SCORE = "annotate", "score"
KINDS = (KIND, SCORE)
"""Kinds of jobs that run models."""

_starting = threading.Lock()

_GIVES = {
    KIND: ("tagger", "captioner", "annotator", "embedder", "vlm_api"),
    SCORE: ("scorer",),
}
_VERB = {KIND: "view.annotate", SCORE: "view.score"}


def verb_of(kind: str) -> str | None:
    """Return which of `KINDS` runs models of a kind; None where no job does."""
    return next((verb for verb, kinds in _GIVES.items() if kind in kinds), None)


@dataclass(frozen=True)
class Given:
    """A model that is here already, such as a function."""

    spec: ModelSpec
    model: Model


def functions(
    named: Mapping[str, Function], version: str, limits: Limits, *, kind: str = KIND
) -> list[Given]:
    """Return functions of a picture as what `annotate` runs.

    Parameters
    ----------
    named
        Functions under the name of what they give.
    version
        Stored with the answers: what a function of this version has answered is not asked again.
    limits
        Largest picture that is decoded.
    kind
        `KIND` or `SCORE`.
    """
    if kind == SCORE:
        return [
            Given(spec_of(name, "scorer"), FunctionScorer(name, function, version, limits))
            for name, function in named.items()
        ]
    return [
        Given(spec_of(name, "annotator"), FunctionAnnotator(name, function, version, limits))
        for name, function in named.items()
    ]


def annotate(
    database: Database,
    image_source: ImageSource,
    ids: NDArray[np.int64],
    models: Sequence[str | Path | Given],
    *,
    author: str,
    kind: str = KIND,
    background: bool = True,
    batch: int | None = None,
    floor: float = evidence.FLOOR,
    parameters: Mapping[str, Any] | None = None,
    facts: FactsSource | None = None,
    wishes: Wishes | None = None,
    progress: Callable[[Progress], Any] | None = None,
) -> Job:
    """Run models over images; what the same model has answered with the same parameters is not asked again.

    Parameters
    ----------
    database
        Where evidence and the tags that follow from it are written.
    image_source
        Gives the bytes of images by id, or why they cannot be read; called from several threads.
    ids
        Images.
    models
        Ids from ``lr.models()``, ``local/name``, model folders or functions; run one after the other.
    author
        Who asked.
    kind
        `KIND`, or `SCORE` for models that give numbers.
    background
        Return at once; otherwise when it has ended.
    batch
        Pictures per run of the network; by default ``limits.batch_size``, or what suits the device.
    floor
        Lowest score kept, 0..1; see ``docs/decisions/0002-packed-evidence.md``.
    parameters
        How models that answer in words are asked, instead of what their rows say.
    facts
        Gives what prompts say of images; needed by services.
    wishes
        What a run of services may do.
    progress
        Called at most five times a second, and at the end.

    Returns
    -------
    Job
        Started, or ended.

    Raises
    ------
    NotFoundError
        When there is no such model.
    ModelError
        When it cannot run here; the message says what to do.
    """
    if not 0 <= floor < 1:
        raise ArgumentError(f"floor={floor} means nothing: scores lie between 0 and 1")
    if batch is not None and batch < 1:
        raise ArgumentError(f"batch={batch} means nothing: give 1 or more, or None for what suits the device")
    given = _asked(
        [model if isinstance(model, Given) else _runnable(model, kind) for model in models], parameters
    )
    names = [model.spec.name if isinstance(model, Given) else str(model) for model in models]
    wishes = wishes or Wishes()
    _only_of_services(given, wishes)
    _at_once(given, wishes)
    _affordable(given, wishes)
    asked = {"models": names, "batch": batch, "floor": floor, "parameters": dict(parameters or {})}
    asked["wishes"] = wishes.model_dump(mode="json", exclude_defaults=True)
    job = _job(database, image_source, ids, given, asked, author=author, kind=kind, facts=facts)
    if not any(not isinstance(one, Given) and one.service for one in given):
        return _started(job, progress, background=background)
    # Services are paid: who clicks twice means it once.
    with _starting if background else contextlib.nullcontext():
        twin = next((one for one in live(database) if one.asks_as(job) and one.state == "running"), None)
        if twin is None:
            return _started(job, progress, background=background)
    return twin if background else twin.wait()


def _started(job: Job, progress: Callable[[Progress], Any] | None, *, background: bool) -> Job:
    if progress is not None:
        job.changed.connect(progress)
    return job.start(background=background)


def resume(
    database: Database,
    image_source: ImageSource,
    job_id: int,
    *,
    background: bool = True,
    facts: FactsSource | None = None,
    changed: Mapping[str, Any] | None = None,
    progress: Callable[[Progress], Any] | None = None,
) -> Job:
    """Go on with a job of an earlier kernel; one that runs here is returned as it is.

    Parameters
    ----------
    changed
        Wishes that are others from now on, such as the budget.

    Raises
    ------
    NotFoundError
        When there is no such job.
    JobError
        When it runs in another kernel.
    ModelError
        When a model of it is gone, or cannot run here.
    """
    with database.read() as connection:
        row = jobs.job(connection, job_id)
    if running := next((job for job in live(database) if job.id == job_id), None):
        return running
    if alive(row) and not here(row):
        raise JobError(f"job {job_id} runs in another kernel: cancel it there, or wait for it")
    kind, parameters = row["kind"], row["parameters"]
    if kind not in KINDS:
        raise ArgumentError(f"job {job_id} is of the kind {kind!r}: only runs of models can be resumed here")
    if parameters.get("functions"):
        raise ArgumentError(
            f"job {job_id} ran functions of another kernel: make the same call again, "
            "what they answered is not asked again"
        )
    asked = {key: parameters.get(key) for key in ("models", "batch", "floor", "parameters")}
    wishes = wishes_of(**{**parameters.get("wishes", {}), **(changed or {})})
    asked["wishes"] = wishes.model_dump(mode="json", exclude_defaults=True)
    given = _asked([_runnable(model, kind) for model in asked["models"]], asked["parameters"])
    _affordable(given, Wishes.model_validate(asked["wishes"]))
    job = _job(
        database,
        image_source,
        row["images"],
        given,
        asked,
        author=row["author"],
        kind=kind,
        facts=facts,
        row=job_id,
    )
    return _started(job, progress, background=background)


def _asked(
    given: Sequence[ModelSpec | Given], parameters: Mapping[str, Any] | None
) -> list[ModelSpec | Given]:
    """Give parameters to those models that are asked in words."""
    if not parameters:
        return list(given)
    if not any(not isinstance(one, Given) and one.in_words for one in given):
        names = ", ".join(one.spec.id if isinstance(one, Given) else one.id for one in given)
        raise ArgumentError(f"{names} takes no parameters: they are for models that answer in words")
    return [one if isinstance(one, Given) or not one.in_words else one.asked(parameters) for one in given]


def _only_of_services(given: Sequence[ModelSpec | Given], wishes: Wishes) -> None:
    """Refuse wishes that no model here could follow."""
    if wishes == Wishes() or any(not isinstance(one, Given) and one.service for one in given):
        return
    named = ", ".join(wishes.model_dump(exclude_defaults=True))
    raise ArgumentError(f"{named} is for models that others run: none of these is one")


def _at_once(given: Sequence[ModelSpec | Given], wishes: Wishes) -> None:
    """Refuse to hand questions over together where the service does not take them so."""
    for one in given if wishes.batch else ():
        if isinstance(one, Given) or one.service is None:
            continue
        if not takes_batches(one.provider, one.service):
            raise ModelError(f"{one.id} takes no batches: leave batch=True out")


def wanted(models: Sequence[str | Path], parameters: Mapping[str, Any] | None = None) -> list[ModelSpec]:
    """Return models as `annotate` would ask them, whether they can run here or not.

    Raises
    ------
    NotFoundError
        When there is no such model.
    ModelError
        When one does not annotate.
    """
    specs = _asked([_fitting(find(model), KIND) for model in models], parameters)
    return [one.spec if isinstance(one, Given) else one for one in specs]


def _affordable(given: Sequence[ModelSpec | Given], wishes: Wishes) -> None:
    """Refuse a budget that could not be kept."""
    asked = [one for one in given if not isinstance(one, Given) and one.service]
    check_prices([(one.provider, one.name) for one in asked], wishes)


def _runnable(model: str | Path, kind: str) -> ModelSpec:
    spec = find(model)
    if spec.service is not None:
        keys.forget()  # whoever was told that there is no key may have put one there
    why_not, remedy = obstacle(spec)
    if why_not:
        raise ModelError(f"{spec.name} cannot run here: {why_not}. {remedy}")
    return _fitting(spec, kind)


def _fitting(spec: ModelSpec, kind: str) -> ModelSpec:
    if spec.kind not in _GIVES[kind]:
        other = next((verb for name, verb in _VERB.items() if spec.kind in _GIVES[name]), None)
        does = f": {other}([{spec.name!r}]) runs it" if other else ""
        raise ModelError(f"{spec.name} is of the kind {spec.kind!r}, which {_VERB[kind]} does not run{does}")
    return spec


def _job(
    database: Database,
    source: ImageSource,
    ids: NDArray[np.int64],
    given: Sequence[ModelSpec | Given],
    asked: dict[str, Any],
    *,
    author: str,
    kind: str,
    facts: FactsSource | None,
    row: int | None = None,
) -> Job:
    specs = [one.spec if isinstance(one, Given) else one for one in given]
    wishes = Wishes.model_validate(asked["wishes"])

    def work() -> Generator[Step]:
        at_once: list[Generator[Step]] = []
        for one, spec in zip(given, specs, strict=True):
            model = one.model if isinstance(one, Given) else None
            if model is None and spec.service is not None:
                steps = (batches if wishes.batch else services).steps(
                    database,
                    source,
                    facts,
                    ids,
                    model=spec.name,
                    service=spec.service,
                    endpoint=endpoint_of(spec.provider, spec.backend, database.folder),
                    wishes=wishes,
                    job_id=job.id,
                    stopping=lambda: job.state == "stopping",
                )
                if wishes.batch:
                    at_once.append(steps)  # handed over together, waited for together, after all others
                else:
                    yield from steps
                continue
            here = model is not None or spec.backend not in SHIPPED
            weights = None if here else (yield from fetched(spec))
            if spec.head is not None:
                yield from fetched(find(spec.head.over))  # told of as it comes; the loader finds it here
            loader = Loader(spec, model, weights)
            pipeline = Pipeline(database, source, loader, asked["batch"], asked["floor"])
            try:
                yield from pipeline.steps(ids)
            except Exception:
                loader.drop()
                raise
        if at_once:
            yield from batches.together(database, job.id, at_once)

    told = {"names": [spec.name for spec in specs], "functions": any(isinstance(one, Given) for one in given)}
    job = Job(
        database,
        work,
        kind=kind,
        label=", ".join(spec.id for spec in specs),
        parameters={**asked, **told},
        images=ids,
        total=len(ids) * len(specs),
        author=author,
        row=row,
    )
    return job

"""What the model picker asks for: models, the images, how they are asked; as lines of code and as runs."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lorairo.inference import registry, run
from lorairo.services.wishes import wishes_of
from lorairo.store import evidence
from lorairo.widgets.wire import WireError

if TYPE_CHECKING:
    from lorairo.inference.specs import ModelSpec
    from lorairo.jobs import Job
    from lorairo.services.quote import Quote
    from lorairo.services.wishes import Wishes
    from lorairo.view import View
    from lorairo.widgets.session import Session


@dataclass(frozen=True)
class Call:
    """One call of a verb of a view, which is one job.

    Attributes
    ----------
    verb
        ``annotate`` or ``score``.
    models
        What the verb takes, and what the job is called.
    options
        Named arguments.
    sends
        Whether services are asked.
    """

    verb: str
    models: list[str]
    label: str
    options: dict[str, Any]
    sends: bool = False

    def code(self, view: str) -> str:
        """Return it as a line of code."""
        options = "".join(f", {name}={_literal(value)}" for name, value in self.options.items())
        return f"{view}.{self.verb}({_literal(self.models)}{options})"

    def start(self, view: View) -> Job:
        """Return the running job."""
        job: Job = getattr(view, self.verb)(self.models, **self.options)
        return job

    def quote(self, view: View) -> Quote:
        """Return what it would send and take."""
        return view.quote(
            self.models, **{name: value for name, value in self.options.items() if name != "budget"}
        )


@dataclass(frozen=True)
class Asked:
    """Models that are to run, as the browser named them.

    Attributes
    ----------
    names
        Ids of ``lr.models()``, or folders.
    batch, floor
        Images per model call, and the lowest score kept; None for what `lorairo.view.View.annotate` takes.
    parameters
        Other ways to ask, by model.
    wishes
        What a run of services may do.
    """

    names: list[str]
    batch: int | None = None
    floor: float | None = None
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=wishes_of)

    @classmethod
    def of(cls, payload: dict[str, Any]) -> Asked:
        """Read a request."""
        names, options = payload.get("models"), payload.get("options") or {}
        if not isinstance(names, list) or not names:
            raise WireError("the models of a run are a list with at least one of them")
        batch, floor = options.get("batch"), options.get("floor")
        return cls(
            [str(name) for name in names],
            None if batch is None else int(batch),
            None if floor is None else float(floor),
            {str(name): dict(given) for name, given in (options.get("parameters") or {}).items() if given},
            wishes_of(**dict(options.get("wishes") or {})),
        )

    def specs(self) -> list[ModelSpec]:
        """Return the rows of the models, as they are to be asked."""
        found = [registry.find(name) for name in self.names]
        given = [self.parameters.get(name) for name in self.names]
        return [spec.asked(way) if way else spec for spec, way in zip(found, given, strict=True)]

    @property
    def lowest(self) -> float:
        """The lowest score that is kept."""
        return evidence.FLOOR if self.floor is None else self.floor

    def calls(self) -> list[Call]:
        """Return the calls that run them, services last; one asked in its own way has its own call."""
        together: dict[tuple[str, bool], list[tuple[str, ModelSpec]]] = {}
        alone: list[Call] = []
        for name, spec in zip(self.names, self.specs(), strict=True):
            verb = run.verb_of(spec.kind)
            if verb is None:
                raise WireError(f"{spec.name} is of the kind {spec.kind!r}, which no run here takes")
            if way := self.parameters.get(name):
                alone.append(self._call(verb, [(name, spec)], parameters=way))
            else:
                together.setdefault((verb, spec.service is not None), []).append((name, spec))
        calls = [*(self._call(verb, some) for (verb, _), some in together.items()), *alone]
        return sorted(calls, key=lambda call: (call.sends, run.KINDS.index(call.verb)))

    def _call(self, verb: str, models: list[tuple[str, ModelSpec]], **more: Any) -> Call:
        sends = models[0][1].service is not None
        if sends:
            wishes = self.wishes.model_dump(exclude_defaults=True)
            given = {
                name: list(value) if isinstance(value, tuple) else value for name, value in wishes.items()
            }
        else:
            given = {"batch": self.batch, "floor": self.floor if verb == run.KIND else None}
        options = {name: value for name, value in given.items() if value is not None} | more
        label = ", ".join(spec.id for _, spec in models)
        return Call(verb, [name for name, _ in models], label, options, sends)


def target_of(session: Session, payload: dict[str, Any]) -> tuple[View, str]:
    """Return the view a request is about, and what a cell calls it."""
    view, target = session.view, payload.get("target")
    if target == "selected":
        return view.selected, "view.selected"
    if target == "shown":
        return view.shown, "view.shown" if view.lens.query else "view"
    raise WireError(f'models run on what is "shown" or "selected", not on {target!r}')


def start(view: View, calls: list[Call]) -> Job:
    """Start the first call; each other one follows when the one before is done, unless that was stopped."""
    job, rest = calls[0].start(view), calls[1:]
    view.project.showing()(job.progress)  # at once: files may be fetched for minutes before the first batch
    if not rest:
        return job
    # Those of now, whatever is searched for meanwhile.
    images: View = view.project.view(everything=True)[view.ids]
    started = threading.Lock()

    def go_on(*_: object) -> None:
        if job.state == "done" and started.acquire(blocking=False):
            start(images, rest)

    job.changed.connect(go_on)
    go_on()  # it may have ended before anybody listened
    return job


def _literal(value: Any) -> str:
    """Write a value as Python has it; texts in double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

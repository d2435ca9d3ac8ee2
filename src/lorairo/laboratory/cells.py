"""The cells of a laboratory: each is one prompt and one model, and knows how to run over any view."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.captions.pieces import Facts
from lorairo.errors import ArgumentError
from lorairo.inference.registry import find, obstacle
from lorairo.plaintext import printable
from lorairo.services.prompts import Prompt, filled, prompt_of
from lorairo.store import evidence, trials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lorairo.inference.specs import ModelSpec
    from lorairo.jobs import Job
    from lorairo.services.quote import Quote
    from lorairo.view import View

    Prompts = Sequence[str | Prompt] | Mapping[str, str]

_DIGITS = 12


@dataclass(frozen=True, eq=False)
class Cell:
    """One prompt, asked of one model.

    Attributes
    ----------
    prompt
        What is asked.
    model
        What ``view.annotate`` takes.
    parameters
        Exactly what it is asked with: ``view.annotate([cell.model], parameters=cell.parameters)`` is the
        same question.
    label
        What the prompt is called here.
    key
        A digest of model, prompt and parameters: what preferences are kept under.
    """

    prompt: Prompt
    model: str
    parameters: Mapping[str, Any] = field(repr=False)
    label: str
    spec: ModelSpec = field(repr=False)
    key: str = field(repr=False)

    @property
    def name(self) -> str:
        """Prompt and model, in words."""
        return f"{self.label} · {self.spec.id}"

    @property
    def obstacle(self) -> str:
        """What keeps its model from being asked here, and what helps; empty where nothing does."""
        why_not, remedy = obstacle(self.spec)
        return f"{why_not}. {remedy}".strip() if why_not else ""

    @property
    def free(self) -> bool:
        """Whether nobody is paid for it."""
        return self.spec.service is None

    def annotate(self, view: View, **wishes: Any) -> Job:
        """Ask about the images of a view; what was answered in the laboratory is not asked again.

        Where several models, or prompts, captioned an image, the answer that came last is the caption in
        force: answers of this cell that are there already count as the last ones from now on.

        Parameters
        ----------
        view
            The images.
        wishes
            As of ``view.annotate``, such as ``budget=2.00``.
        """
        if "parameters" in wishes:
            raise ArgumentError("a cell has parameters of its own: make another laboratory for others")
        view.project.writable()
        with view.project.database.read() as c:
            numbers = self.numbers(c)
        if numbers:
            trials.say_last(view.project.database, numbers, view.ids)
        return view.annotate([self.model], parameters=dict(self.parameters), **wishes)

    def quote(self, view: View, **wishes: Any) -> Quote:
        """Say what `annotate` would send and take; as of ``view.quote``."""
        return view.quote([self.model], parameters=dict(self.parameters), **wishes)

    def number(self, c: Connection, **more: str) -> int | None:
        """Return the row of the model, asked so; None where it never was."""
        spec = self.spec
        parameters = spec.parameters(evidence.FLOOR) | more
        return evidence.known_model_id(c, spec.provider, spec.name, None, parameters)

    def numbers(self, c: Connection) -> list[int]:
        """Return its row and those of further caption variants."""
        rows = [self.number(c), *(self.number(c, variant=variant) for variant in self.prompt.captions)]
        return [row for row in rows if row is not None]

    def __str__(self) -> str:
        return printable(self.name)


def cells_of(
    prompts: Prompts, models: Sequence[str | Path], parameters: Mapping[str, Any] | None
) -> tuple[Cell, ...]:
    """Return the cells of prompts and models, prompt by prompt.

    Parameters
    ----------
    prompts
        Names of prompts, texts of one's own, or `Prompt`; or texts by the name they go by.
    models
        What ``view.annotate`` takes.
    parameters
        Other ways to ask: for all models, or by model.

    Raises
    ------
    ArgumentError
        When a model takes no prompt, or one cell would stand there twice.
    """
    asked = _prompts(prompts)
    if isinstance(models, str | Path):
        models = [models]
    if not asked or not models:
        raise ArgumentError("a laboratory compares at least one prompt and one model")
    names = [prompt.name for prompt in asked]
    cells = []
    for prompt in asked:
        once = names.count(prompt.name) == 1
        label = prompt.name if once else f"{prompt.name} {prompt.version}"
        cells += [_cell(prompt, label, model, parameters or {}, models) for model in models]
    keys = [cell.key for cell in cells]
    if twice := next((cell for cell in cells if keys.count(cell.key) > 1), None):
        raise ArgumentError(f"{twice} stands there twice: name each prompt and each model once")
    return tuple(cells)


def _prompts(given: Prompts) -> list[Prompt]:
    if isinstance(given, str | Prompt):
        given = [given]
    if isinstance(given, Mapping):
        return [
            Prompt(name=name, version=hashlib.sha256(text.encode()).hexdigest()[:_DIGITS], text=text)
            for name, text in given.items()
        ]
    return [prompt if isinstance(prompt, Prompt) else prompt_of(prompt) for prompt in given]


def _cell(
    prompt: Prompt, label: str, model: str | Path, parameters: Mapping[str, Any], models: Sequence[str | Path]
) -> Cell:
    spec = find(model)
    if not spec.in_words:
        raise ArgumentError(
            f"{spec.id} takes no prompt: a laboratory compares models that answer in words, "
            "such as captioners and services"
        )
    named = {str(each) for each in models}
    told = {name: value for name, value in parameters.items() if name not in named}
    trigger = ""
    if spec.service is None:
        trigger = told.pop("trigger", "")  # a word that prompts of services take
    told |= parameters.get(str(model), {})
    told |= _words(prompt, spec, trigger)
    asked = spec.asked(told)
    identity = json.dumps([asked.key, asked.parameters(evidence.FLOOR)], sort_keys=True)
    key = hashlib.sha256(identity.encode()).hexdigest()[:_DIGITS]
    return Cell(prompt, str(model), told, label, asked, key)


def _words(prompt: Prompt, spec: ModelSpec, trigger: str) -> dict[str, Any]:
    """Return how a model is told a prompt; one on this machine is told the same of every picture.

    Lines that say something of a picture are left out for it.
    """
    if spec.service is not None:
        return {"prompt": prompt.model_dump(mode="json")}
    facts = Facts(trigger=trigger)
    text = filled(prompt.text, facts)
    if not text:
        raise ArgumentError(
            f"the prompt {prompt.name!r} says something else of every picture, and {spec.id} is told the "
            "same of all: take the pieces in braces out, or ask a service"
        )
    return {"prompt": text} | ({"system": filled(prompt.system, facts)} if prompt.system else {})

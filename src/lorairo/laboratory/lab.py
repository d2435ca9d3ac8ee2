"""The prompt laboratory: prompts by models on a few images, compared blind, then run over all of them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.captions.phrases import chosen
from lorairo.datasets import dataset_for
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.keywords import checked_class
from lorairo.laboratory import figures
from lorairo.laboratory.ballots import CHOICES, Ballot, Standing, ballots, pairs_of, standings
from lorairo.laboratory.cells import cells_of
from lorairo.laboratory.reading import Reply, replies
from lorairo.laboratory.running import Trial
from lorairo.laboratory.sampling import spread
from lorairo.plaintext import markup, printable
from lorairo.services.quote import Quote
from lorairo.store import trials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from lorairo.jobs import Job
    from lorairo.laboratory.ballots import Choice
    from lorairo.laboratory.cells import Cell, Prompts
    from lorairo.services.prompts import Prompt
    from lorairo.view import View


@checked_class
class Laboratory:
    """Prompts by models on a sample of a view. Made by ``view.prompt_lab(...)``.

    Answers are evidence of the project like any other, and votes are kept with it: the same call in another
    kernel finds the same images, answers and votes.

    Attributes
    ----------
    source
        The view it was made from.
    cells
        One for each prompt and model, prompt by prompt.
    dataset
        Whose target and trigger the figures are by, or None.
    """

    def __init__(
        self,
        source: View,
        prompts: Prompts,
        models: Sequence[str | Path],
        *,
        sample: int = 12,
        seed: int = 0,
        parameters: Mapping[str, Any] | None = None,
        dataset: str | None = None,
    ) -> None:
        if sample < 1:
            raise ArgumentError(f"sample={sample} means nothing: a laboratory looks at one image or more")
        self.source = source
        told = dict(parameters or {})
        named = told.pop("dataset", dataset)
        self.dataset = dataset_for(source) if named is None else source.project.dataset(named)
        if named is not None and self.dataset is not None and self.dataset.trigger:
            told.setdefault("trigger", self.dataset.trigger)
        self.cells = cells_of(prompts, models, told)
        self._seed = seed
        self.view: View = source.project.view(everything=True)[self._drawn(sample)]
        """The images it looks at."""

    def _drawn(self, count: int) -> np.ndarray:
        """Return the sample: the one that was drawn before, as answers change what a new one would go by."""
        source, project = self.source, self.source.project
        images = source.expression or hashlib.sha256(np.sort(source.ids).tobytes()).hexdigest()
        name = hashlib.sha256(f"{count}|{self._seed}|{images}".encode()).hexdigest()[:16]
        with project.database.read() as c:
            kept = np.array(trials.sample(c, name) or [], dtype=np.int64)
        index, snapshot = source.held()
        if len(kept) and len(kept) >= min(count, len(snapshot)) and np.isin(kept, index.ids).all():
            return kept
        drawn = index.ids[spread(index, snapshot.positions, count, self._seed)]
        if len(drawn) and not project.readonly:
            trials.keep_sample(project.database, name, drawn.tolist())
        return drawn

    # ------------------------------------------------------------------------------------- its cells

    def cell(self, prompt: str | Prompt, model: str | None = None) -> Cell:
        """Return the cell of a prompt and a model.

        Parameters
        ----------
        prompt
            Its name; with the version after a blank where several are called so.
        model
            May be left out where there is only one.

        Raises
        ------
        NotFoundError
            When the laboratory has none; those it has are named.
        """
        named = prompt if isinstance(prompt, str) else f"{prompt.name} {prompt.version}"
        found = [
            cell
            for cell in self.cells
            if named in {cell.label, cell.prompt.name, f"{cell.prompt.name} {cell.prompt.version}"}
            and model in {None, cell.model, cell.spec.id, cell.spec.key}
        ]
        if len(found) != 1:
            problem = "several cells fit" if found else "no cell is"
            there = ", ".join(cell.name for cell in found or self.cells)
            raise NotFoundError(f"{problem} {printable(named)!r} by {model or 'any model'}: {there}")
        return found[0]

    def of_key(self, key: str) -> Cell:
        """Return the cell of a key."""
        found = next((cell for cell in self.cells if cell.key == key), None)
        if found is None:
            raise NotFoundError(f"this laboratory has no cell {key!r}")
        return found

    @property
    def prompts(self) -> list[Prompt]:
        """What is asked, in order."""
        return list(dict.fromkeys(cell.prompt for cell in self.cells))

    # ------------------------------------------------------------------------------------- asking

    def quote(self, **wishes: Any) -> Quote:
        """Say what `run` would send and take, in total and by cell; nothing is sent.

        Parameters
        ----------
        wishes
            As of ``view.quote``: ``refused``, ``unknown``, ``withhold``.
        """
        told = {cell.name: cell.quote(self.view, **({} if cell.free else wishes)) for cell in self.cells}
        parts = [replace(quote.models[0], id=name) for name, quote in told.items()]
        return Quote.of(len(self.view), parts)

    def run(self, *, budget: float | None = None, background: bool = True, **wishes: Any) -> Trial:
        """Ask every cell about the sample, one after the other; what is answered is not asked again.

        Parameters
        ----------
        budget
            USD that all of them together stop before.
        background
            Return at once; otherwise when all have ended.
        wishes
            As of ``view.annotate``, for services: ``refused``, ``unknown``, ``withhold``.

        Returns
        -------
        Trial
            ``wait()``, ``cancel()``, ``state``, ``jobs``, ``spent``, ``problems``.
        """
        self.source.project.writable()
        return Trial(self.cells, self.view, budget, wishes).start(background=background)

    def annotate(self, view: View, cell: Cell, **wishes: Any) -> Job:
        """Ask about the images of a view with exactly what a cell was asked with; see `Cell.annotate`."""
        if cell not in self.cells:
            raise ArgumentError(f"{cell} is no cell of this laboratory")
        return cell.annotate(view, **wishes)

    # ------------------------------------------------------------------------------------- what came of it

    @property
    def replies(self) -> list[Reply]:
        """What became of each image in each cell, cell by cell."""
        found = self._replies()
        return [found[cell.key, image_id] for cell in self.cells for image_id in self.view.ids.tolist()]

    def _replies(self) -> dict[tuple[str, int], Reply]:
        return replies(self.source.project.database, self.cells, self.view.ids)

    @property
    def measuring(self) -> figures.Measuring:
        """How texts are measured here."""
        about, config = self.dataset, self.source.project.config
        profile = None if about is None else about.profile
        trigger = "" if about is None else about.trigger or ""
        banned = chosen(None, config.banned_phrases)
        return figures.Measuring(profile, trigger, banned, config.tokenizer)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per image, cell and caption variant.

        ``image_id``, ``prompt``, ``version``, ``model``, ``variant``, ``text``; ``ending``: answered,
        refused, failed, left out or not asked; ``tokens`` of the target's encoder with its ``limit``,
        ``words``, ``lint``; ``cost`` in USD and ``seconds``, which stand with the first variant.
        """
        return figures.frame(self.replies, self.measuring)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Return the figures of each cell by its key."""
        found, measuring, standing = self._replies(), self.measuring, self.standings()
        ids = self.view.ids.tolist()
        return {
            cell.key: figures.figures(
                cell, [found[cell.key, image_id] for image_id in ids], measuring, standing[cell.key]
            )
            for cell in self.cells
        }

    def summary(self) -> pd.DataFrame:
        """Return one row per prompt and model.

        Images answered, refused and failed; median ``tokens`` and ``words``; ``over``: the share over the
        encoder's limit; how many texts each rule of the lint found; cost per 1,000 images in USD, NaN where a
        price is unknown; median seconds; the share of votes in which it was ``preferred``.
        """
        return figures.summary(self.cells, self.figures())

    # ------------------------------------------------------------------------------------- preferences

    def ballots(self, seed: int | None = None, *, all: bool = False) -> list[Ballot]:  # noqa: A002 - as it reads
        """Return pairs of answers without names, in random order; those that you voted on are left out.

        Parameters
        ----------
        seed
            Of the order; by default the laboratory's.
        all
            Give those too that you voted on.
        """
        drawn = ballots(
            self.cells, self.view.ids.tolist(), self._replies(), self._seed if seed is None else seed
        )
        if all:
            return drawn
        mine = self.choices(drawn)
        return [ballot for ballot in drawn if mine[ballot.id] is None]

    def choices(self, drawn: Sequence[Ballot]) -> dict[str, Choice | None]:
        """Return how the author voted on ballots, by their ids."""
        kept, author = self._votes(), self.source.project.author
        return {
            ballot.id: ballot.choice(kept.get(ballot.pair, {}).get(str(ballot.image_id), {}).get(author))
            for ballot in drawn
        }

    def prefer(self, ballot: Ballot, choice: Choice | None) -> None:
        """Keep a vote: ``"a"``, ``"b"``, ``"tie"`` or ``"neither"``; None takes it back.

        Votes are kept in the project, outside its history, and each author has one on each ballot.
        """
        if choice is not None and choice not in CHOICES:
            raise ArgumentError(f"a vote is one of {', '.join(CHOICES)}, not {choice!r}")
        project = self.source.project
        project.writable()
        won = None if choice is None else ballot.won(choice)
        trials.vote(project.database, ballot.pair, ballot.image_id, project.author, won)

    def _votes(self) -> dict[str, dict[str, dict[str, str]]]:
        with self.source.project.database.read() as c:
            return trials.votes(c, pairs_of(self.cells))

    def standings(self) -> dict[str, Standing]:
        """Return what the votes of everybody say of each cell, by its key."""
        return standings(self.cells, self.view.ids.tolist(), self._votes())

    @property
    def preferences(self) -> pd.DataFrame:
        """One row per cell, the best first: wins, losses, ties, neither, and the share of wins.

        ``low`` and ``high`` are the ends of its 95 % interval (Wilson).
        """
        return figures.preferences(self.cells, self.standings())

    @property
    def best(self) -> Cell:
        """The cell that is preferred: whose share of wins is surely the highest.

        By the lower end of the interval, so that one lucky vote does not win.

        Raises
        ------
        NotFoundError
            While nobody has preferred anything.
        """
        standing = self.standings()
        if not any(each.wins for each in standing.values()):
            raise NotFoundError(
                "nobody has preferred an answer yet: lr.PromptLab(lab) asks, or lab.prefer(lab.ballots()[0], "
                '"a"); a cell by name: lab.cell(prompt, model)'
            )
        return max(
            self.cells,
            key=lambda cell: (standing[cell.key].interval[0], standing[cell.key].share or 0.0),
        )

    # ------------------------------------------------------------------------------------- shown

    def __repr__(self) -> str:
        prompts = len(self.prompts)
        models = len({cell.model for cell in self.cells})
        asked = f"{prompts} prompt{'s' * (prompts != 1)} by {models} model{'s' * (models != 1)}"
        images = f"{len(self.view)} of {len(self.source):,} images in {printable(self.source.project.name)}"
        return f"<Laboratory of {asked} on {images}>"

    def still(self) -> str:
        """Return the figures as static HTML; all text is escaped."""
        table = self.summary().map(lambda value: markup(value) if isinstance(value, str) else value)
        html: str = table.to_html(escape=False, na_rep="", float_format="{:,.3g}".format, index=False)
        return f"<p>{markup(repr(self))}</p>{html}"

    def _ipython_display_(self) -> None:
        from lorairo.widgets.prompt_lab import PromptLab  # noqa: PLC0415 - widgets load on use

        PromptLab(self)._ipython_display_()

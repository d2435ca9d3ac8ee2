"""Requests of the prompt laboratory: ballots, votes, figures, answers, asking, and the run over all images.

Keep in sync: widgets/src/protocol/laboratory.ts.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.laboratory.ballots import CHOICES
from lorairo.laboratory.figures import TAGS
from lorairo.plaintext import literal
from lorairo.widgets.quoting import agreed
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.laboratory.ballots import Ballot
    from lorairo.laboratory.cells import Cell
    from lorairo.laboratory.lab import Laboratory
    from lorairo.laboratory.running import Trial
    from lorairo.services.quote import Quote
    from lorairo.widgets.session import Session

MAX_BALLOTS = 16  # texts in one reply


class _Bench:
    """A laboratory with the ballots that its page goes through, and the run it started."""

    def __init__(self, lab: Laboratory) -> None:
        self.lab = lab
        self._lock = threading.Lock()
        self._ballots: dict[str, Ballot] = {}
        self._trial: Trial | None = None

    def draw(self) -> list[Ballot]:
        """Return every ballot there is now."""
        drawn = self.lab.ballots(all=True)
        with self._lock:
            self._ballots = {ballot.id: ballot for ballot in drawn}
        return drawn

    def ballot(self, number: Any) -> Ballot:
        """Return a ballot that was drawn."""
        with self._lock:
            found = self._ballots.get(str(number))
        if found is None:
            raise WireError("the answers have changed since", kind="stale")
        return found

    def run(self, budget: float | None) -> Trial:
        """Ask all cells; pressed twice, it is one run."""
        with self._lock:
            if self._trial is None or self._trial.ended:
                self._trial = self.lab.run(budget=budget)
            return self._trial

    @property
    def running(self) -> bool:
        """Whether the run that was started here is under way."""
        return self._trial is not None and not self._trial.ended

    @property
    def problems(self) -> dict[str, str]:
        """What kept cells from being asked."""
        return {} if self._trial is None else dict(self._trial.problems)

    def stop(self) -> None:
        """Stop the run."""
        if self._trial is not None:
            self._trial.cancel()


def routes(session: Session, lab: Laboratory) -> dict[str, Route]:
    """Return the handlers, bound to a session and its laboratory."""
    bench = _Bench(lab)
    return {
        "lab.open": Route(partial(_open, session, bench)),
        "lab.ballots": Route(partial(_ballots, session, bench)),
        "lab.vote": Route(partial(_vote, session, bench), changes=True),
        "lab.figures": Route(partial(_figures, session, bench)),
        "lab.answers": Route(partial(_answers, session, bench)),
        "lab.quote": Route(partial(_quote, session, bench)),
        "lab.run": Route(partial(_run, session, bench), changes=True),
        "lab.stop": Route(partial(_stop, session, bench), changes=True),
        "lab.plan": Route(partial(_plan, session, bench)),
        "lab.use": Route(partial(_use, session, bench), changes=True),
    }


def _open(session: Session, bench: _Bench, _payload: dict[str, Any]) -> Answer:
    """Say which images and ballots there are, and how the author voted."""
    lab, drawn = bench.lab, bench.draw()
    mine = lab.choices(drawn)
    replies = lab.replies
    return Answer(
        {
            "version": session.version,
            "images": len(lab.view),
            "over": len(lab.source),
            "prompts": len(lab.prompts),
            "models": len({cell.model for cell in lab.cells}),
            "asked": sum(reply.ending != "not asked" for reply in replies),
            "questions": len(replies),
            "running": bench.running,
            "problems": bench.problems,
            "ballots": [
                {"id": ballot.id, "image": ballot.image_id, "choice": mine[ballot.id]} for ballot in drawn
            ],
            "paid": any(not cell.free for cell in lab.cells),
        }
    )


def _ballots(session: Session, bench: _Bench, payload: dict[str, Any]) -> Answer:
    """Give the two texts of some ballots, and the image they are about."""
    index = bench.lab.source.project.index
    names, widths, heights = (index.column(name) for name in ("name", "width", "height"))
    told = []
    for number in list(payload.get("ids", []))[:MAX_BALLOTS]:
        ballot = bench.ballot(number)
        place = int(np.searchsorted(index.ids, ballot.image_id))
        if place >= len(index.ids) or index.ids[place] != ballot.image_id:
            raise WireError("the answers have changed since", kind="stale")
        told.append(
            {
                "id": ballot.id,
                "image": ballot.image_id,
                "name": str(names[place]),
                "width": int(widths[place]),
                "height": int(heights[place]),
                "a": ballot.a,
                "b": ballot.b,
            }
        )
    return Answer({"version": session.version, "ballots": told})


def _vote(session: Session, bench: _Bench, payload: dict[str, Any]) -> Answer:
    choice = payload.get("choice")
    found = next((known for known in CHOICES if known == choice), None)
    if choice is not None and found is None:
        raise WireError(f"a vote is one of {', '.join(CHOICES)}, not {choice!r}")
    bench.lab.prefer(bench.ballot(payload.get("id")), found)
    return Answer({"version": session.version})


def _figures(session: Session, bench: _Bench, _payload: dict[str, Any]) -> Answer:
    """Give the table: a row for each cell, and which of them is preferred."""
    lab = bench.lab
    told = lab.figures()
    best = lab.best.key if any(standing.wins for standing in lab.standings().values()) else None
    rows = [
        {
            "key": cell.key,
            "prompt": cell.label,
            "text": cell.prompt.text.strip(),
            "model": cell.spec.id,
            "free": cell.free,
            "obstacle": cell.obstacle or None,
            **told[cell.key],
        }
        for cell in lab.cells
    ]
    return Answer({"version": session.version, "rows": rows, "best": best})


def _answers(session: Session, bench: _Bench, payload: dict[str, Any]) -> Answer:
    """Give what became of each image in one cell."""
    lab = bench.lab
    cell = lab.of_key(str(payload.get("cell")))
    measuring, index = lab.measuring, lab.source.project.index
    names = index.column("name")
    told = []
    for reply in (each for each in lab.replies if each.cell is cell):
        place = int(np.searchsorted(index.ids, reply.image_id))
        texts = dict(reply.captions) or ({TAGS: ", ".join(reply.tags)} if reply.tags else {})
        told.append(
            {
                "image": reply.image_id,
                "name": str(names[place]),
                "ending": reply.ending,
                "why": reply.why,
                "cost": reply.cost,
                "seconds": reply.seconds,
                "texts": [
                    {"variant": variant, "text": text, **measuring.measured(cell, variant, text)}
                    for variant, text in texts.items()
                ],
            }
        )
    return Answer({"version": session.version, "answers": told})


def _quote(session: Session, bench: _Bench, _payload: dict[str, Any]) -> Answer:
    """Say what asking all cells about the sample would take."""
    paid = any(not cell.free for cell in bench.lab.cells)
    quote = _told(bench.lab.quote())
    budget = f"budget={quote['at_most'] or 1:.2f}" if paid else ""
    return Answer({"version": session.version, "code": f"lab.run({budget})", "quote": quote})


def _told(quote: Quote) -> dict[str, Any]:
    names = ("send", "cost", "at_most", "seconds", "leaves")
    return {name: getattr(quote, name) for name in names}


def _run(session: Session, bench: _Bench, payload: dict[str, Any]) -> Answer:
    if not bench.running:
        agreed(bench.lab.quote().send, payload.get("quoted"))
    bench.run(_budget(payload))
    return Answer({"version": session.version})


def _stop(session: Session, bench: _Bench, _payload: dict[str, Any]) -> Answer:
    bench.stop()
    return Answer({"version": session.version})


def _plan(session: Session, bench: _Bench, payload: dict[str, Any]) -> Answer:
    """Say what the run of a cell over the whole view would be."""
    lab = bench.lab
    cell = lab.of_key(str(payload.get("cell")))
    return Answer(
        {
            "version": session.version,
            "code": _code(lab, cell),
            "images": len(lab.source),
            "obstacle": cell.obstacle or None,
            "free": cell.free,
            "quote": _told(cell.quote(lab.source)),
        }
    )


def _code(lab: Laboratory, cell: Cell) -> str:
    best = any(standing.wins for standing in lab.standings().values()) and lab.best is cell
    called = "lab.best" if best else f"lab.cell({literal(cell.label)}, {literal(cell.model)})"
    return f"{called}.annotate({lab.source.expression or 'view'})"


def _use(session: Session, bench: _Bench, payload: dict[str, Any]) -> Answer:
    """Run a cell over the whole view; pressed twice, it is one run: a twin of what runs is not started."""
    lab = bench.lab
    cell = lab.of_key(str(payload.get("cell")))
    agreed(cell.quote(lab.source).send, payload.get("quoted"))
    budget = _budget(payload)
    job = cell.annotate(lab.source, **({} if budget is None else {"budget": budget}))
    lab.source.project.showing()(job.progress)
    return Answer({"version": session.version, "job": job.told()})


def _budget(payload: dict[str, Any]) -> float | None:
    budget = payload.get("budget")
    return None if budget is None else float(budget)

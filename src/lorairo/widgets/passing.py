"""Requests of the yes / no pass: its questions, answers, and what they say about the model.

Keep in sync: widgets/src/protocol/passes.ts.
"""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.passes import Questions
from lorairo.widgets.browsing import undo_state
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.results import Done
    from lorairo.widgets.session import Session

MAX_PAGE = 65_536  # questions in one reply: 512 KB
_HELD = 4  # passes whose order is kept: one per page that shows the widget, and then some


class _Passes:
    """The passes under way, by number."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._held: OrderedDict[int, Questions] = OrderedDict()

    def keep(self, questions: Questions) -> int:
        with self._lock:
            number = next(self._numbers)
            self._held[number] = questions
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
            return number

    def of(self, payload: dict[str, Any]) -> Questions:
        found = self._held.get(int(payload.get("pass", 0)))
        if found is None:
            raise WireError("this pass is not under way any more: start it again", kind="stale")
        return found


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    passes = _Passes()
    return {
        "pass.open": Route(partial(_open, session, passes)),
        "pass.questions": Route(partial(_questions, session, passes)),
        "pass.answer": Route(partial(_answer, session, passes), changes=True),
        "pass.back": Route(partial(_back, session, passes), changes=True),
        "pass.report": Route(partial(_report, session, passes)),
        "pass.adopt": Route(partial(_adopt, session, passes), changes=True),
    }


def _open(session: Session, passes: _Passes, payload: dict[str, Any]) -> Answer:
    model = payload.get("model")
    questions = Questions(
        session.view.shown,
        str(payload.get("tag", "")),
        model=None if model is None else str(model),
        order=str(payload.get("order") or "uncertain"),
        again=bool(payload.get("again")),
    )
    return Answer(
        {
            "version": session.version,
            "pass": passes.keep(questions),
            "tag": questions.tag,
            "category": questions.category,
            "category_name": questions.category_name,
            "model": questions.model,
            "models": questions.models,
            "questions": len(questions.ids),
            **_counts(questions),
        }
    )


def _counts(questions: Questions) -> dict[str, Any]:
    said = questions.answers()
    yes, no = int((said > 0).sum()), int((said < 0).sum())
    return {"images": questions.total, "yes": yes, "no": no}


def _questions(session: Session, passes: _Passes, payload: dict[str, Any]) -> Answer:
    questions = passes.of(payload)
    start = max(0, int(payload.get("start", 0)))
    ids, scores = (part[start : start + MAX_PAGE] for part in (questions.ids, questions.scores))
    body = ids.astype("<i4").tobytes() + np.asarray(scores).astype("<f4").tobytes()
    return Answer({"version": session.version, "start": start, "count": len(ids)}, [body])


def _answer(session: Session, passes: _Passes, payload: dict[str, Any]) -> Answer:
    questions = passes.of(payload)
    done = questions.answer(int(payload["image"]), yes=bool(payload["yes"]))
    return _changed(session, questions, done)


def _back(session: Session, passes: _Passes, payload: dict[str, Any]) -> Answer:
    questions = passes.of(payload)
    return _changed(session, questions, session.view.project.undo(int(payload["operation"])))


def _adopt(session: Session, passes: _Passes, payload: dict[str, Any]) -> Answer:
    questions = passes.of(payload)
    return _changed(session, questions, questions.adopt(float(payload["threshold"])))


def _changed(session: Session, questions: Questions, done: Done) -> Answer:
    return Answer(
        {
            "version": session.version,
            "message": done.message,
            "count": done.count,
            "operation": done.operation_id,
            **_counts(questions),
            **undo_state(session),
        }
    )


def _report(session: Session, passes: _Passes, payload: dict[str, Any]) -> Answer:
    questions = passes.of(payload)
    wanted = payload.get("precision")
    report = questions.report(precision=None if wanted is None else float(wanted))
    return Answer({"version": session.version, **report.to_dict()})

"""What is left to ask a service about: without what was answered, refused, or is under way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.jobs.rows import alive, here
from lorairo.services import running
from lorairo.store import evidence, requests
from lorairo.store.searching import ratings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.services.wishes import Wishes
    from lorairo.store.requests import Open

    Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Left:
    """Images of a run, each in one of these.

    Attributes
    ----------
    answered
        They have an answer of the same model, asked the same way.
    stored
        Their answer is here and paid for, and only has to be parsed.
    claimed
        Another run is asking about them.
    withheld
        Their rating says that they do not leave this machine.
    prohibited
        The provider prohibits them, whatever is wished for.
    unknown
        They were under way when a kernel died, and are left out.
    refused
        The model refused them before, and they are left out.
    send
        All others, in the order asked for.
    unknown_sent, refused_sent
        Those of `send` that would be left out, had the run not been told to send them.
    """

    answered: Ids
    stored: Ids
    claimed: Ids
    withheld: Ids
    prohibited: Ids
    unknown: Ids
    refused: Ids
    send: Ids
    unknown_sent: Ids
    refused_sent: Ids


def left_to_ask(  # noqa: PLR0917 - who asks whom about what, as a sentence
    c: Connection, ids: Ids, model_id: int | None, wishes: Wishes, provider: str, model: str
) -> Left:
    """Sort out what a run of a model over images would ask.

    Parameters
    ----------
    ids
        Images.
    model_id
        Of the model with the parameters of the run; None where it never ran so.
    wishes
        Which pictures are left out.
    provider, model
        Who refused: a refusal counts however the model was asked, a prohibition for all of the provider's.
    """
    sorted_ids = np.unique(ids)
    nothing = sorted_ids[:0]
    answered = stored = claimed = unknown = nothing
    if model_id is not None:
        answered = evidence.answered(c, model_id, sorted_ids)
        stored = requests.unparsed(c, model_id, sorted_ids)
        live, dead = sorted_out(c, requests.under_way(c, model_id, sorted_ids))
        claimed = _images(live)
        unknown = np.union1d(requests.in_state(c, model_id, requests.UNKNOWN, sorted_ids), _images(dead))
    withheld = _withheld(c, sorted_ids, wishes)
    prohibited = requests.prohibited(c, provider, sorted_ids)
    refused = requests.refused(c, provider, model, sorted_ids)
    left = ids
    parts: dict[str, Ids] = {}
    for name, some, out in (
        ("answered", answered, True),
        ("stored", stored, True),
        ("claimed", claimed, True),
        ("withheld", withheld, True),
        ("prohibited", prohibited, True),
        ("unknown", unknown, wishes.unknown == "skip"),
        ("refused", refused, wishes.refused == "skip"),
    ):
        hit = np.isin(left, some)
        parts[name] = left[hit & out]
        left = left[~hit | (not out)]
    unknown_sent, refused_sent = (left[np.isin(left, some)] for some in (unknown, refused))
    return Left(**parts, send=left, unknown_sent=unknown_sent, refused_sent=refused_sent)


def sorted_out(c: Connection, rows: list[Open]) -> tuple[list[Open], list[Open]]:
    """Tell questions that are under way from those whose run is no more.

    Those handed over with many others are under way until the service says otherwise, kernel or not.
    """
    jobs = live_jobs(c, {row.job_id for row in rows if row.submission_id is None})
    live = [row for row in rows if row.submission_id is not None or row.job_id in jobs]
    kept = {row.id for row in live}
    return live, [row for row in rows if row.id not in kept]


def live_jobs(c: Connection, numbers: Iterable[int]) -> set[int]:
    """Return those jobs that ask a service now, here or elsewhere."""
    place = str(c.engine.url.database)
    return {
        number
        for number, job in requests.jobs_of(c, numbers).items()
        if alive(job) and (not here(job) or running.is_running(place, number))
    }


def _images(rows: list[Open]) -> Ids:
    return np.unique(np.array([row.image_id for row in rows], dtype=np.int64))


def _withheld(c: Connection, ids: Ids, wishes: Wishes) -> Ids:
    if not wishes.withhold:
        return ids[:0]
    marked = [image_id for image_id, rating in ratings(c).items() if rating in wishes.withhold]
    return np.intersect1d(ids, np.array(marked, dtype=np.int64))

"""Verbs of the log about policies: how scores of a model become tags, and how several models combine."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, Unpack

from lorairo.errors import ArgumentError
from lorairo.store import wording
from lorairo.store.cells import record_named
from lorairo.store.cuts import CATEGORY_NAMES, METHODS, WAYS
from lorairo.store.deltas import RecordDelta
from lorairo.store.journal import Outcome, Told, written
from lorairo.store.state import COMBINING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lorairo.store.database import Database

    Limits = Mapping[str, float | None]


def set_policy(
    db: Database,
    model_key: str,
    thresholds: Limits,
    *,
    per_tag: Limits | None = None,
    method: str | None = None,
    calibrated: Mapping[str, float] | None = None,
    **told: Unpack[Told],
) -> Outcome:
    """Set from which score on a model's tags count; what is not named stays as it is.

    Parameters
    ----------
    model_key
        ``provider/model``.
    thresholds
        Category name to minimum score, 0 to 1; None goes back to the model's default.
    per_tag
        Tag to minimum score, before everything else; None takes one back.
    method
        Of `METHODS`; by default ``fixed`` where a category is named, else as it was.
    calibrated
        With ``pr``: tag to minimum score as it was found, instead of those found before.

    Returns
    -------
    Outcome
        Its count is the images whose tags changed, which may be none.
    """
    given = checked(thresholds, per_tag, method, calibrated)
    with db.write() as c:
        before = record_named("policy").read(c, model_key)
        after = policy_after(before, given)
        say = wording.policy(model_key, given)
        if after == (before or {}):
            return Outcome(None, 0, say(0))
        return _set(db, c, (model_key, before, after), {"model": model_key, **given}, "policy", say, **told)


def combine(
    db: Database,
    how: str,
    *,
    weights: Mapping[str, float] | None = None,
    at_least: float | None = None,
    **told: Unpack[Told],
) -> Outcome:
    """Set how tags that several models say of an image become its tags.

    Parameters
    ----------
    how
        Of `WAYS`, see `lorairo.store.cuts.Combining`.
    weights
        Votes by ``provider/model``; 1 where nothing is said.
    at_least
        Share of the votes that makes a tag.

    Returns
    -------
    Outcome
        Its count is the images whose tags changed.
    """
    if how not in WAYS:
        raise ArgumentError(f"models combine by {', '.join(WAYS)}, not by {how!r}")
    if how != "vote" and (weights or at_least is not None):
        raise ArgumentError(f'weights and at_least belong to a vote: combine("vote", ...), not {how!r}')
    for model, weight in (weights or {}).items():
        if not _is_number(weight) or not 0 <= weight < float("inf"):
            raise ArgumentError(f"the weight of {model} is a number from 0 up, not {weight!r}")
    if at_least is not None and not (_is_number(at_least) and 0 < at_least <= 1):
        raise ArgumentError(f"at_least is a share over 0 and up to 1, not {at_least!r}")
    given: dict[str, Any] = {"combine": how}
    if weights:
        given["weights"] = {model: float(weight) for model, weight in weights.items()}
    if at_least is not None:
        given["at_least"] = float(at_least)
    with db.write() as c:
        before = record_named("policy").read(c, COMBINING)
        say = wording.combined(given)
        if given == (before or {"combine": "union"}):
            return Outcome(None, 0, say(0))
        return _set(db, c, (COMBINING, before, given), given, "combine", say, **told)


def _set(  # noqa: PLR0917 - what every operation about a policy is made of
    db: Database,
    c: Any,
    row: tuple[str, dict[str, Any] | None, dict[str, Any]],
    given: Mapping[str, Any],
    kind: str,
    say: Callable[[int], str],
    **told: Unpack[Told],
) -> Outcome:
    delta = RecordDelta("policy", *row)
    return written(db, c, [delta], delta.apply(c), kind=kind, say=say, parameters=given, **told)


def policy_after(before: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a model's policy is after something was set, as `checked` gives it."""
    after = {**(before or {}), **given["thresholds"]}
    method = given.get("method") or ("fixed" if given["thresholds"] else after.get("method"))
    after["method"] = method
    after["per_tag"] = _without_none({**after.get("per_tag", {}), **given.get("per_tag", {})})
    if method != "pr":
        after["calibrated"] = None
    elif given.get("calibrated") is not None:
        after["calibrated"] = given["calibrated"]
    return {name: value for name, value in after.items() if value is not None and value != {}}


def _without_none(limits: Mapping[str, float | None]) -> dict[str, float]:
    return {name: limit for name, limit in limits.items() if limit is not None}


def checked(
    thresholds: Limits,
    per_tag: Limits | None = None,
    method: str | None = None,
    calibrated: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Return what was given for a policy by name, without what was not.

    Raises
    ------
    ArgumentError
        When a category, a method or a threshold is none, or nothing is named at all.
    """
    names = list(CATEGORY_NAMES.values())
    for name in thresholds:
        if name not in names:
            raise ArgumentError(f"there is no tag category {name!r}: name {', '.join(names)}")
    if method is not None and method not in METHODS:
        raise ArgumentError(f"a threshold is found by {', '.join(METHODS)}, not by {method!r}")
    if calibrated is not None and method != "pr":
        raise ArgumentError('calibrated thresholds belong to method="pr"')
    if not thresholds and not per_tag and method is None:
        raise ArgumentError(
            f"name a category and its threshold, such as general=0.35; there are {', '.join(names)}"
        )
    given: dict[str, Any] = {"thresholds": _limits(thresholds)}
    if per_tag:
        given["per_tag"] = _limits(per_tag)
    if method is not None:
        given["method"] = method
    if calibrated is not None:
        given["calibrated"] = _limits(calibrated)
    return given


def _limits(given: Limits) -> dict[str, float | None]:
    for name, value in given.items():
        if value is not None and (not _is_number(value) or not 0 <= value <= 1):
            raise ArgumentError(f"a threshold lies between 0 and 1, not {value!r} as for {name}")
    return {name: None if value is None else float(value) for name, value in given.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)

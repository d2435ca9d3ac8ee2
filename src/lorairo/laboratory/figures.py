"""The answers of a laboratory as tables: one row per text, one row per cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from lorairo.captions.counting import counting
from lorairo.captions.profiles import PROFILES
from lorairo.laboratory.lint import OVER, RULES, findings, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lorairo.captions.counting import Counting
    from lorairo.captions.phrases import Phrases
    from lorairo.laboratory.ballots import Standing
    from lorairo.laboratory.cells import Cell
    from lorairo.laboratory.reading import Reply

FRAME = (
    *("image_id", "prompt", "version", "model", "variant", "text"),
    *("ending", "tokens", "limit", "words", "lint", "cost", "seconds"),
)
TAGS = "tags"
"""What stands for the variant where the answer is a list of tags."""

_THOUSAND = 1000


class Measuring:
    """How the texts of a laboratory are measured.

    Parameters
    ----------
    profile
        The target of prompts that name none.
    trigger
        What each caption is to hold, where the cell names nothing else; empty for nothing.
    banned
        Phrases that none is to hold.
    tokenizer
        Of the settings.
    """

    def __init__(
        self, profile: str | None, trigger: str, banned: Sequence[Phrases], tokenizer: Path | None
    ) -> None:
        self._profile = profile
        self._trigger = trigger
        self._banned = banned
        self._tokenizer = tokenizer
        self._known: dict[str | None, Counting] = {}

    def of(self, cell: Cell) -> Counting:
        """Return how the encoder counts that reads what a cell writes."""
        targets = cell.prompt.targets
        target = self._profile if self._profile in targets or not targets else targets[0]
        target = target if target in PROFILES else None
        if target not in self._known:
            self._known[target] = counting(target, tokenizer=self._tokenizer)
        return self._known[target]

    def measured(self, cell: Cell, variant: str, text: str) -> dict[str, Any]:
        """Return the figures of one text."""
        by = self.of(cell)
        tokens = by.count(text).count if text else 0
        service = cell.spec.service
        trigger = (service.trigger if service is not None else "") or self._trigger
        trigger = "" if variant == TAGS else trigger
        lint = findings(text, tokens, by, trigger=trigger, banned=self._banned)
        return {"tokens": tokens, "limit": by.encoder.limit, "words": len(words(text)), "lint": lint}


def frame(replies: Sequence[Reply], measuring: Measuring) -> pd.DataFrame:
    """Return one row per image, cell and variant; cost and time stand with the first variant."""
    rows = []
    for reply in replies:
        cell = reply.cell
        texts: dict[str, str] = dict(reply.captions) or {TAGS if reply.tags else "": ", ".join(reply.tags)}
        for place, (variant, text) in enumerate(texts.items()):
            rows.append(
                {
                    "image_id": reply.image_id,
                    "prompt": cell.prompt.name,
                    "version": cell.prompt.version,
                    "model": cell.spec.id,
                    "variant": variant,
                    "text": text,
                    "ending": reply.ending,
                    **measuring.measured(cell, variant, text),
                    "cost": None if place else reply.cost,
                    "seconds": None if place else reply.seconds,
                }
            )
    table = pd.DataFrame(rows, columns=list(FRAME))
    return table.astype({"cost": "float64", "seconds": "float64"})


def figures(cell: Cell, replies: Sequence[Reply], measuring: Measuring, standing: Standing) -> dict[str, Any]:
    """Return what there is to say of one cell; None stands for what nobody knows."""
    ended = [reply for reply in replies if reply.ending not in {"left out", "not asked"}]
    told = [
        measuring.measured(cell, variant, text)
        for reply in replies
        for variant, text in (reply.captions or {TAGS: ", ".join(reply.tags)}).items()
        if text
    ]
    costs = [reply.cost for reply in ended]
    known = [cost for cost in costs if cost is not None]
    return {
        "answered": sum(reply.ending == "answered" for reply in replies),
        "refused": sum(reply.ending == "refused" for reply in replies),
        "failed": sum(reply.ending == "failed" for reply in replies),
        "tokens": _median([each["tokens"] for each in told]),
        "limit": measuring.of(cell).encoder.limit,
        "words": _median([each["words"] for each in told]),
        "over": sum(OVER in each["lint"] for each in told) / len(told) if told else None,
        "lint": {rule: sum(rule in each["lint"] for each in told) for rule in RULES},
        "cost": sum(known) / len(known) * _THOUSAND if known and len(known) == len(costs) else None,
        "seconds": _median([reply.seconds for reply in replies if reply.seconds is not None]),
        "votes": standing.votes,
        "share": standing.share,
        "low": standing.interval[0],
        "high": standing.interval[1],
    }


def summary(cells: Sequence[Cell], told: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row per cell."""
    rows = []
    for cell in cells:
        of = told[cell.key]
        rows.append(
            {
                "prompt": cell.prompt.name,
                "version": cell.prompt.version,
                "model": cell.spec.id,
                **{name: of[name] for name in ("answered", "refused", "failed", "tokens", "words", "over")},
                **{rule: of["lint"][rule] for rule in RULES if rule != OVER},
                "cost per 1,000": of["cost"],
                "seconds": of["seconds"],
                "preferred": of["share"],
                "votes": of["votes"],
            }
        )
    table = pd.DataFrame(rows)
    return table.astype(
        dict.fromkeys(["tokens", "words", "over", "cost per 1,000", "seconds", "preferred"], "float64")
    )


def preferences(cells: Sequence[Cell], standings: Mapping[str, Standing]) -> pd.DataFrame:
    """Return one row per cell, the best first: by the lower end of the interval of its share."""
    rows = []
    for cell in cells:
        of = standings[cell.key]
        low, high = of.interval
        rows.append(
            {
                "prompt": cell.prompt.name,
                "version": cell.prompt.version,
                "model": cell.spec.id,
                **{name: getattr(of, name) for name in ("wins", "losses", "ties", "neither")},
                "share": of.share,
                "low": low,
                "high": high,
            }
        )
    table = pd.DataFrame(rows).astype({"share": "float64"})
    return table.sort_values(["low", "share"], ascending=False, kind="stable", ignore_index=True)


def _median(values: Sequence[float]) -> float | None:
    return float(pd.Series(values, dtype="float64").median()) if values else None

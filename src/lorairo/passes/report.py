"""What a pass found out: how right a model is about one tag, and which threshold would suit the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lorairo.passes.judging import Suggestion, suggest, wilson
from lorairo.plaintext import markup, printable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PassReport:
    """The answers about one tag, and what they say about a model.

    Attributes
    ----------
    tag, model
        What was asked, and of which model the scores are; None where no model named the tag.
    images, yes, no
        In the view, and how many of them a person gave which answer.
    threshold
        From which score on the tag counts now; None where it never does.
    shown, right
        Answered images over the threshold, and those of them that have the tag.
    suggestion
        A threshold that suits the answers better, or None.
    df
        One row per answer: image_id, answer, score.
    """

    tag: str
    model: str | None
    images: int
    yes: int
    no: int
    threshold: float | None
    shown: int
    right: int
    suggestion: Suggestion | None
    df: pd.DataFrame

    @classmethod
    def of(  # noqa: PLR0917 - what a pass knows, as it keeps it
        cls,
        tag: str,
        model: str | None,
        images: int,
        threshold: float | None,
        df: pd.DataFrame,
        precision: float | None = None,
    ) -> PassReport:
        """Judge answers; those about images that the model never saw say nothing about it."""
        yes = int(df["answer"].sum())
        seen = df[df["score"].notna()]
        scores: NDArray[np.float32] = seen["score"].to_numpy(dtype="float32")
        answers: NDArray[np.bool_] = seen["answer"].to_numpy(dtype=bool)
        over = scores >= threshold if threshold is not None else scores < 0
        return cls(
            tag,
            model,
            images,
            yes,
            len(df) - yes,
            threshold,
            int(over.sum()),
            int((over & answers).sum()),
            suggest(scores, answers, precision=precision),
            df,
        )

    @property
    def left(self) -> int:
        """Images without an answer."""
        return self.images - self.yes - self.no

    @property
    def precision(self) -> float | None:
        """Share of right ones among the answered images over the threshold; None where there are none."""
        return self.right / self.shown if self.shown else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the precision lies with 95 % confidence (Wilson), if the answers are a fair sample."""
        return wilson(self.right, self.shown)

    def lines(self) -> list[str]:
        """Say it in sentences."""
        noun = "image" if self.images == 1 else "images"
        told = [f"{self.tag}: {self.yes:,} yes, {self.no:,} no, {self.left:,} of {self.images:,} {noun} left"]
        if self.model is None:
            return [*told, "no model has scored this tag"]
        if self.precision is None:
            told.append(f"{self.model}: no answer about an image over its threshold yet")
        else:
            low, high = self.interval
            told.append(
                f"{self.model} at {self.threshold:g}: precision {self.precision:.0%} "
                f"({low:.0%} to {high:.0%}), {self.right:,} of {self.shown:,} right"
            )
        if self.suggestion is not None:
            best = self.suggestion
            told.append(
                f"suggested threshold {best.threshold:g}: precision {best.precision:.0%}, "
                f"recall {best.recall:.0%} on {best.answers:,} answers"
            )
        return told

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        low, high = self.interval
        best = self.suggestion
        return {
            **{key: getattr(self, key) for key in ("tag", "model", "images", "yes", "no", "left")},
            **{key: getattr(self, key) for key in ("threshold", "shown", "right", "precision")},
            "low": low,
            "high": high,
            "suggestion": None
            if best is None
            else {
                key: getattr(best, key)
                for key in ("threshold", "precision", "recall", "f1", "answers", "wanted")
            },
        }

    def __repr__(self) -> str:
        return "\n".join(printable(line) for line in self.lines())

    def _repr_html_(self) -> str:
        return "".join(f"<p>{markup(line)}</p>" for line in self.lines())

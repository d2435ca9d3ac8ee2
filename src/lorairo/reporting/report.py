"""A report on the images of a view: as text, as a page, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lorairo.plaintext import printable
from lorairo.reporting.figures import Figures, figures_of
from lorairo.reporting.page import alone, number, page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.view import View

_QUARTILES = ["count", "min", "25%", "50%", "75%", "max"]
_TAGS = 12  # that fit some lines


class Report:
    """What a set of images is made of, and what it lacks. Made by `View.describe`.

    It shows as text in a console and as a page in a notebook; `save` writes the page to a file.

    Attributes
    ----------
    figures
        All of it as numbers.
    duplicates
        What `View.find_duplicates` found, in a line; empty where nobody looked.
    """

    def __init__(self, view: View, *, duplicates: bool) -> None:
        self.figures: Figures = figures_of(view)
        self.duplicates = repr(view.find_duplicates()).partition(" · ")[0] if duplicates else ""

    @property
    def df(self) -> pd.DataFrame:
        """Quartiles of sizes, scores and tokens: one row each, with how many images have a number."""
        spreads = [*self.figures.spreads, self.figures.tokens]
        rows = [(spread.known, *spread.quartiles) for spread in spreads]
        return pd.DataFrame(rows, columns=_QUARTILES, index=[spread.name for spread in spreads])

    def save(self, path: str | Path) -> Path:
        """Write the report as one file of HTML, without scripts; return where."""
        file = Path(path).expanduser()
        body = alone(self._repr_html_(), f"{self.figures.project}: {self.figures.images:,} images")
        file.write_text(body, encoding="utf-8")
        return file

    def _repr_html_(self) -> str:
        return page(self.figures, self.duplicates)

    def __repr__(self) -> str:
        figures = self.figures
        noun = "image" if figures.images == 1 else "images"
        query = f" · {printable(figures.query)}" if figures.query else ""
        lines = [f"{figures.images:,} {noun} of {printable(figures.project)}{query}"]
        lines += [f"{name:>12}  {said}" for name, said in self._lines() if said]
        return "\n".join(lines)

    def _size(self) -> str:
        return f"{_between(self.df, 'width')} x {_between(self.df, 'height')}"

    def _lines(self) -> list[tuple[str, str]]:
        figures = self.figures
        small = next(((side, count) for side, count in figures.smaller if count), None)
        below = "" if small is None else f", {small[1]:,} with a shorter side below {small[0]}"
        kept = "" if figures.exact else "about "
        return [
            ("sizes", f"{self._size()} pixels{below}" if figures.images else ""),
            ("shapes", _listed(figures.shapes)),
            ("formats", _listed(figures.formats)),
            ("ratings", _listed(figures.ratings)),
            ("captions", _listed(figures.captioned)),
            (
                "tokens",
                f"{kept}{number(figures.tokens.quartiles[2])} in the middle, "
                f"{figures.too_long:,} over {figures.limit} ({figures.encoder})"
                if figures.tokens.known
                else "",
            ),
            ("tags", _listed([(printable(name), count) for name, count in figures.top[:_TAGS]])),
            ("constants", _listed([(printable(name), count) for name, count in figures.constants])),
            ("gaps", _listed([(printable(name), count) for name, count in figures.gaps])),
            ("duplicates", self.duplicates),
        ]


def _between(frame: pd.DataFrame, name: str) -> str:
    low, high = (int(frame[end].loc[name]) for end in ("min", "max"))
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _listed(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in pairs if count)

"""What a check-up found, as a table that reads well: what needs a hand first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import pandas as pd

from lorairo.plaintext import markup, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

State = Literal["ok", "missing", "problem"]

ORDER: Final[tuple[State, ...]] = ("problem", "missing", "ok")
SIGNS: Final = {"problem": "!", "missing": "-", "ok": "ok"}


class Row(NamedTuple):
    """One line of the report."""

    part: str
    state: State
    found: str
    remedy: str = ""


class Checkup(pd.DataFrame):
    """The report: part, state (``ok``, ``missing``: optional and not there, ``problem``), found, remedy."""

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Checkup:
        """Take rows; problems come first, then what is missing, each in the order it was looked at."""
        ordered = sorted(rows, key=lambda row: ORDER.index(row.state))
        return cls(ordered, columns=list(Row._fields))

    @property
    def problems(self) -> int:
        """How many problems there are."""
        return int((self["state"] == "problem").sum())

    @property
    def summary(self) -> str:
        """All of it in one line."""
        missing = int((self["state"] == "missing").sum())
        optional = f"{missing} optional {'part is' if missing == 1 else 'parts are'} not there"
        if not self.problems:
            return f"Everything needed works; {optional}" if missing else "Everything works"
        noun = "problem" if self.problems == 1 else "problems"
        return f"{self.problems} {noun}; {optional}" if missing else f"{self.problems} {noun}"

    def rows(self) -> list[Row]:
        """Return the rows as they are shown."""
        return [Row(*map(str, row)) for row in self[list(Row._fields)].itertuples(index=False)]  # type: ignore[arg-type]  # state is one of three

    def __repr__(self) -> str:
        """Print the summary, and a line for each part; what mends it stands below, to be copied."""
        if set(self.columns) != set(Row._fields):
            return super().__repr__()
        rows = [Row(*map(printable, row)) for row in self.rows()]  # type: ignore[arg-type]  # state is one of three
        width = max((len(row.part) for row in rows), default=0)
        lines = [self.summary]
        for row in rows:
            lines.append(f"{SIGNS[row.state]:>2}  {row.part:<{width}}  {row.found}")
            lines += [f"    {'':<{width}}  {row.remedy}"] if row.remedy else []
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if set(self.columns) != set(Row._fields):
            return self.to_html()
        body = "".join(
            f"<tr><td>{SIGNS[row.state]}</td><td>{markup(row.part)}</td><td>{markup(row.found)}</td>"
            f"<td>{f'<code>{markup(row.remedy)}</code>' if row.remedy else ''}</td></tr>"
            for row in self.rows()
        )
        head = "<tr><th></th><th>part</th><th>found</th><th>what to do</th></tr>"
        left = ' style="text-align:left"'
        table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
        return f"<p>{markup(self.summary)}</p>{table}".replace("<td>", f"<td{left}>").replace(
            "<th>", f"<th{left}>"
        )

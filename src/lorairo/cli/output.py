"""What commands print: results on the screen, complaints and progress beside it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

_ROWS = 20  # of a table; the rest is counted

screen = Console()
complaints = Console(stderr=True)


def say(text: str) -> None:
    """Print lines of a result as they are."""
    screen.print(Text(text), soft_wrap=True)


def complain(text: str) -> None:
    """Print what went wrong, on one line."""
    complaints.print(Text(printable(text)), soft_wrap=True)


@contextlib.contextmanager
def bar(label: str) -> Iterator[Callable[..., None]]:
    """Show progress on a terminal; nothing where the output is a file."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=complaints, transient=True, disable=not complaints.is_terminal) as shown:
        task = shown.add_task(label, total=None)

        def update(done: int, total: int, failed: int, rate: float | None = None) -> None:
            text = f"{label}{pace(rate)}, {failed:,} failed" if failed else f"{label}{pace(rate)}"
            shown.update(task, completed=done, total=total, description=text)

        yield update


def pace(rate: float | None) -> str:
    """Say how fast it goes; nothing where nobody knows."""
    return "" if rate is None else f", {rate:,.3g} a second"


def print_rows(frame: pd.DataFrame, title: str) -> None:
    """Print the first rows of a table beside the result, and how many there are."""
    if not len(frame):
        return
    complaints.print(Text(f"{title}: {len(frame):,}"), soft_wrap=True)
    for row in frame.head(_ROWS).itertuples(index=False):
        complaints.print(Text(f"  {printable(': '.join(map(str, row)))}"), soft_wrap=True)
    if len(frame) > _ROWS:
        complaints.print(Text(f"  and {len(frame) - _ROWS:,} more"))

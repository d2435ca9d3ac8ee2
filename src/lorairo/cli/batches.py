"""Submissions to batch APIs from a terminal: a list of them, their answers, results from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lorairo.cli.output import print_rows, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import Any

_Folder = Annotated[Path, typer.Argument(help="Folder of the project.")]
_SHOWN = ["id", "job_id", "provider", "model", "state", "images", "answered", "failed", "waiting", "message"]


def commands(existing: Callable[[Path], AbstractContextManager[Any]]) -> typer.Typer:
    """Make the commands below ``lorairo batches``.

    Parameters
    ----------
    existing
        Opens a project that is there.
    """
    app = typer.Typer(no_args_is_help=True, help="What lies with the batch APIs of services.")

    @app.command("list")
    def list_them(project: _Folder) -> None:
        """List submissions, newest first."""
        with existing(project) as opened:
            frame = opened.batches
            say(frame[_SHOWN].to_string(index=False) if len(frame) else "No submissions")

    @app.command()
    def fetch(project: _Folder) -> None:
        """Fetch the answers of submissions that have ended; wait for nothing."""
        with existing(project) as opened:
            say(repr(opened.fetch_batches()))

    @app.command("import")
    def import_them(
        project: _Folder,
        source: Annotated[Path, typer.Argument(help="File of results, or folder with .jsonl files.")],
        model: Annotated[str | None, typer.Option(help="Who answered what was asked elsewhere.")] = None,
        prompt: Annotated[str | None, typer.Option(help="With which prompt that was asked.")] = None,
    ) -> None:
        """Read results of batch APIs from files."""
        told = {} if prompt is None else {"prompt": prompt}
        with existing(project) as opened:
            report = opened.import_batch_results(source, model=model, parameters=told or None)
            say(repr(report).partition("\n")[0])
            print_rows(report.unknown, "Lines passed over")

    return app

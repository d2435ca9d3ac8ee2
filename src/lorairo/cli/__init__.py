"""The command ``lorairo``: what a script or a rented machine needs; everything else happens in a notebook."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from lorairo._version import __version__
from lorairo.cli import asking, batches
from lorairo.cli.output import bar, complain, pace, print_rows, say
from lorairo.errors import ArgumentError, Error, MissingExtra
from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_INTERRUPTED = 130  # as shells say it: 128, and the number of the signal


class _Group(TyperGroup):
    """Ends a command that failed for a reason we know with one line, and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Error as error:
            complain(str(error))
            raise typer.Exit(1) from None
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            complain(f"{place}{error.strerror or error}")
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            complain("Stopped. What was finished is kept; the same command goes on from there")
            raise typer.Exit(_INTERRUPTED) from None


def _examples(*lines: str) -> str:
    """Put examples below the help of a command; the mark keeps their lines."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they would print the values of variables, and keys are values
    help="Build LoRA training sets. Everything here can be done in a notebook too.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lorairo {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Hold the options of the command itself."""


@app.command(epilog=_examples("lorairo demo", "lorairo demo ~/lora-demo --count 1000 --no-browser"))
def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to make; it is kept if it is there.")] = Path(
        "lorairo-demo"
    ),
    count: Annotated[int, typer.Option(min=1, help="Pictures to draw.")] = 300,
    port: Annotated[int | None, typer.Option(help="Port of JupyterLab.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    prepare_only: Annotated[bool, typer.Option("--prepare-only", help="Make the folder and stop.")] = False,
) -> None:
    """Make a demo and open it in JupyterLab.

    Draws pictures, makes a small model, and opens the quickstart notebook over them.
    """
    from lorairo.demo import prepare  # noqa: PLC0415 - loads numpy and the model tools

    if not prepare_only and importlib.util.find_spec("jupyterlab") is None:
        raise MissingExtra("jupyterlab", extra="lab")  # before the pictures are drawn, not after
    folder = folder.expanduser().absolute()
    with bar("Drawing pictures") as progress:
        notebook = prepare(folder, count=count, progress=progress)
    say(printable(f"The demo is in {folder}: {notebook.name}"))
    if not prepare_only:
        raise typer.Exit(_open_lab(notebook, port=port, browser=not no_browser))


@app.command(epilog=_examples("lorairo add my-dog photos/", "lorairo add my-dog set.zip --copy"))
def add(
    project: Annotated[Path, typer.Argument(help="Folder of the project; made when missing.")],
    source: Annotated[str, typer.Argument(help="Folder, file or zip with pictures.")],
    copy: Annotated[bool, typer.Option("--copy", help="Keep copies in the project.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Files read at the same time.")] = None,
) -> None:
    """Add pictures to a project."""
    from lorairo.project import open_project  # noqa: PLC0415 - loads pandas

    with open_project(project) as opened:
        with bar("Reading") as progress:
            report = opened.add(source, copy=copy, workers=workers, progress=progress)
        say(str(report).partition("\n")[0])
        print_rows(report.rejected, "Not added")
        print_rows(report.warnings, "Warnings")


_Project = Annotated[Path, typer.Argument(help="Folder of the project.")]
_Models = Annotated[list[str], typer.Argument(help="Ids from lr.models(), or folders that hold a model.")]
_Query = Annotated[str, typer.Option(help="Which images, in the search language.")]
_Batch = Annotated[int | None, typer.Option(min=1, help="Images per model call.")]
_Limit = Annotated[float | None, typer.Option(min=0, max=1, help="Score from which a tag counts.")]


@app.command(
    epilog=_examples(
        "lorairo annotate my-dog wd-vit-tagger-v3 --threshold 0.4",
        'lorairo annotate my-dog ./models/tagger blip-base --query "tags:0"',
        "lorairo annotate my-dog openai/gpt-6-luna --budget 2 --withhold explicit",
    )
)
def annotate(  # noqa: PLR0917 - typer gives them by name
    project: _Project,
    models: _Models,
    query: _Query = "",
    batch: asking.Batch = None,
    threshold: _Limit = None,
    character: _Limit = None,
    prompt: asking.Prompt = None,
    budget: asking.Budget = None,
    refused: asking.Again = "skip",
    unknown: asking.Unknown = "skip",
    withhold: asking.Withhold = None,
    yes: asking.Yes = False,
) -> None:
    """Run taggers, captioners, embedders and services over the images of a project.

    What was answered before is not asked again. A threshold stays with each tagger named here; the one for
    characters is --character. Before pictures are sent to a service it is said what that costs.
    """
    from lorairo.inference.registry import find  # noqa: PLC0415 - as every command

    named = {"general": threshold, "character": character}
    limits = {name: value for name, value in named.items() if value is not None}
    options = asking.told(batch, prompt, refused, unknown, withhold)
    with _existing(project) as opened:
        view = opened.view(query)
        taggers = [spec.key for spec in map(find, models) if spec.kind == "tagger"]
        if limits and not taggers:
            raise ArgumentError("--threshold and --character are for taggers, and none is among the models")
        if not asking.agreed(view, models, options, yes=yes):
            say("Nothing was sent")
            return
        complete = _ran(view.annotate, models, len(view), "annotated", budget=budget, **options)
        for name in taggers if limits else ():
            say(repr(view.threshold(name, **limits)))
    if not complete:
        raise typer.Exit(1)


@app.command(
    epilog=_examples(
        "lorairo quote my-dog openai/gpt-6-luna anthropic/claude-haiku-5-5",
        'lorairo quote my-dog openai/gpt-6-luna --query "-caption:*" --batch api',
    )
)
def quote(  # noqa: PLR0917 - as above
    project: _Project,
    models: _Models,
    query: _Query = "",
    batch: asking.Batch = None,
    prompt: asking.Prompt = None,
    refused: asking.Again = "skip",
    unknown: asking.Unknown = "skip",
    withhold: asking.Withhold = None,
) -> None:
    """Say what annotating would send and cost; nothing is sent, and no key is needed."""
    with _existing(project) as opened:
        options = asking.told(batch, prompt, refused, unknown, withhold)
        say(repr(opened.view(query).quote(models, **options)))


@app.command(epilog=_examples("lorairo score my-dog ultraface-rfb-320 --query dog"))
def score(
    project: _Project,
    scorers: _Models,
    query: _Query = "",
    batch: _Batch = None,
) -> None:
    """Run scorers over the images of a project.

    What was scored before is not scored again.
    """
    with _existing(project) as opened:
        view = opened.view(query)
        if not _ran(view.score, scorers, len(view), "scored", batch=batch):
            raise typer.Exit(1)


def _ran(verb: Callable[..., Any], models: list[str], count: int, done: str, **options: Any) -> bool:
    """Run models to the end with a bar, say what came of it, and return whether it was completed."""
    with bar(f"{count:,} images") as progress:
        job = verb(
            models,
            background=False,
            progress=lambda now: progress(now.done, now.total, now.failed, now.rate),
            **options,
        )
    state = job.progress
    say(f"{state.done - state.failed:,} of {state.total:,} {done}{pace(state.rate)}")
    print_rows(job.errors, "Failed")
    if job.state != "done":
        complain(state.label)
    return bool(job.state == "done")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog=_examples(
        "lorairo export my-dog kohya out/ --dry-run",
        'lorairo export my-dog kohya out/ --query "dog -blurry" --resolution 768 --trigger "zxc dog"',
    ),
)
def export(  # noqa: PLR0917 - typer gives them by name
    ctx: typer.Context,
    project: Annotated[Path, typer.Argument(help="Folder of the project.")],
    exporter: Annotated[str, typer.Argument(help="kohya, sidecars, or another that is installed.")],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    query: Annotated[str, typer.Option(help="Which images, in the search language.")] = "",
    dataset: Annotated[str | None, typer.Option(help="Take profile, variant and trigger from it.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")
    ] = False,
) -> None:
    """Export a training set.

    Options of the exporter follow the others, such as --resolution 768 --trigger "zxc dog".
    """
    options = _exporter_options(ctx.args)
    with _existing(project) as opened:
        plan = opened.view(query).plan_export(exporter, out, dataset=dataset, **options)
        say(repr(plan))
        if dry_run:
            raise typer.Exit(1 if plan.errors else 0)
        with bar("Writing") as progress:
            result = plan.write(progress)
        say(repr(result))
        print_rows(result.failed, "Left out")


@app.command(
    epilog=_examples(
        "lorairo doctor", "lorairo doctor my-dog --json", "lorairo doctor --model ollama/llava:13b"
    )
)
def doctor(
    project: Annotated[Path | None, typer.Argument(help="Folder of a project to look at too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
    model: Annotated[
        str | None, typer.Option(help="Model of a service: a red square is sent to see whether it looks.")
    ] = None,
) -> None:
    """Say what works here, and what mends the rest.

    Ends with exit code 1 when there is a problem.
    """
    from lorairo.checkup import doctor as examine  # noqa: PLC0415 - loads pandas

    found = examine(project, model=model)
    if as_json:
        rows = [row._asdict() for row in found.rows()]
        typer.echo(json.dumps({"problems": found.problems, "parts": rows}, ensure_ascii=False, indent=1))
    else:
        say(repr(found))
    if found.problems:
        raise typer.Exit(1)


@app.command(
    epilog=_examples("lorairo strip curation.ipynb", "lorairo strip - --outputs < a.ipynb > b.ipynb")
)
def strip(
    notebooks: Annotated[
        list[str], typer.Argument(help="Notebook files; - reads one and prints it (git filter).")
    ],
    outputs: Annotated[bool, typer.Option("--outputs", help="Remove all outputs too.")] = False,
) -> None:
    """Take the state of widgets out of notebooks.

    It bloats them, and does not survive a reload anyway.
    """
    from lorairo import notebooks as files  # noqa: PLC0415 - as every command

    for name in notebooks:
        if name == "-":
            sys.stdout.write(files.strip(sys.stdin.read(), outputs=outputs))
        else:
            changed = files.strip_file(Path(name), outputs=outputs)
            said = "stripped" if changed else "nothing to strip"
            say(f"{printable(name)}: {said}")


def _open_lab(notebook: Path, *, port: int | None, browser: bool) -> int:
    """Run JupyterLab until it ends. It is the one of this Python, whatever is on the PATH."""
    command = [sys.executable, "-m", "jupyterlab", str(notebook), f"--ServerApp.root_dir={notebook.parent}"]
    command += [f"--port={port}"] if port is not None else []
    command += [] if browser else ["--no-browser"]
    if getattr(os, "geteuid", lambda: -1)() == 0:  # rented machines know no other user, and it would refuse
        command.append("--allow-root")
    process = subprocess.Popen(command)  # noqa: S603 - this Python, our own arguments
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # JupyterLab got it too, asks, and ends by itself
            continue


@contextlib.contextmanager
def _existing(folder: Path) -> Iterator[Any]:
    """Open a project that is there already: a slip of the pen must not make an empty one."""
    from lorairo.errors import ProjectError  # noqa: PLC0415 - beside its only use
    from lorairo.project import open_project  # noqa: PLC0415 - loads pandas

    if not (folder / "database.db").is_file():
        raise ProjectError(f"{folder} is no project: lorairo add {folder} <pictures> makes one")
    with open_project(folder) as project:
        yield project


app.add_typer(batches.commands(_existing), name="batches")


def _exporter_options(words: list[str]) -> dict[str, Any]:
    """Read ``--key value``, ``--key=value``, ``--flag`` and ``--no-flag``; the exporter checks them."""
    options: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            raise ArgumentError(f"{word!r} stands alone: options are written --name value")
        key, joined, value = word[2:].partition("=")
        key = key.replace("-", "_")
        if joined:
            options[key] = value
        elif rest and not rest[0].startswith("--"):
            options[key] = rest.pop(0)
        elif key.startswith("no_"):
            options[key.removeprefix("no_")] = False
        else:
            options[key] = True
    return options

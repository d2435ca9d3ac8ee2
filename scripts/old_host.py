"""Environments of rented hosts: everything as old as `pyproject.toml` allows, and ipykernel 6 alone.

The floors are read from ``pyproject.toml``, so that what is promised there is what is tried. Both
environments lie in ``.lorairo-env``; the second time nothing is installed. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".lorairo-env"
FLOOR = re.compile(r"^([\w-]+)>=([\w.]+)")
# What such a host has beside our own dependencies. A JupyterLab 4 that shows ipywidgets 7 takes the widgets'
# manager of that time, and ipywidgets 7.6 needs a package it does not name.
BESIDE = ("jupyterlab==4.0.*", "jupyterlab-widgets<3", "ipython_genutils", "nbconvert")
FOR_TESTS = ("hypothesis", "imagesize==1.4.1", "pytest", "pytest-timeout", "toml")
OLD_KERNEL = ("ipykernel==6.*", "nest-asyncio")

# import, search, edit, undo, export and the widgets' handlers
TESTS = (
    "tests/exporters/test_kohya.py",
    "tests/importers",
    "tests/project/test_edits.py",
    "tests/project/test_project.py",
    "tests/project/test_view.py",
    "tests/query/test_evaluate.py",
    "tests/query/test_index.py",
    "tests/store/test_fold.py",
    "tests/store/test_log.py",
    "tests/widgets/test_browsing.py",
    "tests/widgets/test_editing.py",
    "tests/widgets/test_lifetime.py",
    "tests/widgets/test_races.py",
    "tests/widgets/test_wire.py",
)
DESELECTED = (
    # pandas of that time reads a broken PIL picture while a frame is made of it: the frame is never ours
    "tests/importers/test_options.py::test_what_cannot_be_read_is_named_and_the_rest_goes_on",
    # the libraries of services are extras, which ask for newer things beside them
    "tests/importers/test_batch_results.py",
)


def floors() -> list[str]:
    """Pin every dependency to the oldest version that is allowed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [FLOOR.match(line) for line in project["dependencies"]]
    return [f"{match[1]}=={match[2]}" for match in found if match]


def pip(python: Path | str, *arguments: str) -> None:
    """Install; wheels only, as a rented host compiles nothing."""
    quiet = ["-q", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
    subprocess.run([str(python), "-m", "pip", "install", *quiet, *arguments], check=True)


def is_made(place: Path, wanted: list[str]) -> bool:
    """Tell whether an environment holds what is wanted."""
    try:
        return bool(json.loads((place / "made.json").read_text(encoding="utf-8")) == wanted)
    except (OSError, ValueError):
        return False


def mark_made(place: Path, wanted: list[str]) -> None:
    """Write down what an environment holds."""
    (place / "made.json").write_text(json.dumps(wanted), encoding="utf-8", newline="\n")


def ensure_old_host() -> Path:
    """Return the interpreter of an environment in which everything is as old as it may be."""
    place = PLACE / "old-host"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = [*floors(), *BESIDE, *FOR_TESTS]
    if not is_made(place, wanted):
        print("Making the environment of an old host (a minute the first time)", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        venv.create(place, with_pip=True)
        pip(python, *wanted)
        mark_made(place, wanted)
    return python


def ensure_old_kernel() -> Path:
    """Return a folder with ipykernel 6, to be found before the one of this environment."""
    place = PLACE / "old-kernel"
    if not is_made(place, list(OLD_KERNEL)):
        shutil.rmtree(place, ignore_errors=True)
        pip(sys.executable, "--target", str(place), "--no-deps", *OLD_KERNEL)
        mark_made(place, list(OLD_KERNEL))
    return place


def main() -> int:
    """Run the tests of the main path in the old host; arguments go to pytest."""
    command = [str(ensure_old_host()), "-m", "pytest", "-q", "-p", "no:cacheprovider", *sys.argv[1:]]
    # old packages announce what has long since changed
    command += ["-W", "ignore::DeprecationWarning", *(f"--deselect={test}" for test in DESELECTED), *TESTS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, cwd=ROOT, check=False, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())

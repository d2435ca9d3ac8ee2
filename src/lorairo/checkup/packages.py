"""Which packages are installed, and whether they fit."""

from __future__ import annotations

import platform
import sqlite3
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement

from lorairo._version import __version__
from lorairo.checkup.report import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUBSHELLS: Final = 7  # the first ipykernel whose widgets answer while a cell runs
_BUILT: Final = ("test",)  # extras of those who work on lorairo itself
# Two builds of one library overwrite each other's files.
_RIVALS: Final = (
    ("onnxruntime", "onnxruntime-gpu"),
    ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
)
_STANDS_IN: Final = {"onnxruntime": "onnxruntime-gpu", "onnxruntime-gpu": "onnxruntime"}


def look() -> Iterator[Row]:
    """Look at lorairo, Python, what lorairo needs, and what its extras bring."""
    yield Row("lorairo", "ok", __version__)
    yield Row("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Row("SQLite", "ok", sqlite3.sqlite_version)
    core, extras = _wanted()
    if not core:
        yield Row("lorairo", "problem", "not installed, it runs from its source", "pip install -e .")
    for requirement in core:
        yield _needed(requirement)
    for extra, requirements in extras.items():
        lacking = [each for each in requirements if not _fits(each)]
        names = ", ".join(each.name for each in lacking or requirements)
        if lacking:
            yield Row(f"extra: {extra}", "missing", f"without {names}", f'pip install "lorairo[{extra}]"')
        else:
            yield Row(f"extra: {extra}", "ok", names)
    yield from _rivals()
    yield from _subshells()


def installed(name: str) -> str | None:
    """Version of a package, None when it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _wanted() -> tuple[list[Requirement], dict[str, list[Requirement]]]:
    """Read from lorairo's own metadata what it needs, and what each extra needs."""
    try:
        lines = requires("lorairo") or []
    except PackageNotFoundError:
        return [], {}
    core: list[Requirement] = []
    extras: dict[str, list[Requirement]] = {}
    for requirement in map(Requirement, lines):
        marker = str(requirement.marker or "")
        if "extra ==" not in marker:
            core.append(requirement)
            continue
        extra = marker.rpartition("extra == ")[2].strip("\"'")
        if extra not in _BUILT and extra != "local-gpu":  # it stands in for `local`, and excludes it
            extras.setdefault(extra, []).append(requirement)
    return core, extras


def _fits(requirement: Requirement) -> bool:
    found = installed(requirement.name) or installed(_STANDS_IN.get(requirement.name, requirement.name))
    return found is not None and requirement.specifier.contains(found, prereleases=True)


def _needed(requirement: Requirement) -> Row:
    found = installed(requirement.name)
    remedy = f'pip install -U "{requirement.name}{requirement.specifier}"'
    if found is None:
        return Row(requirement.name, "problem", "not installed", remedy)
    if not requirement.specifier.contains(found, prereleases=True):
        return Row(
            requirement.name, "problem", f"{found}, which does not fit {requirement.specifier}", remedy
        )
    return Row(requirement.name, "ok", found)


def _rivals() -> Iterator[Row]:
    for rivals in _RIVALS:
        present = [name for name in rivals if installed(name) is not None]
        if len(present) > 1:
            remedy = f"pip uninstall -y {' '.join(present)} && pip install {present[-1]}"
            found = f"installed together with {', '.join(present[1:])}: they overwrite each other"
            yield Row(present[0], "problem", found, remedy)


def _subshells() -> Iterator[Row]:
    found = installed("ipykernel")
    if found is None:
        return
    if int(found.partition(".")[0]) >= _SUBSHELLS:
        yield Row(
            "subshells", "ok", "widgets answer while a cell runs, where the page asks for it (JupyterLab 4.4)"
        )
    else:
        remedy = 'pip install -U "ipykernel>=7,!=7.0.0" "jupyterlab>=4.4", and start the kernel again'
        yield Row("subshells", "missing", "widgets wait until a cell has ended", remedy)

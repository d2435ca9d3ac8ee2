"""Every check of the project, one after another; a failure does not stop the others.

Run by ``scripts/test.py``, which sets up what the checks need. Arguments are names of checks; none means all.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "services"))
from notebook_service import answering as services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
WIDGETS = ROOT / "widgets"
ASKS_SERVICES = "api_captions.ipynb"  # runs without a key, and with a service of the tests' own
QUICKSTART = ROOT / "src/lorairo/demo/quickstart.ipynb"
COVERED = 85  # percent of lines and branches that the unit tests must reach
SECONDS_PER_CELL = 120
DEMO_PICTURES = "80"

# what must not stand in a committed text
FORBIDDEN = {
    "an open end": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|home|Users)/\w+|[A-Z]:\\Users\\"),
    "an address of a registry": re.compile(r'"resolved":\s*"http'),
}
SCAN_EXEMPT = {"scripts/checks.py"}  # the patterns themselves stand here


def python(*arguments: str, cwd: Path = ROOT) -> bool:
    """Run the interpreter that runs this script."""
    return subprocess.run([sys.executable, *arguments], cwd=cwd, check=False).returncode == 0


def npm(*arguments: str) -> bool:
    """Run npm in ``widgets/``; ``LORAIRO_NPM`` holds the command as a JSON list."""
    command = json.loads(os.environ.get("LORAIRO_NPM", "null")) or [shutil.which("npm") or "npm"]
    return subprocess.run([*command, *arguments], cwd=WIDGETS, check=False).returncode == 0


def pytest(name: str, *arguments: str, reports: Path) -> bool:
    """Run pytest and keep its counts for the closing line."""
    return python("-m", "pytest", "-q", "--durations=5", f"--junit-xml={reports / name}.xml", *arguments)


def check_style(_reports: Path) -> bool:
    """Run ruff: every rule, and the format."""
    checked = python("-m", "ruff", "check", ".")
    return python("-m", "ruff", "format", "--check", ".") and checked


def check_types(_reports: Path) -> bool:
    """Run mypy, strict."""
    return python("-m", "mypy")


def check_imports(_reports: Path) -> bool:
    """Check that imports run downward only."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return python("-c", code, "--no-cache")


def check_texts(_reports: Path) -> bool:
    """Look for open ends, paths of one machine and addresses of registries."""
    git = [shutil.which("git") or "git", "ls-files", "-z"]
    listed = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = 0
    for name in sorted(set(listed.split("\0")) - SCAN_EXEMPT - {""}):
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # a picture, or a file deleted but not yet committed
        for number, line in enumerate(text.splitlines(), 1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    found += 1
                    print(f"{name}:{number}: {what}: {line.strip()[:120]}")
    print(f"{found} found")
    return not found


def check_widgets(_reports: Path) -> bool:
    """Run TypeScript strict, Biome and vitest."""
    return npm("ci", "--no-audit", "--no-fund") and npm("run", "--silent", "check")


def check_wheel(_reports: Path) -> bool:
    """Build sdist and wheel, open both, install the wheel into an empty environment."""
    return python("scripts/check_wheel.py")


def check_unit(reports: Path) -> bool:
    """Run the unit tests, with coverage."""
    coverage = ["--cov", "--cov-report=term:skip-covered", f"--cov-fail-under={COVERED}"]
    return pytest("unit", "-m", "not browser", "-n", "auto", *coverage, reports=reports)


def check_notebooks(reports: Path) -> bool:
    """Run every notebook from top to bottom, in a folder made by lorairo demo."""
    with tempfile.TemporaryDirectory(prefix="lorairo-notebooks-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "demo"
        code = "from lorairo.cli import app; app()"
        if not python("-c", code, "demo", str(place), "--prepare-only", "--count", DEMO_PICTURES):
            return False
        sources = [QUICKSTART, *sorted((ROOT / "notebooks").glob("*.ipynb"))]
        notebooks = [str(shutil.copy(notebook, place)) for notebook in sources]
        lax = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={SECONDS_PER_CELL}"]
        options = ["-x", "-p", "no:cacheprovider", *lax, "--timeout=0"]
        asking = [notebook for notebook in notebooks if Path(notebook).name == ASKS_SERVICES]
        with _environment(_keyless(Path(folder))):
            said = pytest("notebooks-keyless", *options, *asking, reports=reports)
        with services(Path(folder)) as environment, _environment(environment):
            return pytest("notebooks", *options, *notebooks, reports=reports) and said


def _keyless(folder: Path) -> dict[str, str | None]:
    """Return the environment of somebody who has no key."""
    keys = [name for name in os.environ if name.endswith(("_API_KEY", "_TOKEN"))]
    return dict.fromkeys(keys) | {"LORAIRO_CONFIG": str(folder / "nobody" / "config.toml")}


@contextmanager
def _environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables for what is started in the block; None takes one out."""
    before = {name: os.environ.get(name) for name in changes}
    try:
        _set(changes)
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def check_old_host(reports: Path) -> bool:
    """Run the main path where everything is as old as pyproject.toml allows."""
    return python("scripts/old_host.py", f"--junit-xml={reports / 'old-host'}.xml")


def check_browser(reports: Path) -> bool:
    """Drive JupyterLab, Notebook, marimo and a bare page in real Chromium."""
    return pytest("browser", "-m", "browser", "tests/browser", reports=reports)


CHECKS: dict[str, Callable[[Path], bool]] = {
    "style": check_style,
    "types": check_types,
    "imports": check_imports,
    "texts": check_texts,
    "widgets": check_widgets,
    "wheel": check_wheel,
    "notebooks": check_notebooks,
    "unit": check_unit,
    "old-host": check_old_host,
    "browser": check_browser,
}


def closing_line(reports: Path) -> str:
    """Sum the counts of all pytest runs, in the form that readers of CI logs look for."""
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for report in reports.glob("*.xml"):
        for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - written by our own pytest a moment ago
            for key in total:
                total[key] += int(suite.get(key, 0))
    failed = total["failures"] + total["errors"]
    passed = total["tests"] - failed - total["skipped"]
    return f"pytest: {passed} passed, {failed} failed, {total['skipped']} skipped"


def main() -> int:
    """Run the checks asked for."""
    parser = argparse.ArgumentParser(description="Run every check, or those named.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of: {', '.join(CHECKS)}")
    names = parser.parse_args().names
    for name in names:
        if name not in CHECKS:
            parser.error(f"no check named {name}; there are: {', '.join(CHECKS)}")
    failed, rows = [], []
    with tempfile.TemporaryDirectory(prefix="lorairo-checks-") as folder:
        reports = Path(folder)
        for name in names or CHECKS:
            print(f"\n=== {name}: {CHECKS[name].__doc__}", flush=True)
            start = time.monotonic()
            passed = CHECKS[name](reports)
            rows.append(f"{name:<12} {'passed' if passed else 'FAILED'} {time.monotonic() - start:7.1f} s")
            if not passed:
                failed.append(name)
        print("\n=== summary", *rows, sep="\n")
        print(f"Failed: {', '.join(failed)}" if failed else "Everything passed.")
        if any(reports.glob("*.xml")):
            print(closing_line(reports), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

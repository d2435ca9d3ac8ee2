"""Build sdist and wheel, open both, and use the wheel in an environment that holds nothing else.

The sdist must carry the built bundles, and the wheel is built from the sdist: neither needs node.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDGETS = (
    "caption-panels",
    "compare",
    "duplicates",
    "embedding-map",
    "filters",
    "gallery",
    "history",
    "laboratory",
    "model-picker",
    "passes",
    "score-histogram",
    "tag-editor",
    "workbench",
)
LARGEST_BUNDLE = 100 * 1024  # bytes, minified: a bundle travels with every widget
HEAVY = ("numpy", "pandas", "PIL", "sqlalchemy", "lark", "anywidget", "onnxruntime", "torch")
IN_PACKAGE = (
    "py.typed",
    "inference/models.toml",
    "services/prompts.toml",
    "services/prices.toml",
    "demo/quickstart.ipynb",
    *(f"widgets/static/{name}.{kind}" for name in WIDGETS for kind in ("js", "css")),
)
# an import or a fetch from elsewhere; a namespace such as that of SVG is a name, not an address
REMOTE = re.compile(r"""(?:\bimport\b\s*\(?|\bfrom\b|\bfetch\s*\(|@import|url\()\s*["'`]?https?://""")

LIGHT = f"""
import sys
import lorairo
loaded = [name for name in {HEAVY!r} if name in sys.modules]
assert not loaded, f"import lorairo loads {{loaded}}"
"""

USED = """
import sys
import tempfile
import lorairo as lr
from PIL import Image
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
    with lr.open_project(folder + "/project") as project:
        report = project.add([Image.new("RGB", (64, 48), (200, 30, 30))])
        view = project.view()
        view.add_tags("red")
        bundle = lr.Gallery(view)._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert len(view) == 1 and "text/html" in data, sorted(data)
print("The wheel opens a project, adds a picture and shows a gallery.")
"""


def build(place: Path) -> tuple[Path, Path]:
    """Build both distributions; the wheel from the sdist."""
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(place), str(ROOT)], check=True, cwd=place)
    return next(place.glob("*.tar.gz")), next(place.glob("*.whl"))


def contents(sdist: Path, wheel: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Read the package's files from both, by their names inside the package."""
    with tarfile.open(sdist) as archive:
        members = [m for m in archive.getmembers() if m.isfile() and "/src/lorairo/" in m.name]
        in_sdist = {m.name.partition("/src/lorairo/")[2]: archive.extractfile(m) for m in members}
        sdist_files = {name: file.read() for name, file in in_sdist.items() if file}
    with zipfile.ZipFile(wheel) as archive:
        names = [n for n in archive.namelist() if n.startswith("lorairo/") and not n.endswith("/")]
        wheel_files = {name.removeprefix("lorairo/"): archive.read(name) for name in names}
    return sdist_files, wheel_files


def faults(kind: str, files: dict[str, bytes]) -> list[str]:
    """Name everything that is wrong with the files of one distribution."""
    found = [
        f"{kind}: {name} is missing" for name in IN_PACKAGE if not files.get(name) and name != "py.typed"
    ]
    if "py.typed" not in files:
        found.append(f"{kind}: py.typed is missing")
    if not any(re.fullmatch(r"store/migrations/versions/\w+\.py", name) for name in files):
        found.append(f"{kind}: store/migrations/versions/*.py is missing")
    for name, content in files.items():
        if not name.startswith("widgets/static/"):
            continue
        if len(content) > LARGEST_BUNDLE:
            found.append(f"{kind}: {name} has {len(content):,} bytes, more than {LARGEST_BUNDLE:,}")
        if REMOTE.search(content.decode("utf-8")):
            found.append(f"{kind}: {name} loads something from the network")
    return found


def use(wheel: Path, place: Path) -> None:
    """Install the wheel into an empty environment and use it."""
    subprocess.run([sys.executable, "-m", "venv", str(place / "env")], check=True)
    python = place / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([*pip, str(wheel)], check=True)
    for code in (LIGHT, USED):
        subprocess.run([str(python), "-c", code], check=True, cwd=place, env=environment)


def main() -> int:
    """Build, open, use."""
    with tempfile.TemporaryDirectory(prefix="lorairo-wheel-", ignore_cleanup_errors=True) as folder:
        sdist, wheel = build(Path(folder))
        sdist_files, wheel_files = contents(sdist, wheel)
        for name, content in sorted(wheel_files.items()):
            if name.startswith("widgets/static/"):
                print(f"{name:<36} {len(content) / 1024:6.1f} KB")
        found = faults("sdist", sdist_files) + faults("wheel", wheel_files)
        print(*found, sep="\n", end="\n" if found else "")
        if found:
            return 1
        use(wheel, Path(folder))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed with status {error.returncode}: {error.cmd[:4]}")

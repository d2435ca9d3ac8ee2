"""Real hosts in real Chromium; nothing may end with a console error or a request to another machine."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bare_host import BarePage, BareServer
from lab import Lab
from lab_server import NOTEBOOK, WITHOUT_SUBSHELLS, LabServer
from old_host import ensure_old_host, ensure_old_kernel
from playwright.sync_api import Browser, expect, sync_playwright
from system_chromium import FLAGS, find_chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from host_page import HostPage
    from server_process import ServerProcess

HERE = Path(__file__).resolve().parent
PATIENCE = 30_000  # milliseconds; two cores carry the server, a kernel, the browser and whatever else runs
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies here, and run it last: Playwright keeps an event loop in this thread until the end."""
    here = [item for item in items if HERE in item.path.parents]
    for item in here:
        item.add_marker(pytest.mark.browser)
    items[:] = [item for item in items if HERE not in item.path.parents] + here


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember whether a test failed, for the picture that its page leaves."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab as it comes: comms go to a subshell."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def lab_server_without_subshells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab over a kernel whose cells hold up its comms."""
    server = LabServer(tmp_path_factory.mktemp("lab-queued"), WITHOUT_SUBSHELLS)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def notebook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """Jupyter Notebook 7."""
    server = LabServer(tmp_path_factory.mktemp("notebook"), app=NOTEBOOK)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def old_kernel_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab of today over ipykernel 6."""
    server = LabServer(tmp_path_factory.mktemp("lab-old-kernel"), before=(ensure_old_kernel(),))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def old_host_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab and a kernel in which everything is as old as it may be."""
    server = LabServer(tmp_path_factory.mktemp("lab-old-host"), python=ensure_old_host())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def reading_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """JupyterLab on a machine without kernels."""
    server = LabServer(tmp_path_factory.mktemp("lab-reading"), kernels=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def pictures_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: LORAIRO_SCREENSHOTS, or a folder nobody keeps."""
    folder = Path(os.environ.get("LORAIRO_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, chromium: Browser, pictures_folder: Path
) -> Iterator[Callable[..., HostPage]]:
    """Open pages of hosts; at the end none of them may have complained."""
    pages: list[HostPage] = []

    def start(kind: type[HostPage], server: ServerProcess, **size: int) -> HostPage:
        folder = Path(tempfile.mkdtemp(prefix=f"{request.node.name.partition('[')[0]}-", dir=server.root))
        pages.append(kind(server, chromium, folder, **size))
        return pages[-1]

    yield start
    complaints: list[str] = []
    for number, page in enumerate(pages):
        if request.node.stash.get(FAILED, False):
            page.screenshot(pictures_folder / f"failed-{request.node.name}-{number}.png")
        complaints += page.take_complaints()
        page.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def open_lab(open_page: Callable[..., Any]) -> Callable[..., Lab]:
    """Open pages of JupyterLab or Notebook."""
    return functools.partial(open_page, Lab)


@pytest.fixture
def lab(open_lab: Callable[..., Any], lab_server: LabServer) -> Lab:
    """One JupyterLab page of the usual size."""
    return open_lab(lab_server)


@pytest.fixture
def open_bare(open_page: Callable[..., Any], tmp_path: Path, photos: Path) -> Callable[..., BarePage]:
    """Open the bare page over a widget and twelve pictures; its server ends with it."""

    def start(expression: str, query: str = "", protocols: tuple[int, int] | None = None) -> BarePage:
        place = tmp_path / "bare"
        shutil.copytree(photos, place / "root" / "photos")
        page: BarePage = open_page(BarePage, BareServer(place, expression, protocols))
        page.open(query)
        return page

    return start

"""The prompt laboratory in a notebook: asked, voted on blind by key, revealed, and run over all images."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from typing import TYPE_CHECKING

import openai_wire
import pytest
from api_server import Received, Sent, serving
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_looks import OUTSIDE
from workbench_page import WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api_server import ApiServer
    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

COUNT = 16
SETTINGS = """
import os
from pathlib import Path
own = Path("own").resolve()
own.mkdir(exist_ok=True)
os.environ |= {{
    "HF_HUB_OFFLINE": "1",
    "LORAIRO_CONFIG": str(own / "config.toml"),
    "LORAIRO_PROVIDERS__OPENAI__BASE_URL": "{url}/v1",
    "LORAIRO_PROVIDERS__OPENAI__RATE_LIMIT_REQUESTS_PER_MINUTE": "6000",
    "OPENAI_API_KEY": "sk-test-of-the-browser-0123456789",
}}
"""
PROJECT = """\
import lorairo as lr
project = lr.open_project("project")
project.add("photos")
view = project.view()
"""
LAB = """\
lab = view.prompt_lab(
    {"plain": "Describe the picture in one sentence.", "lavish": "Describe the picture at length."},
    ["openai/gpt-5-mini", "openai/gpt-5.4-mini"],
    sample=4,
)
lab
"""
PLACES = ("over a meadow", "behind bare trees", "above a quiet lake", "between two hills", "beside a path")
PAINTED = """
root => [...root.querySelectorAll('.lb-stage img')].some(i => i.checkVisibility() && i.naturalWidth > 256)
"""
LAVISH = (
    "Soft light falls from the left and leaves long shadows on the ground; colours are muted, with a warm "
    "haze along the horizon, and the framing is wide: the eye is drawn slowly from the foreground to the sky."
)
ENDED = """
import time
while (project.running_job() or {}).get("state") == "running":
    time.sleep(0.05)
"""


class Painter:
    """Says something of each picture by its bytes; refuses one question; some models are long-winded."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, str, str]] = []
        self.refused = False
        self._lock = threading.Lock()

    def __call__(self, received: Received) -> Sent:
        if received.method == "GET":
            return openai_wire.models("gpt-5-mini", "gpt-5.4-mini")
        question = openai_wire.asked(received)
        seen = hashlib.sha256(question.picture).digest()
        lavish = "at length" in question.prompt
        with self._lock:
            self.questions.append((question.model, question.prompt, seen.hex()))
            first = lavish and question.model == "gpt-5.4-mini" and not self.refused
            self.refused = self.refused or first
        if first:
            return openai_wire.refused()
        art = "photograph" if question.model == "gpt-5-mini" else "view"
        text = f"A {art} of a low sun {PLACES[seen[0] % len(PLACES)]}, in soft light."
        return openai_wire.chat(json.dumps({"caption": f"{text} {LAVISH}" if lavish else text}))


@pytest.fixture
def painter() -> Painter:
    return Painter()


@pytest.fixture
def service(painter: Painter) -> Iterator[ApiServer]:
    with serving(painter) as server:
        yield server


@pytest.fixture
def lab(open_lab: Callable[..., Lab], lab_server: LabServer, service: ApiServer) -> Lab:
    """A notebook that shows a laboratory nobody has asked yet."""
    lab = open_lab(lab_server, width=1300, height=960)
    prepare(lab.folder, count=COUNT)
    lab.open_cells(PROJECT, LAB)
    opened(lab, service)
    return lab


def opened(lab: Lab, service: ApiServer) -> None:
    lab.kernel_exec(SETTINGS.format(url=service.url))
    lab.run_all()
    lab.show(1)


def root_of(lab: Lab) -> Locator:
    return lab.output(1).get_by_role("region", name="lorairo laboratory, project")


def press(lab: Lab, *keys: str) -> None:
    for key in keys:
        lab.page.keyboard.press(key)


def violations() -> dict[str, list[str]]:
    return {"resultTypes": ["violations"]}


def narrow(lab: Lab, root: Locator, width: int) -> None:
    page = WorkbenchPage(lab, 1)
    page.root = root
    page.resize(width)
    lab.show(1)


def unbroken(lab: Lab) -> None:
    found = Axe().run(lab.page, context=".lr", options=violations()).response["violations"]
    assert [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]] == []


def test_from_the_first_question_to_the_run_over_all_images(
    lab: Lab, service: ApiServer, painter: Painter, pictures_folder: Path
) -> None:
    root = root_of(lab)
    ask = root.get_by_role("button", name="Ask 16 questions")
    expect(ask).to_be_visible()
    expect(root.get_by_text(re.compile(r"^about \$.*, at most \$"))).to_be_visible()
    expect(
        root.get_by_text(re.compile("^2 prompts by 2 models on 4 images, which stand for 16 images"))
    ).to_be_visible()
    lab.screenshot(pictures_folder / "laboratory-start.png", root)
    unbroken(lab)
    assert service.received == []  # until somebody presses
    ask.click()
    stage = root.get_by_role("group", name=re.compile(r"^Which answer is better\?"))
    expect(stage).to_be_visible(timeout=30_000)
    expect(root.get_by_text(re.compile(r"^0 of \d+ votes$"))).to_be_visible(timeout=30_000)
    blind(lab, root, stage, pictures_folder)
    reopened(lab, service)
    revealed(lab, root_of(lab), pictures_folder)
    used(lab, root_of(lab), painter, pictures_folder)


def blind(lab: Lab, root: Locator, stage: Locator, pictures_folder: Path) -> None:
    """Vote by key, with names nowhere on the page."""
    stage.focus()
    lab.page.wait_for_function(PAINTED, arg=root.element_handle())
    part = root.get_by_role("region", name="Prompt laboratory").inner_html()
    assert not any(name in part for name in ("gpt", "openai", "lavish", "plain"))
    lab.screenshot(pictures_folder / "laboratory-vote-light.png", root)
    unbroken(lab)
    press(lab, "d")
    expect(root.locator("mark").first).to_be_visible()
    lab.theme("dark")
    lab.screenshot(pictures_folder / "laboratory-vote-dark.png", root)
    unbroken(lab)
    press(lab, "d")
    press(lab, *"120x1")
    expect(root.get_by_text(re.compile(r"^5 of \d+ votes$"))).to_be_visible()
    press(lab, "u")
    expect(root.get_by_text(re.compile(r"^4 of \d+ votes$"))).to_be_visible()
    narrow(lab, root, 360)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "laboratory-vote-narrow.png", root)
    narrow(lab, root, 1100)


def reopened(lab: Lab, service: ApiServer) -> None:
    """Another kernel goes on with the same images, answers and votes, and asks nothing again."""
    before = len(service.received)
    lab.restart_kernel()
    opened(lab, service)
    expect(root_of(lab).get_by_text(re.compile(r"^4 of \d+ votes$"))).to_be_visible()
    assert len(service.received) == before


def revealed(lab: Lab, root: Locator, pictures_folder: Path) -> None:
    """See the names with their figures, and what one of them said."""
    lab.kernel_exec(
        "for ballot in lab.ballots(): lab.prefer(ballot, 'a' if len(ballot.a) > len(ballot.b) else 'b')"
    )
    root.get_by_role("button", name="Reveal").click()
    rows = root.get_by_role("radiogroup", name="Prompts by models").get_by_role("radio")
    expect(rows).to_have_count(4)
    expect(rows.first).to_have_accessible_name(re.compile(r"^plain, openai/gpt-5-mini, .*4 answered"))
    expect(rows.last).to_have_accessible_name(re.compile("3 answered, 1 refused"))
    lab.screenshot(pictures_folder / "laboratory-results-dark.png", root)
    unbroken(lab)
    lab.theme("light")
    rows.nth(2).focus()
    press(lab, "Enter")
    answers = root.get_by_role("list", name="Answers")
    expect(answers.get_by_role("listitem")).to_have_count(4)
    expect(answers).to_contain_text("Describe the picture at length.")
    lab.page.wait_for_function(
        "root => [...root.querySelectorAll('.lb-thumb img')].every(i => i.naturalWidth > 0)",
        arg=root.element_handle(),
    )
    lab.screenshot(pictures_folder / "laboratory-results-light.png", root)
    unbroken(lab)
    narrow(lab, root, 360)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "laboratory-results-narrow.png", root)
    narrow(lab, root, 1100)


def used(lab: Lab, root: Locator, painter: Painter, pictures_folder: Path) -> None:
    """Run the best over all images; what the laboratory asked is not asked again."""
    root.get_by_role("button", name="Use this for 16 images").click()
    expect(root.locator(".lb-results code")).to_have_text(
        re.compile(r"^lab\..*\.annotate\(project\.view\(\)\)$")
    )
    send = root.get_by_role("button", name="Send 12 images")
    expect(send).to_be_focused()
    lab.screenshot(pictures_folder / "laboratory-use.png", root)
    unbroken(lab)
    press(lab, "Enter")
    expect(root.get_by_text(re.compile(r"^12 answered"))).to_be_visible()
    lab.kernel_exec(ENDED)
    assert len(set(painter.questions)) == len(painter.questions)
    assert len(painter.questions) == 16 + 12
    assert lab.cell_types() == ["code", "code"]  # no key reached the notebook

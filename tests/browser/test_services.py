"""Services in a notebook: what is quoted is sent, a run stops and goes on, refusals are named."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import openai_wire
import pytest
from api_server import Received, Sent, serving
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from workbench_page import WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from api_server import ApiServer
    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

COUNT = 12
MODEL = "openai/gpt-5-mini"
PROJECT = (
    "import lorairo as lr\nproject = lr.open_project('project')\nproject.add('photos')\nview = project.view()"
)
NARROW = 360
# Dear enough for a dozen pictures to cost something, and a server at an address where nobody listens.
SETTINGS = """
import os
from pathlib import Path
own = Path("own").resolve()
own.mkdir(exist_ok=True)
(own / "prices.toml").write_text(
    '[prices."openai/gpt-5-mini"]\\ninput = 20\\noutput = 80\\nbatch_factor = 0.5\\nas_of = 2026-11-02\\n'
)
os.environ |= {{
    "HF_HUB_OFFLINE": "1",
    "LORAIRO_CONFIG": str(own / "config.toml"),
    "LORAIRO_PROVIDERS__OPENAI__BASE_URL": "{url}/v1",
    "LORAIRO_PROVIDERS__OPENAI__RATE_LIMIT_REQUESTS_PER_MINUTE": "6000",
    "LORAIRO_PROVIDERS__OPENAI__CONCURRENCY": "1",
    "LORAIRO_PROVIDERS__STUDIO__BASE_URL": "http://127.0.0.1:9/v1",
    "LORAIRO_PROVIDERS__STUDIO__MODEL": "llava",
    "OPENAI_API_KEY": "sk-test-of-the-browser-0123456789",
}}
for name in ("ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
    os.environ.pop(name, None)
"""


class Scripted:
    """Answers with a caption, or as `sent` says for a question by its number; each needs a permit."""

    def __init__(self) -> None:
        self.permits = threading.Semaphore(1000)
        self.sent: dict[int, Sent] = {}
        self.asked = 0

    def hold(self, permits: int = 0) -> None:
        self.permits = threading.Semaphore(permits)

    def __call__(self, received: Received) -> Sent:
        self.permits.acquire(timeout=60)
        self.asked += 1
        return self.sent.get(self.asked, openai_wire.chat('{"default": "A dog on a lawn, in soft light."}'))


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def service(script: Scripted) -> Iterator[ApiServer]:
    with serving(script) as server:
        yield server
        script.permits.release(1000)


class Picker:
    """The picker of one page."""

    def __init__(self, lab: Lab, root: Locator) -> None:
        self.lab, self.root = lab, root
        self.side = root.get_by_role("region", name="Run", exact=True)
        self.code = root.locator(".mp-plan code")

    def row(self, name: str) -> Locator:
        return self.root.get_by_role("checkbox", name=f"{name},")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.side.get_by_role("button", name=name)

    def send(self) -> Locator:
        return self.button(re.compile(r"^Send \d+ images? · \$\d"))

    def choose(self, of: str, choice: str) -> None:
        """Choose from the menu of a line of the quote."""
        self.side.get_by_title(of).click()
        self.root.get_by_role("menuitemradio", name=choice).click()


@pytest.fixture
def picker(open_lab: Callable[..., Lab], lab_server: LabServer, service: ApiServer) -> Picker:
    """A picker over the demo's pictures, in a kernel that may ask the service."""
    lab = open_lab(lab_server, width=1240, height=1000)
    prepare(lab.folder, count=COUNT)
    lab.open_cells(PROJECT, "lr.ModelPicker(view, height=520)")
    lab.kernel_exec(SETTINGS.format(url=service.url))
    lab.run_all()
    lab.show(1)
    page = Picker(lab, lab.output(1).get_by_role("region", name="lorairo models, project"))
    expect(page.row(MODEL)).to_be_visible()
    return page


def kernel(lab: Lab, expression: str) -> str:
    return lab.kernel_exec(f"print({expression})")


def test_the_quote_is_the_confirmation(picker: Picker, service: ApiServer, pictures_folder: Path) -> None:
    lab = picker.lab
    count = kernel(lab, "len(view)")
    place = f"127.0.0.1:{service.server_port}"
    expect(picker.row("anthropic/claude-haiku-4-5")).to_have_attribute("aria-disabled", "true")
    expect(picker.row("anthropic/claude-haiku-4-5")).to_contain_text("Needs ANTHROPIC_API_KEY")
    expect(picker.row("studio/llava")).to_contain_text("Not answering")
    expect(picker.row("studio/llava")).to_have_attribute("aria-disabled", "true")
    expect(picker.row(MODEL)).to_contain_text(re.compile(rf"{place}.*Ready.*\$\d"))
    expect(picker.root.get_by_text(re.compile(r"^Prices as of \d{4}-\d\d-\d\d, from "))).to_be_visible()
    picker.row(MODEL).click()
    expect(picker.send()).to_contain_text(f"Send {count} images · $")
    picker.row(MODEL).scroll_into_view_if_needed()
    expect(picker.side).to_contain_text(f"Goes to {place} on this machine.")
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.screenshot(pictures_folder / f"services-quote-{theme}.png", picker.root)
    before = picker.send().inner_text()
    picker.side.get_by_label("Answer within a day, half price").check()
    expect(picker.send()).not_to_have_text(before)
    expect(picker.side).to_contain_text("within a day")
    picker.side.get_by_label("Stop at").fill("0,60")
    expect(picker.button("Stop at is not an amount")).to_have_attribute("aria-disabled", "true")
    picker.side.get_by_label("Stop at").fill("0.60")
    picker.choose("Ratings that stay here", "questionable and explicit")
    called = 'budget=0.6, withhold=["questionable", "explicit"], batch=True'
    expect(picker.code).to_have_text(f'view.annotate(["{MODEL}"], {called})')
    picker.side.get_by_text("Options").click()
    picker.side.get_by_label("Words of the prompt").fill("Say what it is.")
    expect(picker.code).to_contain_text('"text": "Say what it is."')
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.screenshot(pictures_folder / f"services-options-{theme}.png", picker.root)
        options = {"resultTypes": ["violations"]}
        broken = Axe().run(lab.page, context=".lr", options=options).response["violations"]
        assert [(rule["id"], node["target"]) for rule in broken for node in rule["nodes"]] == []
    assert service.received == []  # until somebody presses


def test_a_run_is_stopped_and_goes_on(picker: Picker, script: Scripted, pictures_folder: Path) -> None:
    script.hold()
    keyboard = picker.lab.page.keyboard
    picker.row(MODEL).focus()
    keyboard.press("Space")
    expect(picker.send()).to_be_visible()
    picker.send().focus()
    keyboard.press("Enter")
    keyboard.press("Enter")  # whatever the second press hits, one run is under way
    expect(picker.side.get_by_role("progressbar")).to_be_visible()
    script.permits.release(3)
    expect(picker.side.get_by_text(re.compile(r"^\$\d.* so far$"))).to_be_visible()
    picker.lab.screenshot(pictures_folder / "services-running.png", picker.root)
    picker.button("Stop").click()
    expect(picker.button("Stopping after this batch")).to_be_visible()
    script.permits.release(1000)
    picker.button("Resume").first.click()
    count = int(kernel(picker.lab, "len(view)"))
    expect(picker.side.get_by_text(re.compile(rf"^{count} answered, \$"))).to_be_visible()
    expect(picker.button("All 12 images are answered")).to_be_visible()
    assert script.asked == count
    assert kernel(picker.lab, "project.jobs['state'].tolist()") == "['done']"


def test_a_budget_stops_it_and_refusals_are_named(
    picker: Picker, script: Scripted, pictures_folder: Path
) -> None:
    script.sent = {2: openai_wire.refused(), 3: openai_wire.policy()}
    picker.row(MODEL).click()
    expect(picker.send()).to_be_visible()
    picker.side.get_by_label("Stop at").fill("0.2")
    expect(picker.side.get_by_text("Stops before all of them are sent.")).to_be_visible()
    picker.send().click()
    expect(
        picker.side.get_by_text(re.compile(r"^Stopped at \$0\.\d+\. \d+ of \d+ captioned\.$"))
    ).to_be_visible()
    expect(picker.side.get_by_text("openai refused 2 images: content policy.")).to_be_visible()
    picker.lab.screenshot(pictures_folder / "services-stopped.png", picker.root)
    picker.side.get_by_label("Another budget, US dollars").fill("50")
    picker.button("Resume with another budget").click()
    expect(picker.side.get_by_text(re.compile(r"^10 answered, 2 refused, \$"))).to_be_visible()
    expect(picker.button("Nothing is left to send")).to_be_visible()
    expect(picker.side.get_by_text("Refused before", exact=True)).to_be_visible()
    picker.choose("What happens to images refused before", "Send them again")
    expect(picker.send()).to_contain_text("Send 2 images")
    picker.lab.screenshot(pictures_folder / "services-refused.png", picker.root)
    picker.button("Show").click()
    expect(picker.root.get_by_text("for 2 images in view")).to_be_visible()
    assert kernel(picker.lab, "len(view.shown)") == "2"


@pytest.fixture
def workbench(open_lab: Callable[..., Lab], lab_server: LabServer, service: ApiServer) -> WorkbenchPage:
    """A workbench over the same pictures."""
    lab = open_lab(lab_server, width=1400, height=900)
    prepare(lab.folder, count=COUNT)
    lab.open_cells(PROJECT, "lr.Workbench(view)")
    lab.kernel_exec(SETTINGS.format(url=service.url))
    lab.run_all()
    lab.show(1)
    page = WorkbenchPage(lab, 1)
    page.await_painted()
    return page


def test_the_strip_has_the_price_and_sends_nothing(
    workbench: WorkbenchPage, service: ApiServer, script: Scripted, pictures_folder: Path
) -> None:
    script.sent = {4: openai_wire.refused()}
    page = Picker(workbench.lab, workbench.models)
    workbench.root.get_by_role("button", name="Run…").click()
    page.row(MODEL).click()
    price = page.send().inner_text().rpartition(" ")[2]
    run = workbench.root.get_by_role("button", name=f"Run… {price}")
    expect(run).to_be_visible()
    workbench.lab.screenshot(pictures_folder / "services-workbench.png", workbench.root)
    run.click()
    expect(workbench.models).to_be_hidden()
    for theme in ("light", "dark"):
        workbench.lab.theme(theme)
        workbench.resize(NARROW)
        expect(run).to_have_text(price, use_inner_text=True)
        run.click()
        expect(page.send()).to_be_visible()
        workbench.lab.screenshot(pictures_folder / f"services-narrow-{theme}.png", workbench.root)
        run.click()
    assert service.received == []
    workbench.resize(1100)
    run.click()
    page.send().click()
    strip = workbench.root.locator(".wb-foot")
    expect(strip).to_contain_text("openai refused 1 image: content policy.")
    expect(strip).to_contain_text(re.compile(r"11 answered, 1 refused, \$"))
    workbench.lab.screenshot(pictures_folder / "services-strip.png", workbench.root)
    strip.get_by_role("button", name="Show").click()
    expect(workbench.search_field).to_have_value("refused:openai")

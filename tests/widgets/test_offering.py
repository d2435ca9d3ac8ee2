"""The model picker: models of every kind in one run, how long one takes, options, whose tags can be cut."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lorairo.demo.tagger import NAME, make_tagger
from lorairo.jobs import live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import lorairo as lr

    Open = Callable[..., Any]

LIGHT = """
import io
import numpy as np
from PIL import Image

class Light:
    revision, batch, notice, names = "1", 4, None, ["light"]

    def __init__(self, spec):
        pass

    def prepare(self, image):
        return np.asarray(Image.open(io.BytesIO(image)).convert("L"), np.float32)

    def infer(self, pictures):
        return np.array([[picture.mean() / 255] for picture in pictures], np.float32)
"""
CAPTIONER = """
[[model]]
name = "describer"
kind = "captioner"
backend = "florence"
path = "describer"
generation = { prompt = "<CAPTION>", max_new_tokens = 64 }
files = { patterns = ["*.json"] }
"""
UPSCALER = """
[[model]]
name = "larger"
kind = "upscaler"
path = "larger"
"""


@pytest.fixture(autouse=True)
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No models of whoever runs the tests: the demo's tagger, a scorer as a plug-in, rows of one's own."""
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("LORAIRO_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    make_tagger(tmp_path / "models" / "demo")
    (tmp_path / "models.toml").write_text(CAPTIONER + UPSCALER, encoding="utf-8")
    info = tmp_path / "site" / "lightmeter-1.0.dist-info"
    info.mkdir(parents=True)
    (info.parent / "lightmeter.py").write_text(LIGHT, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lightmeter\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[lorairo.scorers]\nlight = lightmeter:Light\n")
    monkeypatch.syspath_prepend(info.parent)
    yield
    sys.modules.pop("lightmeter", None)


def ask(browser: Any, **asked: Any) -> dict[str, Any]:
    ok, _ = browser.ask("models", target="shown", **asked)
    return ok


def row(ok: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in ok["rows"] if row["id"] == name)


def plan(browser: Any, *names: str, **options: Any) -> dict[str, Any]:
    ok, _ = browser.ask("models.plan", models=list(names), target="shown", options=options)
    return ok


def states(project: lr.Project) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in project.jobs[["kind", "label", "state"]].itertuples(index=False)]


def wait(project: lr.Project, count: int = 1) -> None:
    """Wait until so many runs have ended."""
    done = threading.Event()
    while sum(state == "done" for *_, state in states(project)) < count:
        for job in live(project.database):
            job.wait(60)
        done.wait(0.01)


def test_one_run_may_hold_models_that_tag_and_models_that_score(browse: Open, project: lr.Project):
    browser = browse(kind="ModelPicker")
    ok, _ = browser.ask("models.run", models=["light", NAME], target="shown")
    assert ok["code"] == f'view.annotate(["{NAME}"])\nview.score(["light"])'
    assert ok["job"]["label"] == NAME
    wait(project, 2)
    assert sorted(states(project)) == [("annotate", NAME, "done"), ("score", "light", "done")]
    assert project.view("light:>0").ids.tolist() == project.view().ids.tolist()
    assert {run["label"] for run in ask(browser)["jobs"]} == {NAME, "light"}


def test_scores_do_not_begin_once_the_run_was_stopped(
    browse: Open, project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    gate, each = threading.Event(), project.originals.each
    monkeypatch.setenv("LORAIRO_BATCH_SIZE", "1")
    monkeypatch.setattr("lorairo.inference.pipeline._COMMIT", 0.0)
    monkeypatch.setattr(project.originals, "each", lambda ids: (gate.wait(60), each(ids))[1])
    browser = browse(kind="ModelPicker")
    ok, _ = browser.ask("models.run", models=[NAME, "light"], target="shown")
    browser.ask("job.cancel", id=ok["job"]["id"])
    gate.set()
    for job in live(project.database):
        job.wait(60)
    assert states(project) == [("annotate", NAME, "stopped")]


def test_scores_are_of_the_images_that_were_asked_about(
    browse: Open, project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    gate, each = threading.Event(), project.originals.each
    monkeypatch.setattr(project.originals, "each", lambda ids: (gate.wait(60), each(ids))[1])
    view = project.view()
    browser = browse(view, kind="ModelPicker")
    view.selected = [1, 2]
    browser.ask("models.run", models=[NAME, "light"], target="selected")
    view.selected = [3, 4, 5]
    gate.set()
    wait(project, 2)
    assert project.view("light:>0").ids.tolist() == [1, 2]


def test_a_plan_says_the_lines_and_what_is_left_when_asked_so(browse: Open, project: lr.Project):
    project.view().head(5).annotate(NAME, background=False)
    browser = browse(kind="ModelPicker")
    assert plan(browser, NAME)["todo"] == [7]
    other = plan(browser, NAME, batch=8, floor=0.1)
    assert other["code"] == f'view.annotate(["{NAME}"], batch=8, floor=0.1)'
    assert other["todo"] == [12]
    asked = {"describer": {"prompt": 'Say "hi".', "max_new_tokens": 32}}
    assert plan(browser, "describer", NAME, parameters=asked)["code"].splitlines() == [
        f'view.annotate(["{NAME}"])',
        r'view.annotate(["describer"], parameters={"prompt": "Say \"hi\".", "max_new_tokens": 32})',
    ]


def test_the_lines_of_a_plan_do_what_its_run_does(browse: Open, project: lr.Project):
    browser = browse(kind="ModelPicker")
    lines = plan(browser, NAME, "light", floor=0.2)["code"]
    view = project.view()
    for line in lines.splitlines():
        eval(line, {"view": view}).wait(60)
    assert plan(browser, NAME, "light", floor=0.2)["todo"] == [0, 0]


@pytest.mark.parametrize(
    ("models", "options", "said"),
    [
        ([], {}, "at least one"),
        (["larger"], {}, "'upscaler', which no run here takes"),
        ([NAME], {"parameters": {NAME: {"prompt": "hi"}}}, "takes no prompt"),
        (["describer"], {"parameters": {"describer": {"max_new_tokens": 0}}}, "max_new_tokens"),
    ],
)
def test_what_cannot_be_asked_says_why(browse: Open, models: list[str], options: dict[str, Any], said: str):
    for kind in ("models.plan", "models.run"):
        reply, _ = browse(kind="ModelPicker").reply(kind, models=models, target="shown", options=options)
        assert said in reply["error"]["message"]


def test_every_kind_is_listed_with_what_it_takes(browse: Open):
    ok = ask(browse(kind="ModelPicker"))
    assert (row(ok, "light")["kind"], row(ok, "light")["runnable"]) == ("scorer", True)
    assert not row(ok, "larger")["runnable"]
    assert row(ok, NAME)["thresholds"]["general"] > 0
    assert row(ok, "describer")["generation"] == {"prompt": "<CAPTION>", "max_new_tokens": 64}
    assert row(ok, NAME)["generation"] is None


def test_what_is_not_installed_names_the_command_alone(browse: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lorairo.inference.registry.find_spec", lambda _name: None)
    tagger = row(ask(browse(kind="ModelPicker")), NAME)
    assert tagger["why_not"] == "Needs onnxruntime"
    assert tagger["command"] == 'pip install "lorairo[local]"'
    assert tagger["command"] in tagger["remedy"]


def test_how_long_an_image_took_is_known_once_one_was_answered(browse: Open, project: lr.Project):
    browser = browse(kind="ModelPicker")
    assert row(ask(browser), NAME)["seconds"] is None
    project.view().head(3).annotate(NAME, background=False)
    assert 0 < row(ask(browser), NAME)["seconds"] < 60
    assert row(ask(browser), "light")["seconds"] is None


def test_thresholds_in_force_are_told_of_models_that_named_tags(browse: Open, project: lr.Project):
    browser = browse(kind="ModelPicker")
    assert ask(browser)["cuts"] == []
    project.view().annotate(NAME, background=False)
    project.view().score("light", background=False)
    (cut,) = ask(browser)["cuts"]
    assert (cut["name"], cut["method"], cut["per_tag"]) == (NAME, "fixed", {})
    browser.ask("threshold.set", model=cut["model"], general=0.5)
    (moved,) = ask(browser)["cuts"]
    assert moved == cut | {"general": 0.5}
    browser.ask("threshold.set", model=cut["model"], per_tag={"Blue Sky": 0.9})
    assert ask(browser)["cuts"] == [moved | {"per_tag": {"blue_sky": 0.9}}]
    browser.ask("threshold.set", model=cut["model"], per_tag={"blue_sky": None})
    assert ask(browser)["cuts"] == [moved]
    project.view().threshold(NAME, method="mcut")
    assert ask(browser)["cuts"][0]["method"] == "mcut"


def test_a_run_of_functions_is_not_resumed_by_a_press(browse: Open, project: lr.Project):
    seen = iter(range(12))

    def fails_once(_picture: Any) -> float:
        if next(seen) == 0:
            raise ValueError("no light")
        return 0.5

    job = project.view().score({"warmth": fails_once}, background=False)
    browser = browse(kind="ModelPicker")
    assert ask(browser)["jobs"][0] | {"started": ""} == {
        "id": job.id,
        "label": "warmth",
        "state": "done",
        "done": 12,
        "total": 12,
        "failed": 1,
        "started": "",
        "budget": None,
        "account": None,
        "resumable": False,
    }

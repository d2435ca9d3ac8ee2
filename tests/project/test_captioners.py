"""Captioners over a project: what they say becomes captions, and is asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tiny_captioners as tiny

import lorairo as lr
from lorairo.annotators.chat import Chat
from lorairo.errors import ArgumentError, ModelError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.llava(tmp_path_factory.mktemp("models") / "llava")


def ask(view: lr.View, model: Path, **parameters: object) -> lr.Job:
    return view.annotate([model], parameters={"max_new_tokens": 4, **parameters}, background=False)


def test_what_is_said_is_the_caption_until_somebody_writes_one(project: lr.Project, llava: Path):
    view = project.view().head(3)
    view.head(1).set_caption("mine")
    job = ask(view, llava)
    assert (job.state, job.progress.done, job.progress.failed) == ("done", 3, 0)
    told = view.annotations.query("model == 'llava'")
    assert told["caption"].str.len().gt(0).all()
    assert told["revision"].str.startswith("sha256:").all()
    said = dict(zip(told["image_id"], told["caption"], strict=True))
    assert view.captions().to_dict() == {1: "mine", 2: said[2], 3: said[3]}
    assert project[2].captions["default"] == said[2]


def test_the_same_question_is_asked_once_and_another_one_is_another_answer(project: lr.Project, llava: Path):
    view = project.view().head(2)
    ask(view, llava)
    first = len(view.annotations.query("model == 'llava'"))
    assert ask(view, llava).progress.done == 2
    assert len(view.annotations.query("model == 'llava'")) == first == 2
    ask(view, llava, prompt="brief ?")
    assert len(view.annotations.query("model == 'llava'")) == 4


def test_parameters_that_mean_nothing_are_named(project: lr.Project, llava: Path):
    view = project.view().head(1)
    with pytest.raises(ArgumentError, match="llava takes no promt: did you mean 'prompt'"):
        view.annotate([llava], parameters={"promt": "?"})
    with pytest.raises(ArgumentError, match="llava: max_new_tokens: "):
        view.annotate([llava], parameters={"max_new_tokens": 0})
    with pytest.raises(ArgumentError, match="words takes no parameters"):
        view.annotate({"words": str}, parameters={"prompt": "?"})


def test_a_captioner_gives_no_scores(project: lr.Project, llava: Path):
    with pytest.raises(ModelError, match=r"view\.annotate\(\['llava'\]\) runs it"):
        project.view().score([llava])


def test_a_run_goes_on_with_its_own_question(project: lr.Project, llava: Path):
    job = ask(project.view().head(2), llava, prompt="brief ?")
    again = project.resume(job.id, background=False)
    assert (again.state, again.progress.done) == ("done", 2)
    assert len(project.view().annotations.query("model == 'llava'")) == 2


def test_a_network_is_loaded_once_however_it_is_asked(
    project: lr.Project, llava: Path, monkeypatch: pytest.MonkeyPatch
):
    loaded = []
    load = Chat._loaded

    def counted(self: Chat, folder: Path) -> object:
        loaded.append(folder)
        return load(self, folder)

    monkeypatch.setattr(Chat, "_loaded", counted)
    lr.unload()
    view = project.view().head(2)
    ask(view, llava)
    ask(view, llava, prompt="brief ?")
    assert len(loaded) == 1
    said = view.annotations.query("model == 'llava'").groupby("image_id")["caption"].nunique()
    assert said.max() == 2, "the second question was answered with the first"

"""What a laboratory compares: cells of prompts and models, each asked exactly as its run over all images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.services.prompts import prompt_of

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "openai/gpt-5-mini"
OTHER = "anthropic/claude-x"


def test_every_prompt_meets_every_model(project: lr.Project):
    lab = project.view().prompt_lab(["caption", "Say what it is."], [MODEL, OTHER])
    assert [(cell.label, cell.model) for cell in lab.cells] == [
        ("caption", MODEL),
        ("caption", OTHER),
        ("own", MODEL),
        ("own", OTHER),
    ]
    assert len({cell.key for cell in lab.cells}) == 4
    assert repr(lab) == "<Laboratory of 2 prompts by 2 models on 12 of 12 images in project>"


def test_a_cell_is_found_by_name_and_by_version_where_names_are_shared(project: lr.Project):
    lab = project.view().prompt_lab(["Say what it is.", "Say who it is."], [MODEL])
    version = prompt_of("Say who it is.").version
    assert lab.cell(f"own {version}").prompt.text == "Say who it is."
    assert lab.cell(prompt_of("Say who it is."), MODEL) is lab.cells[1]
    with pytest.raises(NotFoundError, match="several cells fit 'own'"):
        lab.cell("own")
    with pytest.raises(NotFoundError, match=r"no cell is 'short' by any model: own \w+ · openai/gpt-5-mini"):
        lab.cell("short")


def test_texts_may_have_names_of_their_own(project: lr.Project):
    lab = project.view().prompt_lab({"plain": "Describe it.", "lavish": "Describe it at length."}, [MODEL])
    assert [cell.name for cell in lab.cells] == [f"plain · {MODEL}", f"lavish · {MODEL}"]
    assert str(lab.cell("lavish")) == f"lavish · {MODEL}"


def test_the_same_words_to_the_same_model_are_the_same_cell_in_every_laboratory(project: lr.Project):
    view = project.view()
    first = view.prompt_lab(["caption"], [MODEL]).cells[0]
    assert view.prompt_lab(["caption", "Say. More."], [OTHER, MODEL]).cell("caption", MODEL).key == first.key
    other = view.prompt_lab(["caption"], [MODEL], parameters={"max_tokens": 300}).cells[0]
    assert other.key != first.key


def test_parameters_are_for_all_models_or_for_one(project: lr.Project, llava: Path):
    lab = project.view().prompt_lab(
        {"plain": "describe this image"},
        [MODEL, llava],
        parameters={MODEL: {"max_tokens": 300}, str(llava): {"max_new_tokens": 6}},
    )
    service, local = lab.cells
    assert service.spec.service is not None
    assert service.spec.service.max_tokens == 300
    assert local.spec.generation is not None
    assert (local.spec.generation.prompt, local.spec.generation.max_new_tokens) == ("describe this image", 6)
    assert local.free
    assert not service.free
    with pytest.raises(ArgumentError, match="takes no max_new_tokens"):
        project.view().prompt_lab(["caption"], [MODEL], parameters={"max_new_tokens": 6})


def test_what_cannot_be_compared_is_said(project: lr.Project, llava: Path):
    view = project.view()
    with pytest.raises(ArgumentError, match="at least one prompt and one model"):
        view.prompt_lab([], [MODEL])
    with pytest.raises(ArgumentError, match="sample=0 means nothing"):
        view.prompt_lab(["caption"], [MODEL], sample=0)
    with pytest.raises(ArgumentError, match=r"caption \d+ · openai/gpt-5-mini stands there twice"):
        view.prompt_lab(["caption", "caption"], [MODEL])
    with pytest.raises(
        ArgumentError, match="takes no prompt: a laboratory compares models that answer in words"
    ):
        view.prompt_lab(["caption"], ["wd-vit-tagger-v3"])
    with pytest.raises(ArgumentError, match="llava is told the same of all"):
        view.prompt_lab({"tagged": "Describe it. It has {tags}."}, [llava])
    with pytest.raises(ArgumentError, match="a cell has parameters of its own"):
        view.prompt_lab(["caption"], [MODEL]).cells[0].annotate(view, parameters={})


def test_a_dataset_that_is_named_gives_services_its_trigger(project: lr.Project, llava: Path):
    project.set_dataset("train", profile="flux", trigger="zxc dog")
    view = project.view()
    for lab in (
        view.prompt_lab(["caption"], [MODEL], dataset="train"),
        view.prompt_lab(["caption"], [MODEL], parameters={"dataset": "train"}),
    ):
        assert lab.cells[0].parameters["trigger"] == "zxc dog"
        assert lab.dataset is not None
    assert "trigger" not in view.prompt_lab(["caption"], [MODEL]).cells[0].parameters
    assert "trigger" not in view.prompt_lab({"p": "Say it."}, [llava], dataset="train").cells[0].parameters
    mine = view.prompt_lab(["caption"], [MODEL], dataset="train", parameters={"trigger": "ohwx"})
    assert mine.cells[0].parameters["trigger"] == "ohwx"


def test_a_model_of_this_machine_is_told_the_lines_that_are_the_same_of_every_picture(
    project: lr.Project, llava: Path
):
    cell = project.view().prompt_lab(["flux"], [llava], parameters={"trigger": "zxc dog"}).cells[0]
    assert '"zxc dog", exactly as written' in cell.parameters["prompt"]
    assert "known by these tags" not in cell.parameters["prompt"]

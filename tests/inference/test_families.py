"""What rows say of a family, from the shipped table to the tags an image has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from echo_model import TAGS
from sqlalchemy import select

import lorairo as lr
from lorairo.config import load
from lorairo.errors import NotFoundError
from lorairo.inference import registry
from lorairo.store.schema import tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHIPPED = {
    "wd-v1-4-swinv2-tagger-v2": (0.35, 0.85),
    "wd-v1-4-moat-tagger-v2": (0.35, 0.85),
    "wd-v1-4-convnextv2-tagger-v2": (0.35, 0.85),
    "wd-v1-4-convnext-tagger-v2": (0.35, 0.85),
    "wd-v1-4-vit-tagger-v2": (0.35, 0.85),
    "idolsankaku-swinv2-tagger-v1": (0.35, 0.85),
    "idolsankaku-eva02-large-tagger-v1": (0.35, 0.85),
    "camie-tagger": (0.325, 0.325),
    "camie-tagger-v2": (0.5, 0.5),
    "cl-tagger-1.02": (0.55, 0.6),
    "pixai-tagger-v0.9": (0.3, 0.85),
    "deepdanbooru": (0.5, 0.5),
    "z3d-e621-convnext": (0.5, 0.5),
}
ROW = """
[[model]]
name = "painters"
files = { model = "net/painters.onnx", labels = "painters.txt", others = { characters = "people.txt" } }
[model.thresholds]
general = 0.5
character = 0.95
"""
LABELS = ["rating:safe", "rating:questionable", "rating:explicit", "dull"]
LABELS += ["mean_blue", "mean_green", "mean_red", "bright", "corner_blue", "saber"]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_row_says_what_it_costs_and_when_a_tag_holds(name: str):
    spec = registry.specs()[name]
    assert (spec.thresholds.general, spec.thresholds.character) == SHIPPED[name]
    found = registry.row_of(spec)
    assert found.kind == "tagger"
    assert found.licence
    assert found.size.endswith(" MB")
    assert found.why_not == "Not on this machine, and HF_HUB_OFFLINE is set"
    assert all(file in found.remedy for file in spec.files.named)


@pytest.mark.parametrize("name", ["camie-tagger", "camie-tagger-v2", "cl-tagger-1.02", "z3d-e621-convnext"])
def test_artists_and_origin_make_no_tags_until_somebody_asks(name: str):
    named = registry.specs()[name].thresholds.named
    assert named["artist"] > 1
    assert named["meta"] > 1


@pytest.fixture
def folder(tmp_path: Path, echo: Callable[..., Path]) -> Path:
    """A model folder whose ``model.toml`` names other files than the WD family has."""
    folder = load().model_dir / "any-name"
    (folder / "net").mkdir(parents=True)
    made = echo(tmp_path / "made")
    (made / "model.onnx").rename(folder / "net" / "painters.onnx")
    (folder / "painters.txt").write_text("\n".join(LABELS), encoding="utf-8")
    (folder / "people.txt").write_text("saber\nsomebody_else\n", encoding="utf-8")
    (folder / "model.toml").write_text(ROW, encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lr.Project]:
    """A project with twelve pictures."""
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        yield project


def test_a_folder_may_name_its_own_files(folder: Path):
    assert registry.find("painters").path == folder.resolve()
    assert registry.find(folder).key == "local/painters"
    assert next(row for row in registry.models() if row.id == "painters").available
    (folder / "people.txt").unlink()
    with pytest.raises(
        NotFoundError, match=r"holds no people\.txt: this model folder holds net/painters\.onnx"
    ):
        registry.find(folder)
    assert "painters" not in registry.specs()


@pytest.mark.usefixtures("folder")
def test_categories_and_ratings_of_a_plain_list_arrive(project: lr.Project):
    view = project.view().head(3)
    assert view.annotate("painters", background=False).state == "done"
    tags = view.tag_frame
    effective = set(tags.loc[tags["state"] == "effective", "tag"])
    assert "bright" in effective
    assert not {"saber", "rating:questionable"} & effective
    assert len(project.view("score(rating:questionable):>0.5")) == 3
    told = view.annotations.set_index("model").loc["painters"]
    assert set(told["rating"]) == {"questionable"}
    view.threshold("painters", character=0.8)
    assert len(project.view("saber category:character")) == 3


def test_a_threshold_above_1_keeps_a_category_as_evidence(
    tmp_path: Path, echo: Callable[..., Path], project: lr.Project
):
    model = echo(tmp_path / "artists", tags=[*TAGS[:-1], ("somebody", 1)])
    (model / "model.toml").write_text(
        '[[model]]\nname = "artists"\n[model.thresholds]\nartist = 1.1\n'
        '[model.categories]\n"9" = "rating"\n"0" = "general"\n"1" = "artist"\n',
        encoding="utf-8",
    )
    view = project.view().head(2)
    view.annotate(model, background=False)
    assert len(project.view("score(somebody):>0.8")) == 2
    assert len(project.view("somebody")) == 0
    view.threshold("artists", artist=0.5)
    assert len(project.view("somebody category:artist")) == 2


def test_only_tags_that_a_picture_shows_are_made(
    tmp_path: Path, echo: Callable[..., Path], project: lr.Project
):
    view = project.view().head(2)
    view.add_tags("saber (fate)")
    assert len(project.view("category:character")) == 0
    view.annotate(echo(tmp_path / "echo"), background=False, floor=0.95)
    with project.database.read() as connection:
        made = set(connection.execute(select(tag.c.name)).scalars())
    assert not made & {"rating:explicit", "mean_blue"}
    assert len(project.view("category:character")) == 2  # the model's list knows what it is

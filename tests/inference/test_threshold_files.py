from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ModelError
from lorairo.inference.threshold_files import read_thresholds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROW = (
    '[[model]]\nname = "measured"\n'
    'files = { model = "model.onnx", labels = "selected_tags.csv", others = { thresholds = "cuts.csv" } }\n'
)


@pytest.mark.parametrize("column", ["threshold", "best_threshold"])
def test_thresholds_are_by_the_names_tags_are_kept_under(tmp_path: Path, column: str):
    file = tmp_path / "cuts.csv"
    file.write_text(f"name,{column}\nLong Hair,0.4\nhat,\ngeneral,0.3\n", encoding="utf-8")
    assert read_thresholds(file, {"long_hair", "hat"}) == {"long_hair": 0.4}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,score\nhat,0.4\n", "its columns are name and best_threshold or threshold"),
        ("name,threshold\nhat,much\n", "line 2: a threshold lies between 0 and 1, not much as of hat"),
        ("name,threshold\nhat,1.5\n", "not 1.5 as of hat"),
        ("", "is no table of thresholds"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path: Path, text: str, said: str):
    file = tmp_path / "cuts.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=said):
        read_thresholds(file, {"hat"})


def test_thresholds_a_model_brings_count_when_calibrated_ones_are_asked_for(
    tmp_path: Path, photos: Path, echo: Callable[..., Path]
):
    model = echo(tmp_path / "measured")
    (model / "model.toml").write_text(ROW, encoding="utf-8")
    (model / "cuts.csv").write_text("name,threshold\nSaber (Fate),0.95\n", encoding="utf-8")
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        view = project.view().head(3)
        view.annotate(model, background=False)
        before = set(project.view("saber_(fate)").ids.tolist())
        assert before
        view.threshold("measured", method="pr")
        assert not before & set(project.view("saber_(fate)").ids.tolist())
        view.threshold("measured", method="fixed")
        assert set(project.view("saber_(fate)").ids.tolist()) == before


def test_a_row_may_ask_for_the_widest_gap(tmp_path: Path, photos: Path, echo: Callable[..., Path]):
    model = echo(tmp_path / "gapped")
    row = '[[model]]\nname = "gapped"\n[model.thresholds]\ncharacter = 0.95\nmcut = true\n'
    (model / "model.toml").write_text(row, encoding="utf-8")
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        view = project.view().head(3)
        view.annotate(model, background=False)
        assert len(project.view("saber_(fate)")) == 3  # 0.9, alone among the characters
        view.threshold("gapped", method="fixed")
        assert len(project.view("saber_(fate)")) == 0

"""The report on a view."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[lr.Project]:
    """Eleven pictures: portraits, squares, a small copy; tags, captions and a group of tags."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(8):
        draw(seed, (600, 800)).save(folder / f"{seed}.png")
    for seed in range(8, 10):
        draw(seed, (512, 512)).save(folder / f"{seed}.jpg")
    draw(0, (600, 800)).resize((300, 400)).save(folder / "0_small.jpg")
    with lr.open_project(tmp_path / "<b>my dog") as project:
        project.add(folder)
        view = project.view()
        view.add_tags("dog")
        view[:4].add_tags("hat", "<script>alert(1)</script>")
        view[:5].set_caption("sks dog on a chair")
        view[:1].set_caption(" ".join(["a very long caption"] * 60), variant="default")
        view[:2].set_caption("short", variant="short")
        view[:3].stars(3)
        view[10:].exclude()
        project.tag_groups.set("head", ["hat", "cap"], required=True)
        yield project


def test_it_counts_what_is_there(project: lr.Project):
    figures = project.view().describe().figures
    assert (figures.images, figures.excluded, figures.starred, figures.reviewed) == (10, 1, 3, 0)
    assert dict(figures.formats) == {"PNG": 8, "JPEG": 2}
    assert sum(dict(figures.shapes).values()) == 10
    assert dict(figures.captioned) == {"default": 5, "short": 2}
    assert (figures.tagged, figures.distinct) == (10, 3)
    assert dict(figures.constants) == {"dog": 10}
    assert figures.too_long == 1


def test_gaps_are_named(project: lr.Project):
    gaps = dict(project.view().describe().figures.gaps)
    assert gaps == {"no caption": 5, "none of the tag group head": 6}


def test_the_table_has_the_quartiles_of_every_column(project: lr.Project):
    view = project.view()
    df = view.describe().df
    assert {"width", "height", "aspect", "bytes", "sharpness", "tokens"} <= set(df.index)
    sharp = view["sharpness"]
    assert df.loc["sharpness", ["min", "50%", "max"]].tolist() == pytest.approx(
        [sharp.min(), sharp.median(), sharp.max()]
    )
    assert df.loc["tokens", "count"] == 5


def test_as_text_it_says_what_a_trainer_asks_first(project: lr.Project):
    text = repr(project.view().describe())
    assert text.startswith("10 images of <b>my dog\n")
    assert "gaps  no caption 5, none of the tag group head 6" in text
    assert "constants  dog 10" in text
    assert re.search(r"tokens  (about )?\d+ in the middle, 1 over 75 \(CLIP\)", text)
    assert "duplicates" not in text


def test_duplicates_are_looked_for_when_asked(project: lr.Project):
    report = project.view(everything=True).describe(duplicates=True)
    assert report.duplicates.startswith("1 group with 2 of 11 images")
    assert report.duplicates in repr(report)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_as_a_page_it_has_no_scripts_no_addresses_and_no_foreign_markup(project: lr.Project, tmp_path: Path):
    file = project.view().describe().save(tmp_path / "report.html")
    page = file.read_text(encoding="utf-8")
    found = _Tags()
    found.feed(page)
    assert "script" not in found.names
    assert "b" not in found.names
    assert found.addresses == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert (
        page.count("<svg")
        == sum(spread.known > 0 for spread in project.view().describe().figures.spreads) + 1
    )


def test_nothing_can_be_described_too(tmp_path: Path):
    with lr.open_project(tmp_path / "empty") as project:
        report = project.view().describe(duplicates=True)
        assert repr(report).splitlines()[0] == "0 images of empty"
        assert report.df["count"].sum() == 0
        assert "Nothing is missing" in report.save(tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_search_is_named_and_only_its_images_count(project: lr.Project):
    report = project.view("hat").describe()
    assert report.figures.images == 4
    assert repr(report).startswith("4 images of <b>my dog · hat")
    assert np.isfinite(report.df.loc["width", "min"])

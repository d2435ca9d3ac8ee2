from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from lorairo.demo import light
from lorairo.demo.pictures import COPIES, SLIPS, _shoot, draw_pictures, plan
from lorairo.demo.scenes import SCENES
from lorairo.images import Rejected, read_facts

if TYPE_CHECKING:
    from pathlib import Path

HOURS = {hour.name: hour for hour in light.HOURS}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    folder = tmp_path_factory.mktemp("demo") / "photos"
    return folder, draw_pictures(folder, 40, 3)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_motif_is_light_with_detail(name: str):
    scene = SCENES[name]
    for hour in scene.hours:
        picture = scene.draw(np.random.default_rng(1), (90, 120), HOURS[hour])
        assert picture.shape == (90, 120, 3)
        assert picture.dtype == np.float32
        assert np.isfinite(picture).all()
        assert picture.std() > 0.004
        assert scene.words(hour).endswith(".")
        assert scene.all_tags(hour)


def test_draws_what_was_asked_for_and_one_damaged_file(drawn: tuple[Path, list[Path]]):
    folder, files = drawn
    assert len(files) == len(set(files)) == 40
    assert all(read_facts(file.read_bytes()).width >= 300 for file in files)
    with pytest.raises(Rejected):
        read_facts((folder / "damaged.jpg").read_bytes())
    assert not list(folder.rglob("*.part"))


def test_the_same_seed_draws_the_same(tmp_path: Path):
    first = draw_pictures(tmp_path / "a", 3, 5, workers=1)
    second = draw_pictures(tmp_path / "b", 3, 5, workers=2)
    other = draw_pictures(tmp_path / "c", 3, 6)
    contents = [[file.read_bytes() for file in files] for files in (first, second, other)]
    assert contents[0] == contents[1]
    assert not set(contents[0]) & set(contents[2])


def test_what_is_there_is_left_alone(drawn: tuple[Path, list[Path]]):
    folder, files = drawn
    before = [file.stat().st_mtime_ns for file in files]
    assert draw_pictures(folder, 40, 3) == files
    assert [file.stat().st_mtime_ns for file in files] == before


def test_three_hundred_hold_everything_a_collection_holds():
    shots = [shot for subject in plan(300, 0) for shot in subject.shots]
    assert len(shots) == len({shot.path for shot in shots}) == 300
    kinds = Counter(shot.treatment for shot in shots)
    assert set(kinds) == {"", "cut_out", *COPIES, *SLIPS}
    assert min(kinds.values()) >= 3
    subjects = plan(300, 0)
    assert len({subject.name for subject in subjects}) == len(SCENES)
    assert sum(len([shot for shot in subject.shots if not shot.treatment]) >= 3 for subject in subjects) >= 10
    assert len({subject.size for subject in subjects}) >= 15


def test_captions_of_every_kind_lie_beside(tmp_path: Path):
    draw_pictures(tmp_path, 45, 0)
    tags = next(iter(sorted((tmp_path / "flowers").glob("*.txt")))).read_text(encoding="utf-8")
    assert tags.startswith("no humans, flower")
    words = next(iter(sorted((tmp_path / "still_life").glob("*.txt")))).read_text(encoding="utf-8")
    assert words.startswith("Fruit on a table")
    assert list((tmp_path / "wood").glob("*.caption"))
    lines = (tmp_path / "fields" / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert (tmp_path / "fields" / json.loads(line)["file_name"]).is_file()


def test_a_turned_one_says_which_way_is_up_and_a_cut_out_is_transparent(tmp_path: Path):
    subjects = plan(300, 0)
    turned = next(shot.path for s in subjects for shot in s.shots if shot.treatment == "turned")
    cut_out = next(shot.path for s in subjects for shot in s.shots if shot.treatment == "cut_out")
    for subject in subjects:
        if {turned, cut_out} & {shot.path for shot in subject.shots}:
            (tmp_path / subject.scene.folder).mkdir(exist_ok=True)
            _shoot(tmp_path, subject)
    facts = read_facts((tmp_path / turned).read_bytes())
    assert facts.orientation == 6
    with Image.open(tmp_path / cut_out) as image:
        low, high = image.getchannel("A").getextrema()
    assert (low, high) == (0, 255)

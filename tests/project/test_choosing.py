"""Choosing images by what the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import lorairo as lr
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.store import embeddings, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL = "dinov2-base"


@pytest.fixture
def bursts(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[lr.Project]:
    """Ten scenes; the first as eight shots of other sizes, placed by an embedder."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(10):
        draw(seed, (480, 360)).save(folder / f"{seed}.png")
    for number in range(7):
        draw(0, (480, 360)).resize((200 + 20 * number, 150 + 15 * number)).save(folder / f"0_{number}.png")
    with lr.open_project(tmp_path / "project") as project:
        project.add(folder)
        yield project


def place(project: lr.Project, places: dict[int, np.ndarray]) -> None:
    """Enter places as an embedder does."""
    with project.database.write() as connection:
        model = evidence.model_id(connection, "local", MODEL, "1", {}, "embedder")
        embeddings.record(connection, model, list(places), np.array(list(places.values()), np.float32))


@pytest.fixture
def placed(bursts: lr.Project) -> lr.Project:
    """Each scene has an axis of its own; its shots lie close to it."""
    chance, places = np.random.default_rng(0), {}
    for image in bursts.view():
        axis = np.eye(10)[int(image.name[0])] + chance.normal(0, 0.02, 10)
        places[image.id] = axis / np.linalg.norm(axis)
    place(bursts, places)
    return bursts


def scenes_of(view: lr.View) -> list[str]:
    return [name[0] for name in view["name"]]


def test_a_choice_stands_for_every_scene(placed: lr.Project):
    chosen = placed.view().diverse(10, MODEL)
    assert sorted(scenes_of(chosen)) == [str(number) for number in range(10)]


def test_what_is_to_be_kept_is_in_it(placed: lr.Project):
    kept = placed.view("name:0_3*").ids
    chosen = placed.view().diverse(4, MODEL, keep=kept)
    assert chosen.ids[0] == kept[0]
    assert len(set(scenes_of(chosen))) == 4


def test_outliers_come_farthest_first(placed: lr.Project):
    found = placed.view().outliers(MODEL, 3)
    assert "0" not in scenes_of(found)  # its shots have each other
    assert len(found) == 3


def test_scenes_by_pictures_alone_and_by_a_model(placed: lr.Project):
    found = placed.view().scenes()
    assert len(found) == 10
    assert found.effective == pytest.approx(17**2 / (8**2 + 9))
    assert repr(found).startswith("17 images of 10 scenes, as varied as 4.0 of equal size")
    assert found.df["weight"].mean() == pytest.approx(1)
    assert found.df.groupby("scene")["weight"].sum().tolist() == pytest.approx([1.7] * 10)
    assert len(placed.view().scenes(MODEL)) == 10
    assert len(placed.view().scenes(MODEL, likeness=0.001)) < 10


def test_a_scene_never_comes_apart_in_a_split(bursts: lr.Project):
    for seed in range(6):
        train, validation = bursts.view().split(0.2, seed=seed)
        assert sorted([*train.ids, *validation.ids]) == sorted(bursts.view().ids)
        assert not set(scenes_of(train)) & set(scenes_of(validation))
        assert len(validation) == 3


def test_a_split_is_the_same_for_the_same_seed(bursts: lr.Project):
    first, again, other = (bursts.view().split(0.2, seed=seed)[1] for seed in (1, 1, 4))
    assert first.ids.tolist() == again.ids.tolist()
    assert first.ids.tolist() != other.ids.tolist()


def test_a_split_can_be_kept(bursts: lr.Project):
    train, validation = bursts.view().split(0.2)
    train.add_to("train")
    validation.add_to("validation")
    assert len(bursts.view("dataset:train")) + len(bursts.view("dataset:validation")) == 17


def test_an_image_without_a_place_is_named(bursts: lr.Project):
    with pytest.raises(NotFoundError, match=r"view\.annotate"):
        bursts.view().diverse(3, MODEL)
    first = int(bursts.view().ids[0])
    place(bursts, {first: np.eye(10)[0]})
    with pytest.raises(NotFoundError, match="16 of 17 images have no place"):
        bursts.view().outliers(MODEL)


def test_an_image_to_keep_that_is_not_there_is_named(placed: lr.Project):
    with pytest.raises(ArgumentError, match="image 999 is to be kept"):
        placed.view().diverse(3, MODEL, keep=[999])


@pytest.mark.parametrize("share", [0, 1, -0.5, 2])
def test_a_share_that_means_nothing_is_named(bursts: lr.Project, share: float):
    with pytest.raises(ArgumentError, match="validation="):
        bursts.view().split(share)

"""A map of a view, kept with what it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import lorairo as lr
from lorairo import mapping, projection
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.store import embeddings, evidence
from lorairo.store.maps import MAPS

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "dinov2-base"


def place(project: lr.Project, ids: list[int], seed: int = 0) -> None:
    """Enter places as an embedder does."""
    places = np.random.default_rng(seed).normal(size=(len(ids), 16)).astype(np.float32)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    with project.database.write() as connection:
        model = evidence.model_id(connection, "local", MODEL, "1", {}, "embedder")
        embeddings.record(connection, model, ids, places)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images each map had that was worked out."""
    counts: list[int] = []
    project = projection.project

    def counted(places: np.ndarray, how: projection.Wanted) -> np.ndarray:
        counts.append(len(places))
        return project(places, how)

    monkeypatch.setattr(mapping.projection, "project", counted)
    return counts


def test_images_have_a_place_in_the_order_of_the_view(project: lr.Project):
    view = project.view()
    place(project, view.ids[2:].tolist())
    flat = view.sort("-id").map(MODEL, method="pca")
    assert flat.index.tolist() == sorted(view.ids[2:].tolist(), reverse=True)
    assert (flat.index.name, list(flat.columns), flat.attrs["method"]) == ("image_id", ["x", "y"], "pca")
    assert flat.abs().to_numpy().max() == pytest.approx(1, abs=1e-5)


def test_a_map_is_made_once_until_it_would_be_another_one(project: lr.Project, made: list[int]):
    view = project.view()
    place(project, view.ids.tolist())
    first = view.map(MODEL, method="pca")
    assert first.equals(view.map(MODEL, method="pca"))
    assert first.loc[view.ids[::-1]].equals(view.sort("-id").map(MODEL, method="pca"))
    assert made == [12]
    view[:6].map(MODEL, method="pca")  # other images
    place(project, view.ids.tolist(), seed=1)
    assert not view.map(MODEL, method="pca").equals(first)  # other places
    assert made == [12, 6, 12]


def test_the_file_of_maps_may_be_deleted_or_damaged(project: lr.Project, made: list[int]):
    view = project.view()
    place(project, view.ids.tolist())
    first = view.map(MODEL, method="pca")
    file = project.location / MAPS
    for damage in (file.unlink, lambda: file.write_bytes(file.read_bytes()[:-30])):
        damage()
        assert view.map(MODEL, method="pca").equals(first)
    assert made == [12, 12, 12]
    assert view.map(MODEL, method="pca").equals(first)
    assert made == [12, 12, 12]


def test_what_is_forgotten_is_in_no_map(project: lr.Project):
    view = project.view()
    place(project, view.ids.tolist())
    view.map(MODEL, method="pca")
    view[:1].delete(confirm=True)
    assert not (project.location / MAPS).exists()


def test_a_project_opened_read_only_has_maps_too(project: lr.Project):
    place(project, project.view().ids.tolist())
    location: Path = project.location
    project.close()
    with lr.open_project(location, readonly=True) as again:
        assert len(again.view().map(MODEL, method="pca")) == 12
        assert not (location / MAPS).exists()


def test_what_is_missing_is_named(project: lr.Project):
    view = project.view()
    with pytest.raises(NotFoundError, match=r"dinov2-base has placed no image of project: view\.annotate"):
        view.map(MODEL)
    place(project, view.ids[:4].tolist())
    with pytest.raises(NotFoundError, match="dinov2-base has placed no image of this view"):
        view[6:].map(MODEL)
    with pytest.raises(ArgumentError, match="neighbours=1 means nothing"):
        view.map(MODEL, neighbours=1)
    with pytest.raises(ArgumentError, match=r"seed=1\.5 means nothing"):
        view.map(MODEL, seed=1.5)

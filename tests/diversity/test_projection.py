"""Two dimensions instead of many: groups stay together, the same call gives the same map."""

from __future__ import annotations

import numpy as np
import pytest

from lorairo.errors import ArgumentError
from lorairo.projection import METHODS, project, wanted


@pytest.fixture(scope="module")
def groups() -> np.ndarray:
    """Three groups of thirty places around axes of their own."""
    chance = np.random.default_rng(0)
    axes = np.repeat(np.eye(3, 32), 30, axis=0)
    places = axes + chance.normal(0, 0.03, axes.shape)
    return (places / np.linalg.norm(places, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_alike_lies_together(groups: np.ndarray, method: str):
    flat = project(groups, wanted(method, 15, 0))
    assert flat.shape == (90, 2)
    assert np.abs(flat).max() == pytest.approx(1, abs=1e-5)
    middles = flat.reshape(3, 30, 2).mean(axis=1)
    within = np.linalg.norm(flat.reshape(3, 30, 2) - middles[:, None], axis=2).max()
    apart = min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert apart > 2 * within
    assert np.array_equal(flat, project(groups, wanted(method, 15, 0)))


def test_the_flattest_view_keeps_distances_of_what_is_flat():
    chance = np.random.default_rng(1)
    flat = chance.normal(0, (3, 1), (50, 2))
    turned = (flat @ np.linalg.qr(chance.normal(size=(16, 16)))[0][:2]).astype(np.float32)
    found = project(turned, wanted("pca", 15, 0))
    before = np.linalg.norm(flat[:, None] - flat[None], axis=2)
    after = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.testing.assert_allclose(after / after.max(), before / before.max(), atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
@pytest.mark.parametrize("method", METHODS)
def test_few_images_have_a_map_too(groups: np.ndarray, method: str, count: int):
    flat = project(groups[:count], wanted(method, 15, 0))
    assert flat.shape == (count, 2)
    assert np.isfinite(flat).all()


def test_one_place_many_times_is_one_point():
    assert not project(np.ones((20, 4), np.float32) / 2, wanted("pca", 15, 0)).any()


def test_another_method_is_refused_by_name():
    with pytest.raises(ArgumentError, match="there is no map by 'tsne': umap or pca"):
        wanted("tsne", 15, 0)

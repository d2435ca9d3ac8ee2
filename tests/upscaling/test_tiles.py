from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lorairo.upscaling.tiles import spans, tiled


def doubled(pixels: np.ndarray) -> np.ndarray:
    return pixels.repeat(2, axis=0).repeat(2, axis=1)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("length", [1, 63, 64, 65, 96, 97, 127, 128, 500, 1000])
def test_tiles_cover_everything_and_overlap_enough(length: int):
    found = spans(length, 64, 32)
    assert found[0][0] == 0
    assert found[-1][1] == length
    assert all(before[1] - after[0] >= 32 for before, after in pairwise(found))
    assert {end - start for start, end in found} == {min(length, 64)}


@pytest.mark.parametrize("size", [(40, 30), (64, 200), (201, 64), (150, 170)])
def test_tiles_of_a_network_that_looks_at_single_pixels_leave_no_trace(size: tuple[int, int]):
    pixels = noise(*size)
    assert np.array_equal(tiled(pixels, doubled, 2, 64, 32), doubled(pixels))


def test_what_a_network_makes_of_the_edge_of_a_tile_is_left_out():
    pixels = np.full((150, 170, 3), 100, np.uint8)

    def spoilt(part: np.ndarray) -> np.ndarray:
        made = doubled(part)
        made[:16], made[-16:], made[:, :16], made[:, -16:] = 1, 1, 1, 1
        return made

    inside = tiled(pixels, spoilt, 2, 64, 32)[16:-16, 16:-16]
    assert (inside == 100).all()


def test_every_part_is_shown_to_the_network_once_at_most_at_the_size_of_a_tile():
    shown: list[tuple[int, ...]] = []

    def watched(part: np.ndarray) -> np.ndarray:
        shown.append(part.shape)
        assert 0 <= part.min() <= part.max() <= 1
        return part

    tiled(noise(150, 170), watched, 1, 64, 32)
    assert set(shown) == {(64, 64, 3)}
    assert len(shown) == 4 * 5

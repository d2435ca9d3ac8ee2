from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.errors import ArgumentError
from lorairo.images.buckets import BucketRules, assign_bucket

if TYPE_CHECKING:
    from lorairo.images.buckets import Size

SIZES = st.tuples(st.integers(1, 9000), st.integers(1, 9000))
RULES = st.builds(
    BucketRules,
    resolution=st.tuples(st.integers(256, 1536), st.integers(256, 1536)),
    min_size=st.integers(64, 256),
    max_size=st.integers(1536, 4096),
    step=st.sampled_from([8, 16, 32, 64]),
    no_upscale=st.booleans(),
)


@pytest.mark.parametrize(
    ("resolution", "longest", "count"), [(1024, 1024, 25), (1024, 2048, 41), (512, 1024, 17), (512, 2048, 17)]
)
def test_lists_as_many_buckets_as_the_trainer(resolution: int, longest: int, count: int):
    buckets = BucketRules((resolution, resolution), max_size=longest).buckets
    assert len(buckets) == count
    assert list(buckets) == sorted(set(buckets))


def test_640x448_is_no_bucket_of_512():
    assert (640, 448) not in BucketRules((512, 512)).buckets


def test_no_list_without_upscaling():
    assert BucketRules((512, 512), no_upscale=True).buckets == ()


# formats.md, section 3a: bucket and size before the crop, for the four settings.
SETTINGS = [
    {"resolution": 512, "max_size": 1024},
    {"resolution": 1024, "max_size": 1024},
    {"resolution": 1024, "max_size": 2048},
    {"resolution": 1024, "no_upscale": True},
]
WORKED = {
    (1000, 700): [
        ((576, 448), (640, 448)),
        ((1024, 704), (1024, 717)),
        ((1216, 832), (1216, 851)),
        ((960, 640), (1000, 700)),
    ],
    (1500, 900): [
        ((640, 384), (640, 384)),
        ((1024, 640), (1067, 640)),
        ((1280, 768), (1280, 768)),
        ((1280, 768), (1280, 768)),
    ],
    (3000, 2000): [
        ((640, 384), (640, 427)),
        ((1024, 704), (1056, 704)),
        ((1216, 832), (1248, 832)),
        ((1216, 832), (1248, 832)),
    ],
    (600, 1400): [
        ((320, 768), (329, 768)),
        ((448, 1024), (448, 1045)),
        ((640, 1536), (658, 1536)),
        ((576, 1344), (600, 1400)),
    ],
    (450, 450): [
        ((512, 512), (512, 512)),
        ((1024, 1024), (1024, 1024)),
        ((1024, 1024), (1024, 1024)),
        ((448, 448), (450, 450)),
    ],
}


@pytest.mark.parametrize("size", WORKED)
@pytest.mark.parametrize("column", range(4))
def test_worked_values(size: Size, column: int):
    found = assign_bucket(size, **SETTINGS[column])
    assert (found.bucket, found.resized) == WORKED[size][column]


# field-knowledge.md, section 2: resolution 1024 with max 1024, max 2048 and no upscaling.
GOLDEN = {
    (1920, 1080): [(1024, 576), (1344, 768), (1344, 768)],
    (4000, 3000): [(1024, 768), (1152, 896), (1088, 832)],
    (800, 600): [(1024, 768), (1152, 896), (768, 576)],
    (832, 1216): [(704, 1024), (832, 1216), (832, 1216)],
    (2000, 500): [(1024, 256), (2048, 512), (1984, 448)],
    (3072, 3000): [(1024, 1024), (1024, 1024), (960, 960)],
}


@pytest.mark.parametrize("size", GOLDEN)
@pytest.mark.parametrize("column", range(3))
def test_golden_values(size: Size, column: int):
    assert assign_bucket(size, **SETTINGS[column + 1]).bucket == GOLDEN[size][column]


def test_values_of_issue_543_and_731():
    assert assign_bucket((512, 768), 512).bucket == (384, 640)
    assert assign_bucket((512, 768), 512, no_upscale=True).bucket == (384, 576)
    assert assign_bucket((1050, 1080), no_upscale=True).bucket == (960, 960)


def test_four_to_one_in_512_is_cropped_to_1024x256():
    assert assign_bucket((2000, 500), 512, max_size=1024).bucket == (1024, 256)


def test_upscaling_is_said():
    assert assign_bucket((800, 600)).upscaled
    assert not assign_bucket((1920, 1080)).upscaled
    assert not assign_bucket((800, 600), no_upscale=True).upscaled


def test_crop_leaves_the_odd_pixel_at_the_end():
    found = assign_bucket((1500, 900), max_size=1024)  # 1067 wide, 1024 kept
    assert found.crop == (21, 0, 1045, 640)
    assert found.cropped == pytest.approx(1 - 1024 / 1067)


def test_an_image_thinner_than_a_step_is_unusable_without_upscaling():
    assert not assign_bucket((50, 900), no_upscale=True).usable
    assert not assign_bucket((9000, 20), no_upscale=True).usable
    assert assign_bucket((50, 900)).usable


@pytest.mark.parametrize(
    "settings",
    [
        {"resolution": (1024, 1024), "max_size": 960},
        {"resolution": (512, 200)},
        {"resolution": (1024, 1024), "min_size": 32},
        {"resolution": (1024, 1024), "step": 0},
        {"resolution": (0, 1024)},
    ],
)
def test_settings_the_trainer_refuses(settings: dict[str, Any]):
    with pytest.raises(ArgumentError):
        BucketRules(**settings)


def test_limits_are_rounded_to_the_step_before_they_are_checked():
    rules = BucketRules((1000, 1000), min_size=300, max_size=1000)
    assert (rules.shortest, rules.longest) == (256, 1024)


def test_no_bucket_for_nothing():
    with pytest.raises(ArgumentError):
        assign_bucket((0, 10))


@settings(deadline=None)  # a busy machine is no failure
@given(RULES, SIZES)
def test_the_crop_is_the_bucket_and_lies_inside(rules: BucketRules, size: Size):
    found = rules.assign(size)
    left, top, right, bottom = found.crop
    assert (right - left, bottom - top) == found.bucket
    assert left >= 0
    assert top >= 0
    assert right <= found.resized[0]
    assert bottom <= found.resized[1]
    assert all(side % rules.step == 0 for side in found.bucket)
    assert 0 <= found.cropped <= 1


@settings(deadline=None)  # a busy machine is no failure
@given(RULES, SIZES)
def test_a_listed_bucket_is_covered_with_one_side_equal(rules: BucketRules, size: Size):
    found = rules.assign(size)
    if not rules.no_upscale:
        assert found.bucket in rules.buckets
        assert found.resized[0] == found.bucket[0] or found.resized[1] == found.bucket[1]
        assert found.bucket[0] * found.bucket[1] <= rules.area


@settings(deadline=None)  # a busy machine is no failure
@given(RULES, SIZES)
def test_what_was_cut_to_its_bucket_stays_there(rules: BucketRules, size: Size):
    found = rules.assign(size)
    # Without upscaling a side may round up to a multiple of the step, and the area above the limit with it.
    if found.usable and found.bucket[0] * found.bucket[1] <= rules.area:
        again = rules.assign(found.bucket)
        assert (again.bucket, again.resized, again.cropped) == (found.bucket, found.bucket, 0)

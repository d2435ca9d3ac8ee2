"""Tokens of pictures by the formulas of the services, at sizes that they or others counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.inference.registry import find
from lorairo.services import tokens
from lorairo.services.asking import Service

OLD_CLAUDE = Service(vision="squares28", vision_most=1568, long_edge=8000)
GPT6 = Service(vision="patches", vision_factor=1.2, vision_most=2500, long_edge=8000)
NANO = Service(vision="patches", vision_factor=2.46, long_edge=8000)
MINI = Service(vision="patches", vision_factor=1.62, long_edge=8000)
TILES = Service(vision="tiles", long_edge=8000)
GEMINI2 = Service(vision="tiles768", long_edge=8000)
GEMINI3 = Service(vision="fixed", vision_most=1120)


def count(width: int, height: int, service: Service) -> int:
    return int(tokens.of_pictures(np.array([width]), np.array([height]), service)[0])


@pytest.mark.parametrize(
    ("service", "size", "expected"),
    [
        (TILES, (1024, 1024), 765),  # shrunk to 768 by 768: four squares
        (TILES, (2048, 4096), 1105),  # shrunk to 768 by 1536: six squares
        (TILES.model_copy(update={"detail": "low"}), (4096, 8192), 85),
        (Service(vision="tiles", vision_factor=70 / 85, long_edge=8000), (1024, 1024), 630),
        (MINI, (1024, 1024), 1659),  # 1,024 patches
        (NANO.model_copy(update={"vision_factor": 1.0}), (1800, 2400), 1452),  # shrunk to 33 by 44 patches
        (GPT6, (256, 256), 77),
        (GPT6, (1024, 1024), 1229),
        (GPT6, (1920, 1080), 2448),
        (OLD_CLAUDE, (256, 256), 100),
        (OLD_CLAUDE, (1024, 1024), 1369),
        (OLD_CLAUDE, (4032, 3024), 1568),
        (GEMINI2, (384, 384), 258),
        (GEMINI2, (960, 540), 6 * 258),  # crops of 360 px: three by two
        (GEMINI3, (256, 256), 1120),
        (GEMINI3, (4032, 3024), 1120),
    ],
)
def test_a_picture_is_counted_as_its_service_counts_it(
    service: Service, size: tuple[int, int], expected: int
):
    assert count(*size, service) == expected


def test_a_picture_is_counted_at_the_size_that_is_sent():
    small = GPT6.model_copy(update={"long_edge": 1024})
    assert count(4096, 4096, small) == count(1024, 1024, small)
    assert count(640, 480, small) == count(640, 480, GPT6)


def test_low_detail_is_looked_at_small():
    low = GPT6.model_copy(update={"detail": "low"})
    assert count(2048, 2048, low) == 308  # as of 512 by 512


sizes = st.integers(min_value=1, max_value=20_000)
services = st.sampled_from([TILES, MINI, GPT6, NANO, OLD_CLAUDE, GEMINI2, GEMINI3, Service()])


@given(sizes, sizes, services)
def test_every_picture_costs_something_and_no_more_than_the_most(width: int, height: int, service: Service):
    counted = count(width, height, service)
    assert counted >= 1
    if service.vision_most is not None:
        assert counted <= np.ceil(service.vision_most * service.vision_factor)


@given(st.lists(st.tuples(sizes, sizes), min_size=1, max_size=20), services)
def test_many_pictures_are_counted_as_each_alone(pictures: list[tuple[int, int]], service: Service):
    widths, heights = (np.array(side) for side in zip(*pictures, strict=True))
    together = tokens.of_pictures(widths, heights, service)
    assert together.tolist() == [count(*size, service) for size in pictures]


def test_every_model_of_ours_says_how_it_counts():
    named = ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5", "google/gemini-3.8-flash"]
    for name in named:
        service = find(name).service
        assert service is not None
        assert service.vision != "unknown", name


def test_words_and_the_shape_of_the_answer_are_counted():
    assert tokens.of_text("") == 0
    assert tokens.of_schema(None) == 0
    assert 5 <= tokens.of_text("Describe this image in two sentences.") <= 12
    assert tokens.of_schema({"type": "object", "properties": {"caption": {"type": "string"}}}) > 10

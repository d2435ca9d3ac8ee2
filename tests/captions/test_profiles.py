"""Target profiles: every one has a limit, and a wrong name has a neighbour."""

from __future__ import annotations

import pytest

from lorairo.captions.profiles import PROFILES, profile_named
from lorairo.errors import ArgumentError


@pytest.mark.parametrize(
    ("profile", "encoder", "limit"),
    [
        ("sdxl", "CLIP", 75),
        ("flux", "T5", 512),
        ("flux-schnell", "T5", 256),
        ("qwen-image", "Qwen2.5-VL", 512),
    ],
)
def test_the_encoder_whose_limit_is_the_captions(profile: str, encoder: str, limit: int):
    found = profile_named(profile).encoder
    assert (found.name, found.limit) == (encoder, limit)


def test_flux_reads_with_two_encoders_and_chroma_with_one():
    assert [encoder.name for encoder in PROFILES["flux"].encoders] == ["T5", "CLIP"]
    assert [encoder.name for encoder in PROFILES["chroma"].encoders] == ["T5"]


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(ArgumentError, match="did you mean 'sdxl'"):
        profile_named("sdx1")
    with pytest.raises(ArgumentError, match="there are sd15, sdxl"):
        profile_named("something else")

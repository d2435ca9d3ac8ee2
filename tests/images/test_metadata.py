"""EXIF facts and generation prompts."""

from __future__ import annotations

import io
import json
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lorairo.images import exif, read_facts

if TYPE_CHECKING:
    from collections.abc import Callable

PARAMETERS = (
    "a dog on a beach,\nsks dog\nNegative prompt: blurry\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1"
)


def png(draw: Callable[..., Image.Image], **texts: str) -> bytes:
    info = PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    buffer = io.BytesIO()
    draw(1).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def test_facts_are_json_safe_and_hold_no_position(draw: Callable[..., Image.Image]):
    block = Image.Exif()
    block[0x010F], block[0x0110] = "Canon", "Canon EOS R5"
    block[0x013B] = "A Person"
    block.get_ifd(0x8769).update({0x9003: "2024:05:06 07:08:09", 0x829A: 1 / 250, 0x829D: 2.8, 0x8827: 400})
    block.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6)})
    buffer = io.BytesIO()
    draw(1).save(buffer, "JPEG", exif=block)
    found = read_facts(buffer.getvalue()).exif
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["camera"] == "Canon EOS R5"
    assert found["time"] == "2024-05-06T07:08:09"
    assert found["iso"] == 400
    assert found["exposure"] == pytest.approx(0.004)
    assert found["gps"] is True
    assert "A Person" not in json.dumps(found)
    assert "48" not in json.dumps(found)


@given(st.binary(max_size=300), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"Exif\0\0MM\0*\0\0\0\x08"]))
def test_any_block_is_survived(body: bytes, start: bytes):
    found = exif.parse(start + body)
    json.dumps(exif.facts(found), allow_nan=False)
    assert 1 <= found.orientation <= 8


def test_damage_is_told():
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", 40) + b"\0" * 12
    assert exif.parse(block).damaged


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"parameters": PARAMETERS}, "a dog on a beach,\nsks dog"),
        ({"parameters": "only words: with, some: colons"}, "only words: with, some: colons"),
        ({"parameters": json.dumps({"sui_image_params": {"prompt": "swarm dog"}})}, "swarm dog"),
        ({"invokeai_metadata": json.dumps({"positive_prompt": "invoke dog"})}, "invoke dog"),
        ({"Software": "NovelAI", "Description": "novel dog", "Comment": "{}"}, "novel dog"),
        ({"prompt": "{not json"}, None),
        ({"prompt": "[" * 100_000}, None),
        ({"Title": "nothing"}, None),
    ],
)
def test_prompts_in_png_texts(draw: Callable[..., Image.Image], texts: dict[str, str], expected: str | None):
    assert read_facts(png(draw, **texts)).prompt == expected


def test_comfy_graph_is_followed_through_links(draw: Callable[..., Image.Image]):
    graph = {
        "1": {
            "class_type": "KSampler",
            "inputs": {"positive": ["2", 0], "negative": ["4", 0], "model": ["9", 0]},
        },
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": ["3", 0], "clip": ["2", 0]}},
        "3": {"class_type": "Text", "inputs": {"value": "a comfy dog"}},
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry"}},
    }
    assert read_facts(png(draw, prompt=json.dumps(graph))).prompt == "a comfy dog"


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le"])
def test_prompt_in_user_comment(draw: Callable[..., Image.Image], encoding: str):
    block = Image.Exif()
    block.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + PARAMETERS.encode(encoding)
    buffer = io.BytesIO()
    draw(1).save(buffer, "JPEG", exif=block)
    assert read_facts(buffer.getvalue()).prompt == "a dog on a beach,\nsks dog"

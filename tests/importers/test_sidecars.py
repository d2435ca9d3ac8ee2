"""Texts of any encoding, kept byte for byte."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.importers.sidecars import MAX_TEXT, decode, named_tags, read_sidecar


@dataclass
class Text:
    raw: bytes
    kind: str = "txt"
    path: str = "a.txt"
    name: str = "a.txt"
    mtime_ns: int = 0

    @property
    def bytes(self) -> int:
        return len(self.raw)

    def read(self) -> bytes:
        return self.raw


@pytest.mark.parametrize(
    ("raw", "text", "warned"),
    [
        (b"dog, cat", "dog, cat", False),
        ("\ufeffdog".encode(), "dog", False),
        ("café".encode(), "café", False),
        ("dog".encode("utf-16"), "dog", True),
        ("café".encode("latin-1"), "café", True),
        ("猫, 犬".encode("shift_jis"), "猫, 犬", True),
        ("初音ミク, long hair".encode("shift_jis"), "初音ミク, long hair", True),
        ("it\u2019s “a” dog—naïve".encode("cp1252"), "it\u2019s “a” dog—naïve", True),
        ("Größe, Mädchen, où, ÀÉ".encode("cp1252"), "Größe, Mädchen, où, ÀÉ", True),
        (b"dog\0, sitting", "dog, sitting", True),
        (b"\x1b[31mred\x1b[0m dog", "[31mred[0m dog", True),
        (b"dog\r\ncat\tx", "dog\r\ncat\tx", False),
        (bytes(range(256)) * 4, None, True),
    ],
)
def test_encodings(raw: bytes, text: str | None, warned: bool):
    found, warnings = decode(raw)
    assert found == text
    assert bool(warnings) == warned


@given(st.binary(max_size=400))
def test_any_bytes_are_kept_and_read_or_not_with_a_reason(raw: bytes):
    said, warnings = read_sidecar(Text(raw), "auto")
    assert said.raw == raw
    assert said.text is not None or warnings
    (said.text or "").encode()
    assert all(tag and len(tag) <= 255 for tag in said.tags)


def test_huge_texts_are_not_read():
    said, warnings = read_sidecar(Text(b"x" * (MAX_TEXT + 1)), "auto")
    assert said is None
    assert "no caption" in warnings[0]


def test_form_decides_unless_told():
    tags = Text(b"1girl, red_hat, outdoors")
    prose = Text(b"A girl with a red hat is standing in the rain.")
    assert read_sidecar(tags, "auto")[0].tags == ("1girl", "red_hat", "outdoors")
    assert read_sidecar(prose, "auto")[0].caption.startswith("A girl")
    assert read_sidecar(prose, "auto")[0].tags == ()
    assert read_sidecar(tags, "prose")[0].caption == "1girl, red_hat, outdoors"
    assert read_sidecar(Text(b"a", kind="frame.caption"), "auto")[0].caption == "a"


def test_tags_keep_their_order_and_come_once():
    names, warnings = named_tags(["Dog", "dog", "red hat", "cat", "", "x" * 300])
    assert names == ("dog", "red_hat", "cat")
    assert len(warnings) == 1

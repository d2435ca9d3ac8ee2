"""Encodings are found, and texts come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.captions import Encoding, encoding_of


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"", "UTF-8"),
        ("猫, long hair".encode(), "UTF-8"),
        ("\ufeffdog".encode(), "UTF-8"),
        ("dog".encode("utf-16"), "UTF-16"),
        ("東京, 夜".encode("shift_jis"), "Shift-JIS"),
        ("ひらがなa".encode("shift_jis"), "Shift-JIS"),
        ("café, où, it\u2019s “a” dog\u2014naïve".encode("cp1252"), "Windows-1252"),
        ("ÄÖÜ, ÀÉÈ".encode("cp1252"), "Windows-1252"),
    ],
)
def test_encodings_are_told_apart(raw: bytes, name: str):
    assert encoding_of(raw).name == name


@given(st.binary(max_size=80))
def test_bytes_come_back(raw: bytes):
    encoding = encoding_of(raw)
    again = encoding.encode(encoding.decode(raw))
    if encoding.name == "UTF-16":
        assert again == raw[: len(raw) // 2 * 2]  # half a letter at the end is none
    elif encoding.name == "Shift-JIS":
        assert encoding.decode(again) == encoding.decode(raw)  # some letters have two codes there
    else:
        assert again == raw


def test_a_letter_an_encoding_lacks_is_refused():
    with pytest.raises(UnicodeEncodeError):
        Encoding("cp1252").encode("猫")

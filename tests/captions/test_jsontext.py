"""Values of a JSON object are found where they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.captions import as_json, members

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=4)


@given(
    OBJECTS,
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.sampled_from([None, (",", ":"), (" ,\t", "\r\n: ")]),
)
def test_every_value_is_where_it_is_said_to_be(
    data: dict[str, Any], indent: int | None, ascii_only: bool, separators: tuple[str, str] | None
):
    text = " " + json.dumps(data, indent=indent, ensure_ascii=ascii_only, separators=separators) + "\n"
    found = members(text)
    assert {key: member.value for key, member in found.items()} == data
    assert {key: json.loads(text[member.start : member.end]) for key, member in found.items()} == data


def test_of_equal_keys_the_last_counts():
    text = '{"a": 1, "a": [2]}'
    assert text[slice(*members(text)["a"][:2])] == "[2]"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"', '{"a" 1}', '{"a": }', '{"a": 1 "b": 2}', "{1: 2}", "{a: 1}"]
)
def test_what_is_no_object_is_refused(text: str):
    with pytest.raises(ValueError):
        members(text)


def test_letters_are_written_as_the_text_around_them_has_them():
    assert as_json("é", '{"a": "\\u00e8"}') == '"\\u00e9"'
    assert as_json("é", '{"a": "è"}') == '"é"'
    assert as_json(["é", 'a"b'], "{}") == '["é", "a\\"b"]'

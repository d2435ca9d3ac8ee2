from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.errors import Error, MissingExtra, QueryError
from lorairo.masking import hide, mask, masked, masked_values


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("abcdefghijklmnopqrstuvwxyz", "abcd***wxyz"),
        ("abcdefghijklmnop", "abcd***mnop"),
        ("abcdefghijklmno", "***"),
        ("", "***"),
    ],
)
def test_a_key_shows_its_ends_when_it_is_long(key: str, shown: str):
    assert mask(key) == shown


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-SECRETSECRET",
        "x sk-ant-api03-SECRETSECRET y",
        "AIzaSECRETSECRETSECRETSECRET",
        "hf_SECRETSECRET",
        "r8_SECRETSECRET",
        "Authorization: Bearer SECRETSECRET",
        "'x-api-key': 'SECRETSECRET'",
        '{"api_key": "SECRETSECRET"}',
        "https://example.org/v1?api_key=SECRETSECRET&x=1",
        "postgresql+psycopg://lora:SECRETSECRET@db.example.org/lora",
        "password=SECRETSECRET",
    ],
)
def test_shapes_of_secrets(text: str):
    assert "SECRET" not in masked(text)


@pytest.mark.parametrize(
    "text", ["wd-vit-tagger-v3 tagged 12 images", "sha256 ab12", "key=3", "C:/photos/sk.jpg"]
)
def test_ordinary_words_stay(text: str):
    assert masked(text) == text


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(st.characters(categories=["L", "N"]), min_size=8), st.text(), st.text())
def test_what_was_hidden_never_shows(secret: str, before: str, after: str):
    hide(secret)
    assert secret not in masked(before + secret + after)


def test_what_is_masked_stays_as_it_is():
    once = masked('api_key="abcdefghijklmnopqrstuvwxyz" and Bearer abcdefghijklmnopqrstuvwxyz')
    assert once == 'api_key="abcd***wxyz" and Bearer abcd***wxyz'
    assert masked(once) == once


def test_keys_in_the_environment_are_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOME_API_KEY", "of no shape at all")
    assert masked("it is 'of no shape at all'.") == "it is 'of n*** all'."


def test_values_of_any_depth_lose_keys_and_nothing_else():
    hide("of-no-shape-at-all")
    value = {"a": ["of-no-shape-at-all", 3, None], "b": {"text": "password: swordfish"}}
    assert masked_values(value) == {"a": ["of-n***-all", 3, None], "b": {"text": "password: swordfish"}}


def test_no_error_of_ours_says_a_key():
    hide("of-no-shape-at-all")
    for error in (
        Error("of-no-shape-at-all"),
        QueryError("of-no-shape-at-all"),
        MissingExtra("of-no-shape-at-all", extra="x"),
    ):
        assert "of-no-shape" not in str(error) + repr(error)

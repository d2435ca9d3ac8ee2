from __future__ import annotations

import tomllib

import pytest
import toml
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.errors import ExportError
from lorairo.exporters.dataset_toml import dataset_config

# What TOML and the old package give a meaning, dense enough to meet each other.
TEXT = st.text(st.sampled_from("ab0un \\\"'#[]{}=,.:;|/é日\t\n") | st.characters(), max_size=12)


@settings(deadline=None)  # a busy machine is no failure
@given(TEXT)
def test_text_is_read_back_by_the_trainers_package(text: str):
    try:
        written = dataset_config({"caption_prefix": text}, {"resolution": (512, 768)}, {"image_dir": text})
    except ExportError:
        return  # refused; the last test says what for
    for read in (toml.loads, tomllib.loads):
        found = read(written)
        assert found["general"]["caption_prefix"] == text
        assert found["datasets"][0]["resolution"] == [512, 768]
        assert found["datasets"][0]["subsets"][0]["image_dir"] == text


def test_types_stay():
    written = dataset_config(
        {"enable_bucket": True, "caption_dropout_rate": 0.0, "token_warmup_step": 1e-05},
        {"batch_size": 2},
        {},
    )
    found = toml.loads(written)
    assert found["general"] == {
        "enable_bucket": True,
        "caption_dropout_rate": 0.0,
        "token_warmup_step": 1e-05,
    }
    assert isinstance(found["general"]["caption_dropout_rate"], float)
    assert isinstance(found["datasets"][0]["batch_size"], int)


def test_text_that_would_be_misread_is_refused():
    with pytest.raises(ExportError, match="quotes"):
        dataset_config({"caption_prefix": 'it\'s a "hat"'}, {}, {})
    with pytest.raises(ExportError, match="characters"):
        dataset_config({"caption_prefix": "two\nlines"}, {}, {})

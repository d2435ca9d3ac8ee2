"""What a server of one's own has, as ``lr.models("ollama")`` lists it."""

from __future__ import annotations

import openai_wire as wire
import pytest
from api_server import Sent, serving

import lorairo as lr
from lorairo import config
from lorairo.errors import ModelError, NotFoundError


def studio(url: str) -> None:
    config.set("providers.studio.base_url", f"{url}/v1")


def test_a_server_is_asked_for_its_models_and_sent_no_picture() -> None:
    with serving(lambda _: wire.models("llava:13b", "qwen3-vl")) as server:
        studio(server.url)
        rows = lr.models("studio")
        assert list(rows.index) == ["studio/llava:13b", "studio/qwen3-vl"]
        assert rows["available"].all()
        assert set(rows["price"]) == {"unknown"}
        assert [(came.method, came.path) for came in server.received] == [("GET", "/v1/models")]


def test_a_server_without_models_lists_none_in_the_same_columns() -> None:
    with serving(lambda _: Sent(body={"object": "list", "data": None})) as server:
        studio(server.url)
        rows = lr.models("studio")
    assert rows.empty
    assert list(rows.columns) == list(lr.models().columns)


def test_a_server_that_does_not_answer_says_why() -> None:
    with serving(lambda _: wire.models()) as server:
        studio(server.url)
    with pytest.raises(lr.Error, match=r"studio cannot be reached at http://127\.0\.0\.1"):
        lr.models("studio")


def test_a_provider_that_is_not_there_names_the_nearest_and_one_that_is_not_asked_says_so() -> None:
    config.set("providers.studio.base_url", "http://127.0.0.1:9/v1")
    with pytest.raises(NotFoundError, match="studio"):
        lr.models("studo")
    with pytest.raises(ModelError, match="anthropic"):
        lr.models("anthropic")

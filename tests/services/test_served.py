"""What a server of one's own has, as ``lr.models("ollama")`` lists it."""

from __future__ import annotations

import io

import openai_wire as wire
import pytest
from api_server import Sent, serving
from PIL import Image

import lorairo as lr
from lorairo import config
from lorairo.errors import ArgumentError, ModelError, NotFoundError


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


def seen(name: str) -> tuple[str, str]:
    report = lr.doctor(model=name).set_index("part")
    return report.loc[f"model: {name}", "state"], report.loc[f"model: {name}", "found"]


def test_a_model_is_shown_a_red_square_to_see_whether_it_looks() -> None:
    def colour(asked: wire.Asked) -> str:
        with Image.open(io.BytesIO(asked.picture)) as square:
            red, green, blue = square.getpixel((9, 9))
        return "Red." if min(red, 255 - green, 255 - blue) > 250 else "Another."

    with serving(wire.answering(colour)) as server:
        studio(server.url)
        assert seen("studio/llava") == ("ok", "looks at pictures")
        assert wire.asked(server.received[0]).model == "llava"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (
            wire.chat("A sunny beach"),
            "was shown a red square and says 'A sunny beach': it looks at no pictures",
        ),
        (wire.error(400, None, "llama3 is not a multimodal model"), "does not look at pictures"),
        (wire.chat(None, finish="length"), "still thinking"),
        (wire.bad_key(), "does not take the key"),
    ],
)
def test_a_model_that_does_not_see_the_square_is_a_problem(sent: Sent, why: str) -> None:
    with serving(lambda _: sent) as server:
        studio(server.url)
        state, found = seen("studio/llama3")
    assert (state, why in found) == ("problem", True)


def test_nobody_is_shown_a_square_without_a_key_or_on_this_machine() -> None:
    state, found = seen("openai/gpt-6-luna")
    assert (state, "openai needs a key" in found) == ("problem", True)
    with pytest.raises(ArgumentError, match="blip-base is asked at no service"):
        lr.doctor(model="blip-base")

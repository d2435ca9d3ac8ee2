"""The map: where images lie, what is shown and selected, and a lasso."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import lorairo as lr
from lorairo.store import embeddings, evidence
from lorairo.widgets.charting import inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Browser

    Open = Callable[..., Browser]

MODEL = "dinov2-base"
EVERYWHERE = [[-2, -2], [2, -2], [2, 2], [-2, 2]]


@pytest.fixture
def placed(project: lr.Project) -> lr.Project:
    """All images but two, along a line: the map is that line."""
    ids = project.view().ids[:10].tolist()
    angles = np.linspace(0, 1, len(ids))
    places = np.stack([np.cos(angles), np.sin(angles), *np.zeros((6, len(ids)))], axis=1).astype(np.float32)
    with project.database.write() as connection:
        model = evidence.model_id(connection, "local", MODEL, "1", {}, "embedder")
        embeddings.record(connection, model, ids, places)
    return project


@pytest.fixture
def browser(placed: lr.Project, browse: Open) -> Browser:
    return browse(placed.view(), "EmbeddingMap", method="pca")


def drawn(browser: Browser, **payload: Any) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Ask until the map is there."""
    told, buffers = browser.ask("map", **payload)
    while told["state"] == "making":
        told, buffers = browser.ask("map", **payload)
    body, count = buffers[0], told["images"]
    return (
        told,
        np.frombuffer(body, "<i4", count),
        np.frombuffer(body, "<f4", offset=4 * count).reshape(-1, 2),
    )


def marks(browser: Browser, made: int) -> tuple[dict[str, Any], list[int]]:
    told, buffers = browser.ask("map.marks", made=made)
    return told, list(buffers[0])


def test_the_map_of_the_model_that_placed_most_is_drawn(browser: Browser, placed: lr.Project):
    told, ids, places = drawn(browser)
    assert (told["model"], told["method"], told["images"], told["lacking"]) == (MODEL, "pca", 10, 2)
    assert told["models"] == [{"name": MODEL, "images": 10}]
    expected = placed.view().map(MODEL, method="pca")
    assert ids.tolist() == expected.index.tolist()
    np.testing.assert_array_equal(places, expected.to_numpy())


def test_without_an_embedder_there_is_no_map(browse: Open, project: lr.Project):
    told, _ = browse(project.view(), "EmbeddingMap").ask("map")
    assert (told["state"], told["models"]) == ("none", [])


def test_a_map_that_cannot_be_made_says_why(browser: Browser):
    reply, _ = browser.reply("map", model="dinov2-bas")
    while "ok" in reply:
        reply, _ = browser.reply("map", model="dinov2-bas")
    assert "there is no model 'dinov2-bas'" in reply["error"]["message"]
    assert drawn(browser)[0]["images"] == 10


def test_a_map_stays_when_images_go_or_come(browser: Browser, placed: lr.Project):
    told, ids, _ = drawn(browser)
    placed.view()[ids[:3].tolist()].exclude(reason="blurry")
    again, same, _ = drawn(browser)
    assert (again["made"], same.tolist()) == (told["made"], ids.tolist())
    assert marks(browser, told["made"])[0] == {"version": 1, "shown": 7, "selected": 0, "new": 2}
    anew, fewer, _ = drawn(browser, again=True)
    assert fewer.tolist() == ids[3:].tolist()
    reply, _ = browser.reply("map.marks", made=told["made"])
    assert (anew["made"], reply["error"]["kind"]) == (told["made"] + 1, "stale")


def test_a_search_dims_and_a_lasso_takes_only_what_is_shown(browser: Browser, placed: lr.Project):
    view = browser.widget.view
    told, ids, _ = drawn(browser)
    view.shown = f"id:>{ids[5]}"
    assert marks(browser, told["made"])[1] == [0] * 6 + [1] * 4
    assert browser.ask("map.select", made=told["made"], corners=EVERYWHERE)[0]["count"] == 4
    assert sorted(view.selected.ids.tolist()) == ids[6:].tolist()
    assert marks(browser, told["made"])[1] == [0] * 6 + [3] * 4


def test_a_lasso_adds_removes_and_replaces(browser: Browser):
    view = browser.widget.view
    told, ids, places = drawn(browser)

    def around(*rows: int) -> list[list[float]]:
        (left, low), (right, high) = places[list(rows)].min(axis=0), places[list(rows)].max(axis=0)
        near = 0.01
        return [[left - near, low - near], [right + near, low - near], [right + near, high + near],
                [left - near, high + near]]  # fmt: skip

    for mode, rows, expected in (
        ("set", [2], [2]),
        ("add", [7], [2, 7]),
        ("remove", [2], [7]),
        ("set", [4], [4]),
    ):
        corners = [[float(x), float(y)] for x, y in around(*rows)]
        browser.ask("map.select", made=told["made"], mode=mode, corners=corners)
        assert view.selected.ids.tolist() == ids[expected].tolist()
    browser.ask("map.select", made=told["made"], ids=[int(ids[1])], active=int(ids[1]))
    assert (view.selected.ids.tolist(), view.lens.active) == ([ids[1]], ids[1])
    for bad in ([[0, 0], [1, 1]], [[0, 0]] * 1001, [[0, 0], [1, 1], [float("nan"), 0]]):
        reply, _ = browser.reply("map.select", made=told["made"], corners=bad)
        assert reply["error"]["message"] == "a lasso has 3 to 1,000 corners"


def test_images_are_coloured_by_numbers_and_by_kinds(browser: Browser, placed: lr.Project):
    view = placed.view()
    told, ids, _ = drawn(browser)
    assert {"sharpness", "stars", "tags", "rating"} <= set(told["columns"])
    scale, buffers = browser.ask("map.colours", made=told["made"], by="sharpness")
    values = np.frombuffer(buffers[0], "<f4")
    np.testing.assert_allclose(values, view["sharpness"].loc[ids], rtol=1e-5)
    assert values.min() < scale["low"] < scale["high"] < values.max()

    view[ids[:4].tolist()].add_to("train")
    view[ids[3:6].tolist()].add_to("small")
    assert "dataset" in drawn(browser)[0]["columns"]
    kinds, buffers = browser.ask("map.colours", made=told["made"], by="dataset")
    assert (kinds["labels"], kinds["counts"]) == (["train", "small"], [4, 2])
    assert list(buffers[0]) == [0, 0, 0, 0, 1, 1, 255, 255, 255, 255]
    reply, _ = browser.reply("map.colours", made=told["made"], by="hue")
    assert "cannot be coloured by 'hue'" in reply["error"]["message"]


def test_what_lies_in_a_polygon_is_found_where_it_crosses_itself_too():
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4]], float)
    places = np.array([[2, 2], [5, 2], [-1, -1], [0.5, 3.5]], np.float32)
    assert inside(places, square).tolist() == [True, False, False, True]
    bow = np.array([[0, 0], [4, 4], [4, 0], [0, 4]], float)
    assert inside(np.array([[1, 2], [3, 2], [2, 1], [2, 3]], np.float32), bow).tolist() == [
        True,
        True,
        False,
        False,
    ]

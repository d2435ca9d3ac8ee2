"""Decoders in a process of their own: whatever they do to it, this one goes on."""

from __future__ import annotations

import io
import operator
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, features

import lorairo
from lorairo.images import Rejected, apart, open_upright, opening, read_facts

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ["TIFF", *(["AVIF"] if features.check("avif") else [])]


def encoded(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("death", [os.abort, os._exit])
def test_a_decoder_that_dies_costs_one_picture(death: Callable[..., None]):
    arguments = [] if death is os.abort else [0]
    with pytest.raises(Rejected, match="damaged file: the decoder crashed on it"):
        apart.run(death, *arguments)
    assert apart.run(operator.add, 1, 2) == 3


def test_a_decoder_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "PATIENCE", 0.5)
    with pytest.raises(Rejected, match="not decoded within 0 seconds"):
        apart.run(time.sleep, 600)


def test_what_a_decoder_raises_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        apart.run(operator.truediv, 1, 0)


def test_what_a_decoder_prints_is_no_answer():
    assert apart.run(os.write, 1, b"noise") == 5
    assert apart.run(operator.add, 1, 2) == 3


def test_several_threads_ask_at_once_and_get_their_own_answers():
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        for _ in range(20):
            answers[number] = apart.run(operator.mul, number, 10)
            assert answers[number] == number * 10

    threads = [threading.Thread(target=ask, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: number * 10 for number in range(6)}
    assert len(apart._idle) <= apart._KEPT


def test_an_interrupted_question_leaves_no_answer_for_the_next(monkeypatch: pytest.MonkeyPatch):
    def interrupted(_pipe: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(apart, "_read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            apart.run(operator.add, 1, 1)
    assert apart.run(operator.add, 2, 2) == 4


@pytest.mark.parametrize("kind", FORMATS)
def test_formats_with_a_history_of_crashes_are_never_decoded_here(
    draw: Callable[..., Image.Image], kind: str, tmp_path: Path
):
    place = tmp_path / "picture"
    place.write_bytes(encoded(draw(1), kind))
    code = (
        "import sys, pathlib; from lorairo.images import open_upright\n"
        "print(open_upright(pathlib.Path(sys.argv[1]).read_bytes()).size)\n"
        f"print('PIL.{kind.title()}ImagePlugin' in sys.modules)"
    )
    source = str(Path(lorairo.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code, str(place)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": source},
    )
    assert done.stdout.split("\n")[:2] == ["(320, 240)", "False"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_crash_of_the_library_is_a_verdict_on_the_file(
    draw: Callable[..., Image.Image], kind: str, monkeypatch: pytest.MonkeyPatch
):
    data = encoded(draw(1), kind)
    assert read_facts(data).format == kind
    monkeypatch.setattr(opening, "_decode_to_send", os.abort)
    monkeypatch.setattr(apart, "run", lambda function, *_arguments, run=apart.run: run(function))
    with pytest.raises(Rejected, match="the decoder crashed on it"):
        read_facts(data)


def test_large_pictures_are_still_let_in(draw: Callable[..., Image.Image], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opening, "_LARGE_PIXELS", 1000)
    assert open_upright(encoded(draw(1), "TIFF")).size == (320, 240)
    assert opening._large.acquire(blocking=False), "the place is free again"
    opening._large.release()

from __future__ import annotations

import os
import threading
import warnings
from typing import TYPE_CHECKING

import joblib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.errors import ArgumentError
from lorairo.jobs import parallel
from lorairo.jobs.fanout import _Gate

if TYPE_CHECKING:
    from collections.abc import Iterator


def double(number: int) -> int:
    return number * 2


def process_of(_: int) -> int:
    return os.getpid()


def refuse_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


@given(st.lists(st.integers(), max_size=80), st.integers(1, 4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_gives_what_map_gives(numbers: list[int], workers: int, ordered: bool):
    results = list(parallel(double, numbers, workers=workers, ordered=ordered))
    expected = [number * 2 for number in numbers]
    assert results == expected if ordered else sorted(results) == sorted(expected)


def test_looks_ahead_a_bounded_way():
    taken = []

    def items() -> Iterator[int]:
        for number in range(2000):
            taken.append(number)
            yield number

    results = parallel(double, items(), workers=2)
    assert next(results) == 0
    assert len(taken) < 100
    assert sum(results) == sum(range(2000)) * 2
    assert len(taken) == 2000


def test_the_task_waited_for_starts_however_late_its_thread_comes():
    # One thread runs ahead while another, which holds the task at place 0, is held up before the gate.
    gate = _Gate(4)
    assert all(gate.enter(place) for place in (1, 2, 3))
    waiting = threading.Thread(target=gate.enter, args=(4,), daemon=True)
    waiting.start()
    assert gate.enter(0)
    gate.take()
    waiting.join(10)
    assert not waiting.is_alive()


def test_closing_early_is_silent_and_leaves_nobody_waiting():
    before = set(threading.enumerate())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = parallel(double, range(10_000), workers=3)
        next(results)
        results.close()
    for thread in set(threading.enumerate()) - before:  # the pool lets its threads go unawaited
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_exception_of_a_task_reaches_the_caller(workers: int):
    with pytest.raises(ValueError, match="seven"):
        list(parallel(refuse_seven, range(1000), workers=workers))


@pytest.mark.parametrize("workers", [1, 2])
def test_the_exception_of_the_items_reaches_the_caller(workers: int):
    def items() -> Iterator[int]:
        yield from range(50)
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        list(parallel(double, items(), workers=workers))


def test_an_interrupt_of_the_consumer_ends_it():
    started = []

    def consume() -> None:
        for number in parallel(lambda item: started.append(item) or item, range(10_000), workers=2):
            if number == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        consume()
    assert len(started) < 200


def test_processes_run_elsewhere_in_order():
    pids = set(parallel(process_of, range(40), workers=2, backend="processes"))
    assert os.getpid() not in pids
    assert list(parallel(double, range(100), workers=2, backend="processes")) == [2 * n for n in range(100)]


def test_the_backend_of_joblib_wins():
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert os.getpid() not in set(parallel(process_of, range(8)))
    with joblib.parallel_config(n_jobs=1):
        assert {threading.get_ident()} == set(parallel(lambda _: threading.get_ident(), range(8)))


def test_empty_and_nonsense():
    assert list(parallel(double, [])) == []
    with pytest.raises(ArgumentError, match="threads"):
        parallel(double, [1], backend="fibres")
    with pytest.raises(ArgumentError, match="workers=0"):
        parallel(double, [1], workers=0)

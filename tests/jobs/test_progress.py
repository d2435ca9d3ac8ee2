from __future__ import annotations

import pytest

from lorairo.jobs.progress import INTERVAL, Calm, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_left_follows_the_pace_and_never_counts_up():
    clock = Clock()
    pace = Pace(clock)
    clock.now += 5  # loading a model, while answered images are skipped
    assert pace.step(0, 100) is None
    assert pace.rate is None
    clock.now += 1
    assert pace.step(10, 90) == 9
    assert pace.rate == 10
    clock.now += 9
    assert pace.step(10, 80) == 9  # slower now, yet no step back
    for _ in range(30):
        clock.now += 0.1
        left = pace.step(1, 50)
    assert left == pytest.approx(5.0)
    assert pace.rate == pytest.approx(10.0)  # of the last steps, not of the whole run
    clock.now += 60  # the next model loads
    pace.step(0, 50)
    assert pace.rate == pytest.approx(10.0)
    clock.now += 1
    pace.step(4, 46)
    assert pace.rate == pytest.approx(4.0)


def test_calls_are_held_back_and_the_last_one_comes():
    clock, called = Clock(), []
    calm = Calm(lambda: called.append(clock.now), clock)
    held = []
    calm._later = held.append
    calm.ask()
    clock.now += 0.01
    calm.ask()
    assert called == [100.0]
    assert held == [pytest.approx(INTERVAL - 0.01)]
    calm.end()
    assert called == [100.0, 100.01]
    calm.ask()
    assert len(called) == 2


def test_a_timer_delivers_what_was_held_back():
    clock, called = Clock(), []
    calm = Calm(lambda: called.append(clock.now), clock)
    calm.ask()
    clock.now += INTERVAL - 1e-6  # so that the real timer is due at once
    calm.ask()
    assert calm._timer is not None
    calm._timer.join(10)
    assert len(called) == 2

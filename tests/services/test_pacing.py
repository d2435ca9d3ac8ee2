"""How fast a service is asked, with a minute of half a second."""

from __future__ import annotations

import asyncio
import time

from lorairo.services.endpoint import Endpoint
from lorairo.services.pacing import Limiter, limiter_of
from lorairo.services.slots import Slots

WINDOW = 0.5


def limited(requests: int, tokens: int | None = None) -> Endpoint:
    limits = {"requests_per_minute": requests * 120, "tokens_per_minute": tokens and tokens * 120}
    return Endpoint("mine", "openai", **limits)


async def passing(limiter: Limiter, count: int, most: int = 1, really: int | None = None) -> list[float]:
    times = []
    for _ in range(count):
        counted = await limiter.turn(most)
        limiter.used(counted, really)
        times.append(time.monotonic())
    return times


async def alone(endpoint: Endpoint, count: int, most: int, really: int | None = None) -> list[float]:
    return await passing(Limiter(endpoint, WINDOW), count, most, really)


def test_tokens_are_limited_too():
    """Ten requests of a hundred tokens in half a second, though five hundred requests were allowed."""
    times = asyncio.run(alone(limited(500, 1000), 21, 100, 100))
    assert max(sum(start <= at < start + WINDOW for at in times) for start in times) <= 10


def test_what_answers_really_take_counts():
    """A question may take a thousand tokens and takes a hundred: soon ten pass where one did."""
    times = asyncio.run(alone(limited(500, 1000), 21, 1000, 100))
    assert times[-1] - times[0] < 4 * WINDOW
    assert max(sum(start <= at < start + WINDOW for at in times) for start in times) <= 11


def test_a_question_larger_than_the_limit_goes_alone():
    assert len(asyncio.run(alone(limited(500, 100), 2, 250))) == 2


def test_a_pause_holds_for_everybody_and_is_followed_by_no_burst():
    async def paused() -> list[float]:
        limiter = Limiter(limited(100), WINDOW)
        start = time.monotonic()
        limiter.pause(0.6)
        asking = [passing(limiter, 5) for _ in range(4)]
        return sorted(at - start for one in await asyncio.gather(*asking) for at in one)

    times = asyncio.run(paused())
    assert times[0] >= 0.6
    assert times[-1] - times[0] >= 0.9 * 19 * WINDOW * 0.8 / 100


def test_one_limiter_for_one_key():
    async def ask() -> bool:
        first = limiter_of(limited(10))
        return first is limiter_of(limited(10)) and first is not limiter_of(Endpoint("other", "openai"))

    assert asyncio.run(ask())


def test_places_grow_while_a_service_keeps_up_and_halve_when_it_does_not():
    async def grown() -> list[int]:
        slots = Slots(8)
        seen = [slots.open]
        for _ in range(100):
            slots.good()
        seen.append(slots.open)
        sent = asyncio.get_running_loop().time()
        for _ in range(5):  # all of them were sent before anybody knew
            slots.strained(sent)
        seen.append(slots.open)
        return seen

    assert asyncio.run(grown()) == [4, 8, 4]


def test_no_more_are_under_way_than_there_are_places():
    async def most() -> int:
        slots, seen = Slots(3), []

        async def one() -> None:
            async with slots.one():
                seen.append(slots.taken)
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(one()) for _ in range(20)]
        await asyncio.sleep(0)
        tasks[5].cancel()  # while it waits
        await asyncio.gather(*tasks, return_exceptions=True)
        assert slots.taken == 0
        return max(seen)

    assert asyncio.run(most()) == 3

"""The loop of lorairo's own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from lorairo.services import loop


async def _where() -> str:
    return threading.current_thread().name


def test_work_runs_in_one_thread_of_its_own_whether_a_loop_runs_here_or_not():
    async def cell() -> str:
        return loop.call(_where())

    assert loop.call(_where()) == asyncio.run(cell()) == "lorairo-services"
    assert loop.loop() is loop.loop()


def test_what_nobody_waits_for_any_more_does_not_go_on():
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(TimeoutError):
        loop.call(forever(), 0.05)
    assert ended.wait(5)


CHILD = """
import asyncio, os
from lorairo.services import loop
async def who(): return os.getpid()
assert loop.call(who()) == os.getpid()
if hasattr(os, "fork"):
    child = os.fork()
    if not child:
        os._exit(0 if loop.call(who(), 10) == os.getpid() else 1)
    assert os.waitpid(child, 0)[1] == 0
loop.submit(asyncio.sleep(60))
print("done", flush=True)
"""


def test_a_forked_child_has_its_own_and_no_interpreter_is_kept_from_ending():
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHILD],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert (said.returncode, said.stdout) == (0, "done\n"), said.stderr

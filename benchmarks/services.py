"""Asking a service at its limit: how much of it is used, and how much asking takes here.

Run it with ``python benchmarks/services.py [--minutes 3.2] [--limit 300] [--images 1000]``. Promise: at a
limit of requests, without faults, over three windows or more, 95 % of it is used, and in no window of the
service's own clock more than it allows; no burst at the start. The service is a process of its own here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from pathlib import Path

import psutil

import lorairo as lr

sys.path.append(str(Path(__file__).parents[1] / "tests" / "services"))

WINDOW = 60.0
USED = 0.95
LATENCY = 0.4  # seconds an answer takes

SERVER = f"""
import sys
sys.path[:0] = {sys.path!r}
from dataclasses import replace
import openai_wire as wire
from api_server import serving
answer = wire.answering(lambda _: '{{"caption": "a plain field of colour"}}')
with serving(lambda received: replace(answer(received), delay=float(sys.argv[1]))) as server:
    print(server.url, flush=True)
    sys.stdin.read(1)
    print(*(one.at for one in server.received), flush=True)
"""


def asked(project, latency, **settings):
    """Ask about all images; return seconds, when requests came, and megabytes that were added at most."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(latency)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    lr.config.set("providers.bench.base_url", server.stdout.readline().strip() + "/v1")
    for name, value in settings.items():
        lr.config.set(f"providers.bench.{name}", value)
    memory, ended = psutil.Process().memory_info, threading.Event()
    before, most = memory().rss, [0]

    def watch():
        while not ended.wait(0.2):
            most[0] = max(most[0], memory().rss - before)

    threading.Thread(target=watch, daemon=True).start()
    start, cpu = time.perf_counter(), time.process_time()
    job = project.view().annotate(["bench/gpt-bench"], parameters={"max_tokens": 100 + len(settings)}).wait()
    took, busy = time.perf_counter() - start, time.process_time() - cpu
    ended.set()
    assert job.state == "done", job
    assert job.errors.empty, job.errors
    times = [float(one) for one in server.communicate("x")[0].split()]
    return took, busy, times, most[0] / 2**20


def within(times, window):
    """Return the most that came within a window, wherever it begins."""
    return max(bisect_left(times, start + window) - place for place, start in enumerate(times))


def filled(folder, count):
    """Make a project of pictures that all differ."""
    from asked_project import pictures  # noqa: PLC0415 - lies in the folder that is put on the path above

    project = lr.open_project(folder / f"project{count}")
    project.add(pictures(folder / f"pictures{count}", count))
    return project


def main(minutes, limit, images):
    """Print what was used; end with 1 where that is too little or too much."""
    folder = Path(tempfile.mkdtemp())
    os.environ["LORAIRO_CONFIG"] = str(folder / "config.toml")
    count = int(minutes * limit)
    print(f"{'':44}{'measured':>12}{'promise':>12}")
    with filled(folder, images) as project:
        took, busy, times, more = asked(project, 0.0, rate_limit_requests_per_minute=60_000, concurrency=16)
        print(f"{'questions a second, nothing limits them':44}{len(times) / took:12.0f}")
        print(f"{'processor time for one, ms':44}{1000 * busy / len(times):12.1f}")
        print(f"{'memory added, MB':44}{more:12.0f}")
    good = True
    with filled(folder, count) as project:
        took, _, times, _ = asked(
            project, LATENCY, rate_limit_requests_per_minute=limit, concurrency=16, timeout=60.0
        )
        lasted = times[-1] - times[0]
        share, most = (count - 1) / (limit * lasted / WINDOW), within(times, WINDOW)
        early = bisect_left(times, times[0] + 5.0)
        print(f"{f'share of {limit} a minute used in {lasted:.0f} s':44}{share:12.3f}{USED:12}")
        print(f"{'most in any 60 s of the clock of the service':44}{most:12}{limit:12}")
        print(f"{'in the first 5 s':44}{early:12}{round(limit / 12 * 1.25) + 1:12}")
        good = (share >= USED or lasted < 3 * WINDOW) and most <= limit and early <= limit / 12 * 1.25 + 1
    return 0 if good else 1


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--minutes", type=float, default=3.2)
    reader.add_argument("--limit", type=int, default=300)
    reader.add_argument("--images", type=int, default=1000)
    told = reader.parse_args()
    raise SystemExit(main(told.minutes, told.limit, told.images))

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from lorairo.config import quota

MACHINE_MB = int(psutil.virtual_memory().total) // 2**20
FREE = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def tree(root: Path, files: dict[str, str]) -> Path:
    """A machine's /proc and /sys, as far as they are asked."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n", encoding="ascii")
    return root


def test_without_groups_the_machine_counts(tmp_path: Path):
    assert quota.processors(tmp_path) == FREE
    assert quota.memory_mb(tmp_path) == MACHINE_MB


@pytest.mark.parametrize(("said", "count"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", FREE)])
def test_a_container_of_version_2(tmp_path: Path, said: str, count: int):
    root = tree(tmp_path, {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": said})
    assert quota.processors(root) == count


def test_memory_of_version_2(tmp_path: Path):
    root = tree(tmp_path / "a", {"proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": str(512 * 2**20)})
    assert quota.memory_mb(root) == 512
    root = tree(tmp_path / "b", {"proc/self/cgroup": "0::/", "sys/fs/cgroup/memory.max": "max"})
    assert quota.memory_mb(root) == MACHINE_MB


def test_every_group_around_this_one_limits_it(tmp_path: Path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "0::/pods/pod7/container",
            "sys/fs/cgroup/pods/memory.max": str(300 * 2**20),
            "sys/fs/cgroup/pods/pod7/memory.max": "max",
            "sys/fs/cgroup/pods/pod7/container/memory.max": str(900 * 2**20),
            "sys/fs/cgroup/pods/pod7/cpu.max": "100000 100000",
            "sys/fs/cgroup/pods/pod7/container/cpu.max": "max 100000",
        },
    )
    assert quota.memory_mb(root) == 300
    assert quota.processors(root) == 1


def test_a_container_of_version_1_sees_only_the_root_of_its_trees(tmp_path: Path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "11:cpu,cpuacct:/docker/abc\n5:memory:/docker/abc",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": str(256 * 2**20),
        },
    )
    assert quota.processors(root) == 1
    assert quota.memory_mb(root) == 256


def test_version_1_without_limits(tmp_path: Path):
    root = tree(
        tmp_path,
        {
            "proc/self/cgroup": "4:cpu:/\n5:memory:/",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
        },
    )
    assert quota.processors(root) == FREE
    assert quota.memory_mb(root) == MACHINE_MB

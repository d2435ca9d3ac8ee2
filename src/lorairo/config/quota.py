"""How many processors and how much memory this process may use; a container has fewer than its machine."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path("/")
_GROUPS = Path("sys/fs/cgroup")
_MEGABYTE = 2**20


@cache
def processors(root: Path = _ROOT) -> int:
    """Count the processors this process may keep busy: of the machine, of its affinity, of its quota.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are.
    """
    counts = [os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):  # not on macOS and Windows
        counts.append(len(os.sched_getaffinity(0)))
    shares = [*_shares_v2(root), *_shares_v1(root)]
    return max(1, min(counts + [int(share) for share in shares]))


@cache
def memory_mb(root: Path = _ROOT) -> int:
    """Measure the memory this process may use, megabytes: of the machine, or less by its quota."""
    import psutil  # noqa: PLC0415 - most settings do not ask for it

    limits = [int(psutil.virtual_memory().total)]
    files = [*_files(root, "", "memory.max"), *_files(root, "memory", "memory.limit_in_bytes")]
    limits += [int(said) for said in files if said.isdecimal()]  # "max" is none
    return max(1, min(limits) // _MEGABYTE)


def _shares_v2(root: Path) -> Iterator[float]:
    for said in _files(root, "", "cpu.max"):
        quota, _, period = said.partition(" ")
        if quota.isdecimal() and period.isdecimal() and int(period):
            yield int(quota) / int(period)


def _shares_v1(root: Path) -> Iterator[float]:
    quotas = _files(root, "cpu", "cpu.cfs_quota_us")
    periods = _files(root, "cpu", "cpu.cfs_period_us")
    for quota, period in zip(quotas, periods, strict=False):
        if quota.isdecimal() and period.isdecimal() and int(period):  # -1 is none
            yield int(quota) / int(period)


def _files(root: Path, controller: str, name: str) -> Iterator[str]:
    """Read a file of this process's group and of every group around it; each of them limits it.

    Parameters
    ----------
    root
        Where ``proc`` and ``sys`` are.
    controller
        Of version 1, which has a tree for each; empty for the one tree of version 2.
    name
        The file.
    """
    for tree, group in _groups(root, controller):
        for part in (group, *group.parents):
            try:
                yield (tree / part.relative_to("/") / name).read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError):  # a container sees its own part of the tree only
                continue


def _groups(root: Path, controller: str) -> Iterator[tuple[Path, PurePosixPath]]:
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not group.startswith("/") or ".." in group:
            continue
        if not controller and not controllers:
            yield root / _GROUPS, PurePosixPath(group)
        elif controller and controller in controllers.split(","):
            for tree in dict.fromkeys((controller, controllers)):  # `cpu` is often a link to `cpu,cpuacct`
                yield root / _GROUPS / tree, PurePosixPath(group)

"""Which folders lie on drives where SQLite's WAL holds: local ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_REMOTE = frozenset(
    [
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "drvfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "orangefs",
        "prl_fs",
        "smb2",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    ]
)
_DRIVE_REMOTE = 4  # GetDriveTypeW: a network drive


def holds_wal(folder: Path) -> bool:
    """Return whether memory can be shared through files in this folder; network and FUSE mounts say no."""
    folder = folder.resolve()
    if sys.platform == "win32":
        return not _remote_on_windows(folder)
    return not is_remote(
        folder, _mounts()
    )  # where nothing is known the probe of `choose_journal` decides alone


def kind_of(folder: Path) -> str:
    """Name the kind of drive that holds a folder, such as ``ext4``, as far as it is known."""
    return mount_kind(folder.resolve(), _mounts()) or "drive"


def _mounts() -> str:
    mounts = Path("/proc/self/mountinfo")
    return mounts.read_text(encoding="utf-8", errors="replace") if mounts.is_file() else ""


def is_remote(folder: Path, mountinfo: str) -> bool:
    """Tell from the text of ``/proc/self/mountinfo`` whether a folder lies on a network or FUSE mount."""
    kind = mount_kind(folder, mountinfo)
    return kind in _REMOTE or kind.startswith("fuse")


def mount_kind(folder: Path, mountinfo: str) -> str:
    """Read the kind of the mount that holds a folder from the text of ``/proc/self/mountinfo``."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split()
        if not separator or len(fields) < 5:  # noqa: PLR2004 - the mount point is the fifth field
            continue
        point = fields[4].replace("\\040", " ")
        inside = folder.as_posix() == point or folder.as_posix().startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def _remote_on_windows(folder: Path) -> bool:
    drive = folder.drive
    if drive.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only Windows has windll

        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive + os.sep) == _DRIVE_REMOTE)
    return False

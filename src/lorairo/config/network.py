"""Whether this machine may ask the network for files."""

from __future__ import annotations

import os


def offline() -> bool:
    """Whether ``HF_HUB_OFFLINE`` is set: then nothing is downloaded, from the hub or elsewhere."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}

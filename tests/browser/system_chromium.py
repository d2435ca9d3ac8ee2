"""The browser of the machine; Playwright's own download is never used."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    # nothing but this machine can be reached; request interception would slow every picture down
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def find_chromium() -> str:
    """Return the path of Chromium or Chrome; ``LORAIRO_CHROMIUM`` names one that is not on the path."""
    path = os.environ.get("LORAIRO_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise FileNotFoundError(
            "No Chromium found: `python3 scripts/test.py` brings one, or set LORAIRO_CHROMIUM."
        )
    return path

"""Loaded by every Python process of a browser test: no socket reaches beyond this machine.

The folder is put on ``PYTHONPATH``; what is refused stands in the file that ``LORAIRO_NETWORK_LOG`` names.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Any

AT_HOME = ("127.", "localhost", "::1", "0.0.0.0")
WHERE = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Write down and refuse an attempt to reach another machine."""
    if event not in WHERE:
        return
    place = arguments[WHERE[event]]
    host = place[0] if isinstance(place, tuple) else place
    if isinstance(place, tuple) or event.startswith("socket.get"):
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        if name and not name.startswith(AT_HOME):
            log = Path(os.environ["LORAIRO_NETWORK_LOG"])
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{event} {name}: {''.join(traceback.format_stack(limit=4))!r}\n")
            raise OSError(f"{name} is another machine")


if "LORAIRO_NETWORK_LOG" in os.environ:
    sys.addaudithook(refuse)

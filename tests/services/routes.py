"""Finding what answers a request, for services that keep something between requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from api_server import Received, Sent

Route = tuple[str, str, Callable[..., Sent]]
"""Method, pattern of the path, and what is called with its groups."""


def routed(received: Received, routes: Iterable[Route]) -> Sent | None:
    """Answer by the first route that fits; None where none does."""
    path = received.path.partition("?")[0]
    for method, pattern, answer in routes:
        if method == received.method and (found := re.fullmatch(pattern, path)):
            return answer(*found.groups())
    return None

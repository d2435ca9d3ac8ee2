"""Models made on the spot, and nothing of whoever runs the tests."""

from __future__ import annotations

from echo_model import alone, echo, tiny
from hub_server import hub

__all__ = ["alone", "echo", "hub", "tiny"]

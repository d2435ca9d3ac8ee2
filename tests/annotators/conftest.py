"""Models made on the spot, and nothing of whoever runs the tests."""

from __future__ import annotations

from echo_model import alone, echo, tiny, tiny_danbooru

__all__ = ["alone", "echo", "tiny", "tiny_danbooru"]

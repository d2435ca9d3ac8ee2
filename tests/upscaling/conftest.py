"""Nothing of whoever runs the tests."""

from __future__ import annotations

from echo_model import alone

__all__ = ["alone"]

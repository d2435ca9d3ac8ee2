"""A key as a value of a setting."""

from __future__ import annotations

from pydantic import SecretStr

from lorairo.masking import mask


class Secret(SecretStr):
    """A key that shows its ends alone, wherever it is printed."""

    def __str__(self) -> str:
        return mask(self.get_secret_value())

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

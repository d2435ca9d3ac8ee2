"""Exact token counts, with the tokenizer of a text encoder."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.errors import ConfigError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Sequence


class TokenCounter:
    """Counts tokens as a text encoder would.

    Parameters
    ----------
    path
        A ``tokenizer.json``, or a folder that holds one (such as CLIP's).

    Raises
    ------
    MissingExtra
        When the package `tokenizers` is not installed.
    ConfigError
        When the file is not there or is no tokenizer.
    """

    def __init__(self, path: str | Path) -> None:
        try:
            from tokenizers import Tokenizer  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise MissingExtra("tokenizers", extra="tokens") from error
        file = Path(path).expanduser()
        file = file / "tokenizer.json" if file.is_dir() else file
        if not file.is_file():
            raise ConfigError(
                f"there is no tokenizer at {file}: name a tokenizer.json or the folder that holds it"
            )
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(file))
        except Exception as error:  # the Rust side raises bare Exception for every malformed file
            raise ConfigError(f"{file} is no tokenizer: {error}") from error
        self.path = file
        # A file may ask for cutting at 77 and padding to 77, and then every caption would have 77 tokens.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count_many(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of texts, begin and end marks left out; it works on several cores at once."""
        return [
            len(encoding.ids)
            for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def fits(self, text: str, limit: int) -> int:
        """Return how many characters of a text lie within the first `limit` tokens."""
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return len(text) if len(offsets) <= limit else int(offsets[limit][0])


@functools.lru_cache(maxsize=8)
def tokenizer_at(path: Path) -> TokenCounter:
    """Return the counter of a file, read once."""
    return TokenCounter(path)

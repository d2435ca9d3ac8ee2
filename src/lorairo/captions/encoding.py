"""Texts of unknown encoding, read so that they can be written back byte for byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp932": "Shift-JIS",
    "cp1252": "Windows-1252",
}
_KANA: Final = re.compile("[\u3041-\u30ff]")
# A word of nothing but Japanese letters. In Windows-1252 the same bytes are a quotation mark glued to a
# letter here and there, never a word for itself.
_JAPANESE_WORD: Final = re.compile("(?<![^\\s,])[\u3041-\u30ff\u4e00-\u9fff]+(?![^\\s,])")
_NEVER: Final = re.compile("[\uff61-\uff9f\ue000-\uf8ff]")  # what accents of Windows-1252 become in Shift-JIS


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a text is written.

    Attributes
    ----------
    codec
        As Python calls it.
    mark
        Byte-order mark in front of the text.
    """

    codec: str
    mark: bytes = b""

    @property
    def name(self) -> str:
        """As people call it."""
        return _NAMES[self.codec]

    def decode(self, raw: bytes) -> str:
        """Read a text; bytes that mean nothing become lone surrogates, which `encode` turns back."""
        body = raw.removeprefix(self.mark)
        if self.codec.startswith("utf-16"):
            return body[: len(body) // 2 * 2].decode(self.codec, "surrogatepass")
        return body.decode(self.codec, "surrogateescape")

    def encode(self, text: str) -> bytes:
        """Write a text.

        Raises
        ------
        UnicodeEncodeError
            When this encoding does not have a letter of it.
        """
        errors = "surrogatepass" if self.codec.startswith("utf-16") else "surrogateescape"
        return self.mark + text.encode(self.codec, errors)


def encoding_of(raw: bytes) -> Encoding:
    """Find out how a text is written: by its mark or as UTF-8, Shift-JIS by its words, else Windows-1252."""
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return Encoding(codec, mark)
    if _is(raw, "utf-8"):
        return Encoding("utf-8")
    if _is(raw, "cp932"):
        text = raw.decode("cp932")
        if not _NEVER.search(text) and (_KANA.search(text) or _JAPANESE_WORD.search(text)):
            return Encoding("cp932")
    return Encoding("cp1252")


def _is(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True

"""Read EXIF without trusting it: no exception, no endless chain, no private fact kept.

Own reader because Pillow's reports damage through Python warnings, which cannot be caught safely in threads.
Layout: TIFF 6.0 section 2 (image file directories) and Exif 2.32.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Any, Final

ORIENTATION: Final = 0x0112
MAKE: Final = 0x010F
MODEL: Final = 0x0110
SOFTWARE: Final = 0x0131
DATE_TIME: Final = 0x0132
USER_COMMENT: Final = 0x9286
_EXIF_DIRECTORY: Final = 0x8769
_GPS_DIRECTORY: Final = 0x8825
_MAX_ENTRIES: Final = 1000
_MAX_VALUE: Final = 4 * 2**20  # bytes of one value: a generator's prompt fits, a bomb does not

_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_CODES: Final = {3: "H", 4: "I", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I"}


@dataclass(slots=True)
class Exif:
    """Tags of the main and the Exif directory by number; `damaged` when some could not be read."""

    tags: dict[int, Any] = field(default_factory=dict)
    gps: bool = False
    damaged: bool = False

    @property
    def orientation(self) -> int:
        """How to turn the picture, 1-8; undefined values count as 1 (upright)."""
        value = self.tags.get(ORIENTATION)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1  # noqa: PLR2004 - the eight of the standard


def parse(data: bytes) -> Exif:
    """Read an EXIF block, with or without the prefix that JPEG puts before it.

    Parameters
    ----------
    data
        The block as found in JPEG APP1, PNG eXIf, WebP EXIF and so on.

    Returns
    -------
    Exif
        What could be read; never raises.
    """
    exif = Exif()
    block = data.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:  # noqa: PLR2004 - size of a TIFF header
        exif.damaged = bool(block)
        return exif
    reader = _Reader(block, order, exif)
    main = reader.directory(struct.unpack_from(order + "I", block, 4)[0])
    exif.tags.update(main)
    inner = main.get(_EXIF_DIRECTORY)
    if isinstance(inner, int):
        for tag, value in reader.directory(inner).items():
            exif.tags.setdefault(tag, value)
    gps = main.get(_GPS_DIRECTORY)
    # 0 is the version of the GPS block; a place needs more than that.
    exif.gps = isinstance(gps, int) and bool(set(reader.directory(gps)) - {0})
    return exif


@dataclass(slots=True)
class _Reader:
    block: bytes
    order: str
    exif: Exif

    def directory(self, offset: int) -> dict[int, Any]:
        """Read one directory; the chain to further ones (thumbnails) is not followed, so it cannot loop."""
        if offset + 2 > len(self.block):
            self.exif.damaged = True
            return {}
        count: int = struct.unpack_from(self.order + "H", self.block, offset)[0]
        if count > _MAX_ENTRIES or offset + 2 + 12 * count > len(self.block):
            self.exif.damaged = True
            count = min(count, _MAX_ENTRIES, (len(self.block) - offset - 2) // 12)
        found: dict[int, Any] = {}
        for index in range(count):
            tag, kind, number = struct.unpack_from(self.order + "HHI", self.block, offset + 2 + 12 * index)
            value = self._value(kind, number, offset + 10 + 12 * index)
            if value is None:
                self.exif.damaged = True
            else:
                found.setdefault(tag, value)
        return found

    def _value(self, kind: int, number: int, place: int) -> Any:
        """Read one value; lists give their first element, which is all that is ever asked for."""
        size = _SIZES.get(kind, 0) * number
        if kind not in _SIZES or size > _MAX_VALUE:
            return None
        start = place if size <= 4 else struct.unpack_from(self.order + "I", self.block, place)[0]  # noqa: PLR2004 - TIFF
        raw = self.block[start : start + size]
        if len(raw) < size or number == 0:
            return None if len(raw) < size else b""
        if kind == 2:  # noqa: PLR2004 - ASCII, in truth often UTF-8
            return raw.split(b"\0")[0].decode("utf-8", "replace").strip()
        if kind in (5, 10):
            over, under = struct.unpack_from(self.order + ("II" if kind == 5 else "ii"), raw)  # noqa: PLR2004 - unsigned
            return over / under if under else None
        if kind in _CODES:
            return struct.unpack_from(self.order + _CODES[kind], raw)[0]
        return raw


def xmp_orientation(xmp: bytes) -> int:
    """Orientation as an XMP packet gives it, 1 (upright) when it does not."""
    match = re.search(rb"tiff:Orientation(?:=\"|>)([1-8])\b", xmp)
    return int(match[1]) if match else 1


def facts(exif: Exif) -> dict[str, Any]:
    """Pick the facts worth showing, JSON-safe.

    Returns
    -------
    dict
        Any of ``camera`` ``lens`` ``software`` (text), ``time`` (ISO 8601, without zone), ``iso`` (number),
        ``exposure`` (seconds), ``aperture`` (f-number), ``focal`` (millimetres), ``gps`` (True where
        the file holds a position; never the position itself). Names of people are left where they are.
    """
    tags = exif.tags
    make, model = _text(tags.get(MAKE)), _text(tags.get(MODEL))
    camera = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    found: dict[str, Any] = {
        "camera": camera,
        "lens": _text(tags.get(0xA434)),
        "software": _text(tags.get(SOFTWARE)),
        "time": _time(tags.get(0x9003) or tags.get(DATE_TIME)),
        "iso": _number(tags.get(0x8827)),
        "exposure": _number(tags.get(0x829A)),
        "aperture": _number(tags.get(0x829D)),
        "focal": _number(tags.get(0x920A)),
        "gps": exif.gps,
    }
    return {name: value for name, value in found.items() if value}


def _text(value: Any) -> str:
    # Some generators keep whole prompts in Make and Model; those are no camera.
    return value if isinstance(value, str) and len(value) <= 100 else ""  # noqa: PLR2004 - longer than any camera's name


def _number(value: Any) -> float | None:
    if isinstance(value, (int, float)) and 0 < value < 1e9:  # noqa: PLR2004 - false for NaN and infinity too
        return round(float(value), 6)
    return None


def _time(value: Any) -> str:
    match = re.fullmatch(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d:\d\d:\d\d)", _text(value))
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}" if match else ""

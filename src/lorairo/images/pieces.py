"""Refuse files cut into so many pieces, or drawn over so often, that reading them would not end."""

from __future__ import annotations

import struct
from typing import Final

from lorairo.images.limits import Rejected

_MOST: Final = 100_000  # pieces; a PNG of 50 MB has some 6,000, as encoders write them
_MOST_METADATA: Final = 2_000  # pieces that hold no pixels; each may have to be inflated
_MOST_DRAWN: Final = 3_000_000_000  # pixels times scans; 200 megapixels in 10 scans are 2,000,000,000
_PIXELS: Final = frozenset((b"IDAT", b"fdAT", b"fcTL"))
_REASON: Final = "damaged file, or one made to keep its reader busy"


def check_segments(count: int) -> None:
    """Refuse a JPEG with more segments before its pixels than anybody needs.

    Raises
    ------
    Rejected
        With what there is too much of.
    """
    if count > _MOST_METADATA:
        raise Rejected(f"{_REASON}: over {_MOST_METADATA:,} pieces of metadata")


def check_scans(data: bytes, pixels: int) -> None:
    """Refuse a JPEG that draws its pixels over and over; a decoder cannot be stopped between scans.

    Raises
    ------
    Rejected
        With what there is too much of.
    """
    scans = data.count(b"\xff\xda")  # between scans these two bytes are a marker and nothing else
    if scans * pixels > _MOST_DRAWN:
        raise Rejected(f"{_REASON}: {scans:,} scans of {pixels / 1e6:,.0f} megapixels")


def check_chunks(data: bytes) -> None:
    """Refuse a PNG with more chunks than anybody needs.

    Raises
    ------
    Rejected
        With what there is too much of.
    """
    place, count, metadata = 8, 0, 0
    while place + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        metadata += data[place + 4 : place + 8] not in _PIXELS
        count += 1
        if count > _MOST:
            raise Rejected(f"{_REASON}: over {_MOST:,} pieces")
        check_segments(metadata)
        place += length + 12

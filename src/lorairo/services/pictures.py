"""Pictures as services are sent them: upright, sRGB, on white, no longer than asked for, and nothing else."""

from __future__ import annotations

import hashlib
import io
import threading
from collections import OrderedDict

from PIL import Image

from lorairo.images import Limits, flatten, open_upright
from lorairo.services.calls import Picture

_QUALITY = 90
_HELD = 64 * 2**20  # bytes of pictures that are kept for the next service of the same run


def prepare(data: bytes, long_edge: int, limits: Limits | None = None) -> Picture:
    """Make of a file what is sent of it: pixels only, no name, no place, no comment.

    Parameters
    ----------
    data
        The whole file.
    long_edge
        Longer side of the picture, pixels; a smaller one is never enlarged.
    limits
        What is opened at all.

    Raises
    ------
    Rejected
        When it is no picture, too large or damaged.
    """
    image = flatten(open_upright(data, limits))
    longest = max(image.size)
    if longest > long_edge:
        width, height = (max(1, round(side * long_edge / longest)) for side in image.size)
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.info = {}  # the encoder would write a comment that it finds there
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    encoded = buffer.getvalue()
    return Picture(encoded, "image/jpeg", *image.size, digest=hashlib.sha256(encoded).digest())


class Prepared:
    """Pictures made once, for all services that take them at the same size; the newest are kept.

    Parameters
    ----------
    most
        Bytes that are kept.
    """

    def __init__(self, most: int = _HELD) -> None:
        self._most = most
        self._held: OrderedDict[tuple[bytes, int], Picture] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def of(self, data: bytes, long_edge: int, limits: Limits | None = None) -> Picture:
        """Return what is sent of a file; as of `prepare`."""
        key = (hashlib.sha256(data).digest(), long_edge)
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
                return found
        picture = prepare(data, long_edge, limits)
        with self._lock:
            if key not in self._held:
                self._held[key] = picture
                self._bytes += len(picture.data)
            while self._bytes > self._most:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest.data)
        return picture

"""What a picture may cost at most, and the refusal of one that cannot come in."""

from __future__ import annotations

from dataclasses import dataclass

from lorairo.errors import Error
from lorairo.keywords import checked_class


@checked_class
@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file and the largest picture that are opened.

    Parameters
    ----------
    max_bytes
        Size of the file, in bytes.
    max_pixels
        Width times height, in pixels; checked in the header, before anything is decoded.
    """

    max_bytes: int = 50 * 2**20
    max_pixels: int = 200_000_000

    def check_bytes(self, size: int) -> None:
        """Refuse a file that is empty or larger than `max_bytes`.

        Raises
        ------
        Rejected
            With both sizes in the reason.
        """
        if size == 0:
            raise Rejected("empty file")
        if size > self.max_bytes:
            limit = f"the limit of {self.max_bytes / 2**20:,.0f} MB (limits= lifts it)"
            raise Rejected(f"file of {size / 2**20:,.1f} MB is over {limit}")

    def check_pixels(self, width: int, height: int) -> None:
        """Refuse a picture without pixels or with more than `max_pixels`.

        Raises
        ------
        Rejected
            With both figures in the reason; `TooLarge` for too many.
        """
        if width <= 0 or height <= 0:
            raise Rejected(f"damaged file: its header says {width} x {height} pixels")
        if width * height > self.max_pixels:
            limit = f"the limit of {self.max_pixels / 1e6:,.0f} megapixels (limits= lifts it)"
            raise TooLarge(f"picture of {width} x {height} pixels is over {limit}")


class Rejected(Error, ValueError):  # noqa: N818 - a verdict on a file, and named so in the design
    """A file that does not come in as a picture.

    Parameters
    ----------
    reason
        Why, in plain words and without the name of the file, which the caller knows.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooLarge(Rejected):
    """A picture with more pixels than are wanted."""

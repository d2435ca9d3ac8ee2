"""Aspect-ratio buckets of sd-scripts, to the pixel.

The rules are those of ``BucketManager`` and ``make_bucket_resolutions`` in kohya-ss/sd-scripts
(``library/train_util.py``, ``library/model_util.py``, February 2026). What the trainer will do with an
image is computed here without the trainer, so the arithmetic keeps its quirks: plain differences of
ratios, not logarithms, and ``floor(x + 0.5)`` instead of banker's rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from lorairo.errors import ArgumentError

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What the trainer does with one image.

    Attributes
    ----------
    bucket
        Width and height the model sees, pixels. A side of 0 means that training fails on the image.
    resized
        Width and height after scaling, before the crop.
    crop
        Left, top, right, bottom in the scaled image.
    upscaled
        Whether a side of the image grows.
    """

    bucket: Size
    resized: Size
    crop: tuple[int, int, int, int]
    upscaled: bool

    @property
    def usable(self) -> bool:
        """False for the zero-sized buckets that make training fail."""
        return min(self.bucket) > 0

    @property
    def cropped(self) -> float:
        """Share of the image that the crop cuts off, 0 to 1."""
        return 1.0 - (self.bucket[0] * self.bucket[1]) / (self.resized[0] * self.resized[1])


@dataclass(frozen=True)
class BucketRules:
    """The bucket settings of a dataset.

    Parameters
    ----------
    resolution
        Width and height in pixels, or one number for a square; their product is the area of a bucket at most.
    min_size, max_size
        Shortest and longest side of a bucket (``min_bucket_reso``, ``max_bucket_reso``), rounded down and up
        to the step. Not used when nothing is upscaled.
    step
        Sides are multiples of this (``bucket_reso_steps``).
    no_upscale
        Leave images that are small enough at their size (``bucket_no_upscale``).

    Raises
    ------
    ArgumentError
        Where the trainer would refuse the settings.
    """

    resolution: Size
    min_size: int = 256
    max_size: int = 2048
    step: int = 64
    no_upscale: bool = False

    def __post_init__(self) -> None:
        """Refuse what the trainer would refuse."""
        if self.step < 1 or min(self.resolution) < 1:
            raise ArgumentError(
                f"resolution and step must be positive, not {self.resolution} and {self.step}"
            )
        if self.shortest < self.step:
            raise ArgumentError(
                f"min_bucket_reso={self.min_size} is below one step of {self.step} px: raise it"
            )
        if min(self.resolution) < self.shortest:
            raise ArgumentError(
                f"resolution {_text(self.resolution)} does not go with min_bucket_reso={self.min_size}: "
                f"lower it to {min(self.resolution)} or less"
            )
        if max(self.resolution) > self.longest:
            raise ArgumentError(
                f"resolution {_text(self.resolution)} does not go with max_bucket_reso={self.max_size}: "
                f"raise it to {max(self.resolution)} or more (2048 is usual)"
            )

    @property
    def area(self) -> int:
        """Most pixels a bucket may have."""
        return self.resolution[0] * self.resolution[1]

    @property
    def shortest(self) -> int:
        """Shortest side of a bucket, a multiple of the step."""
        return self.min_size // self.step * self.step

    @property
    def longest(self) -> int:
        """Longest side of a bucket, a multiple of the step."""
        return -(-self.max_size // self.step) * self.step

    @cached_property
    def buckets(self) -> tuple[Size, ...]:
        """Every bucket there can be, sorted; empty without upscaling, as buckets are made on demand then."""
        if self.no_upscale:
            return ()
        square = int(math.sqrt(self.area) // self.step) * self.step
        found = {(square, square)}
        for width in range(self.shortest, self.longest + 1, self.step):
            height = min(self.longest, self.area // width // self.step * self.step)
            if height >= self.shortest:
                found |= {(width, height), (height, width)}
        return tuple(sorted(found))

    @cached_property
    def _ratios(self) -> np.ndarray:
        return np.array([width / height for width, height in self.buckets], dtype=np.float64)

    def assign(self, size: Size) -> Bucket:
        """Find the bucket of an image.

        Parameters
        ----------
        size
            Width and height of the image as written in its header, pixels.

        Returns
        -------
        Bucket
            Its crop lies inside the scaled image and has the size of the bucket.

        Raises
        ------
        ArgumentError
            For a size that is not positive.
        """
        if min(size) < 1:
            raise ArgumentError(f"an image of {_text(size)} px has no bucket")
        bucket, resized = self._kept(size) if self.no_upscale else self._listed(size)
        left, top = ((new - side) // 2 for new, side in zip(resized, bucket, strict=True))
        return Bucket(
            bucket=bucket,
            resized=resized,
            crop=(left, top, left + bucket[0], top + bucket[1]),
            upscaled=resized[0] > size[0] or resized[1] > size[1],
        )

    def _listed(self, size: Size) -> tuple[Size, Size]:
        """Scale to cover the bucket of the nearest ratio, up or down."""
        width, height = size
        ratio = width / height
        nearest = int(np.abs(self._ratios - ratio).argmin())  # the first, on a tie
        bucket = size if size in self.buckets else self.buckets[nearest]
        wider = ratio > bucket[0] / bucket[1]
        scale = bucket[1] / height if wider else bucket[0] / width
        return bucket, (_rounded(width * scale), _rounded(height * scale))

    def _kept(self, size: Size) -> tuple[Size, Size]:
        """Scale down to the area where needed, then cut to multiples of the step."""
        resized = size
        if size[0] * size[1] > self.area:
            resized = self._shrunk(size[0] / size[1])
        return self._floored(resized), resized

    def _shrunk(self, ratio: float) -> Size:
        width = math.sqrt(self.area * ratio)
        height = self.area / width
        by_width = self._stepped(width)
        by_height = self._stepped(height)
        across = self._stepped(by_width / ratio)
        along = self._stepped(by_height * ratio)
        if by_width == 0 or by_height == 0 or across == 0:
            # The trainer divides by zero here. The image is unusable either way; say so by a side of 0.
            return max(1, _rounded(width)), max(1, _rounded(height))
        if abs(by_width / across - ratio) < abs(along / by_height - ratio):
            return by_width, _rounded(by_width / ratio)
        return _rounded(by_height * ratio), by_height

    def _stepped(self, length: float) -> int:
        rounded = _rounded(length)
        return rounded - rounded % self.step

    def _floored(self, size: Size) -> Size:
        return size[0] - size[0] % self.step, size[1] - size[1] % self.step


@lru_cache(maxsize=64)
def _rules(resolution: Size, min_size: int, max_size: int, step: int, *, no_upscale: bool) -> BucketRules:
    return BucketRules(resolution, min_size, max_size, step, no_upscale)


def assign_bucket(
    size: Size,
    resolution: Size | int = 1024,
    *,
    min_size: int = 256,
    max_size: int = 2048,
    step: int = 64,
    no_upscale: bool = False,
) -> Bucket:
    """Find the bucket of one image; `BucketRules` says what the parameters mean."""
    base = (resolution, resolution) if isinstance(resolution, int) else resolution
    return _rules(base, min_size, max_size, step, no_upscale=no_upscale).assign(size)


def _rounded(length: float) -> int:
    return math.floor(length + 0.5)


def _text(size: Size) -> str:
    return f"{size[0]}x{size[1]}"

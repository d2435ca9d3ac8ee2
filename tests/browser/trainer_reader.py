"""Reads an export as kohya's sd-scripts does, with the packages it uses and nothing of lorairo.

The arithmetic is that of sd-scripts with ``bucket_no_upscale = false``: a fixed list of buckets, the nearest
by plain difference of aspect ratios.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import imagesize
import toml

if TYPE_CHECKING:
    from pathlib import Path

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".bmp"}


@dataclass(frozen=True)
class TrainingImage:
    """One picture as the trainer has it."""

    path: Path
    size: tuple[int, int]
    caption: str
    bucket: tuple[int, int]
    repeats: int


def buckets(resolution: tuple[int, int], smallest: int, largest: int, step: int) -> list[tuple[int, int]]:
    """List the buckets of a resolution, narrow ones first."""
    area = resolution[0] * resolution[1]
    smallest, largest = smallest // step * step, math.ceil(largest / step) * step
    square = int(math.sqrt(area) // step) * step
    found = {(square, square)}
    for width in range(smallest, largest + 1, step):
        height = min(largest, area // width // step * step)
        if height >= smallest:
            found |= {(width, height), (height, width)}
    return sorted(found)


def bucket_of(size: tuple[int, int], choices: list[tuple[int, int]]) -> tuple[int, int]:
    """Choose the bucket of a picture."""
    if size in choices:
        return size
    ratio = size[0] / size[1]
    return min(choices, key=lambda bucket: abs(bucket[0] / bucket[1] - ratio))


def read_caption(picture: Path, extension: str, class_tokens: str) -> str:
    """Take the first line of the caption beside a picture, or the class tokens."""
    file = picture.with_suffix(extension)
    if not file.exists():
        return class_tokens
    lines = file.read_bytes().decode("utf-8").splitlines()
    return lines[0].strip()


def read_dataset(config: Path) -> list[TrainingImage]:
    """Read everything a dataset configuration names; relative folders count from the configuration's own."""
    settings = toml.load(config)
    found: list[TrainingImage] = []
    for dataset in settings["datasets"]:
        options = {**settings.get("general", {}), **dataset}
        resolution = options["resolution"]
        pair = (resolution, resolution) if isinstance(resolution, int) else (resolution[0], resolution[1])
        assert options["enable_bucket"]
        assert not options.get("bucket_no_upscale", False)
        choices = buckets(
            pair,
            options.get("min_bucket_reso", 256),
            options.get("max_bucket_reso", 1024),
            options.get("bucket_reso_steps", 64),
        )
        for subset in dataset["subsets"]:
            merged = {**options, **subset}
            folder = config.parent / subset["image_dir"]
            pictures = sorted(path for path in folder.iterdir() if path.suffix in PICTURES)
            for path in pictures:
                size = imagesize.get(str(path))
                caption = read_caption(
                    path, merged.get("caption_extension", ".caption"), merged.get("class_tokens", "")
                )
                bucket = bucket_of(size, choices)
                found.append(TrainingImage(path, size, caption, bucket, merged.get("num_repeats", 1)))
    return found

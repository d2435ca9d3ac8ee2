"""From a picture to the tensor a model was trained on. A wrong step here gives plausible nonsense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from lorairo.images import flatten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from lorairo.inference.specs import Preprocess

    Size = tuple[int, int]

_RESAMPLE = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def to_size(image: Image.Image, rules: Preprocess, size: Size) -> NDArray[np.uint8]:
    """Bring a picture to the size of the model's input.

    Parameters
    ----------
    image
        Upright and sRGB, any mode; what is transparent becomes the padding colour.
    rules
        Of the model.
    size
        Width and height of the input, pixels.

    Returns
    -------
    numpy.ndarray
        uint8[height, width, 3], red first.
    """
    flat = flatten(image, rules.pad_color)
    resample = _RESAMPLE[rules.resample]
    if rules.fit == "letterbox":
        inside = _resized(flat, _inside(flat.size, size, int), resample)
        return np.asarray(_centred(inside, size, rules.pad_color))
    if rules.fit == "edge":
        return _continued(np.asarray(_resized(flat, _inside(flat.size, size, round), resample)), size)
    if rules.fit == "pad":
        flat = _centred(flat, _proportioned(flat.size, size, max), rules.pad_color)
    elif rules.fit == "crop":
        width, height = _proportioned(flat.size, size, min)
        left, top = (flat.width - width) // 2, (flat.height - height) // 2
        flat = flat.crop((left, top, left + width, top + height))
    return np.asarray(_resized(flat, size, resample))


def _resized(picture: Image.Image, size: Size, resample: Image.Resampling) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, resample)


def _proportioned(of: Size, like: Size, choose: Callable[[int, int], int]) -> Size:
    """Return a size with the proportions of `like`: around `of` with max, inside it with min."""
    return choose(of[0], round(of[1] * like[0] / like[1])), choose(of[1], round(of[0] * like[1] / like[0]))


def _inside(of: Size, into: Size, whole: Callable[[float], int]) -> Size:
    """Return the largest size with the proportions of `of` inside `into`."""
    if of[0] * into[1] >= of[1] * into[0]:
        return into[0], max(1, whole(into[0] * of[1] / of[0]))
    return max(1, whole(into[1] * of[0] / of[1])), into[1]


def _centred(picture: Image.Image, size: Size, colour: tuple[int, int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    canvas = Image.new("RGB", size, colour)
    canvas.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return canvas


def _continued(pixels: NDArray[np.uint8], size: Size) -> NDArray[np.uint8]:
    """Centre pixels and repeat those at the edges outwards."""
    spare = (size[1] - pixels.shape[0], size[0] - pixels.shape[1])
    around = [(missing // 2, missing - missing // 2) for missing in spare]
    return np.pad(pixels, [*around, (0, 0)], mode="edge")


def to_tensor(
    pictures: Sequence[NDArray[np.uint8]], rules: Preprocess, *, out: int | None = None
) -> NDArray[np.float32]:
    """Stack pictures into one input tensor.

    Parameters
    ----------
    pictures
        From `to_size`, all of one size.
    rules
        Of the model.
    out
        Length of the batch axis; the rest is zeros. By default as many as there are pictures.

    Returns
    -------
    numpy.ndarray
        float32, ``NHWC`` or ``NCHW``.
    """
    height, width = pictures[0].shape[:2]
    count = len(pictures) if out is None else out
    shape = (count, 3, height, width) if rules.layout == "NCHW" else (count, height, width, 3)
    tensor = np.zeros(shape, dtype=np.float32)
    for place, picture in zip(tensor, pictures, strict=False):
        pixels = picture[..., ::-1] if rules.channels == "BGR" else picture
        place[...] = pixels.transpose(2, 0, 1) if rules.layout == "NCHW" else pixels
    factor = 1.0 if rules.scale == "0-255" else 1 / 255
    mean, std = np.array(rules.mean, np.float32), np.array(rules.std, np.float32)
    if factor != 1.0 or mean.any() or (std != 1).any():
        if rules.channels == "BGR":
            mean, std = mean[::-1], std[::-1]
        if rules.layout == "NCHW":
            mean, std = mean[:, None, None], std[:, None, None]
        tensor *= np.float32(factor) / std
        tensor -= mean / std
    return tensor

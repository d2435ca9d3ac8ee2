"""From a picture to the tensor a model was trained on. A wrong step here gives plausible nonsense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from lorairo.images import flatten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lorairo.inference.specs import Preprocess

_RESAMPLE = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def to_square(image: Image.Image, rules: Preprocess, side: int) -> NDArray[np.uint8]:
    """Bring a picture to the size of the model's input.

    Parameters
    ----------
    image
        Upright and sRGB, any mode; what is transparent becomes the padding colour.
    rules
        Of the model.
    side
        Side of the input, pixels.

    Returns
    -------
    numpy.ndarray
        uint8[side, side, 3], red first.
    """
    flat = flatten(image, rules.pad_color)
    resample = _RESAMPLE[rules.resample]
    if rules.fit == "pad":
        longest = max(flat.size)
        if flat.width != flat.height:
            square = Image.new("RGB", (longest, longest), rules.pad_color)
            square.paste(flat, ((longest - flat.width) // 2, (longest - flat.height) // 2))
            flat = square
    elif rules.fit == "crop":
        shortest = min(flat.size)
        left, top = (flat.width - shortest) // 2, (flat.height - shortest) // 2
        flat = flat.crop((left, top, left + shortest, top + shortest))
    if flat.size != (side, side):
        flat = flat.resize((side, side), resample)
    return np.asarray(flat)


def to_tensor(
    squares: Sequence[NDArray[np.uint8]], rules: Preprocess, *, out: int | None = None
) -> NDArray[np.float32]:
    """Stack pictures into one input tensor.

    Parameters
    ----------
    squares
        From `to_square`.
    rules
        Of the model.
    out
        Length of the batch axis; the rest is zeros. By default as many as there are pictures.

    Returns
    -------
    numpy.ndarray
        float32, ``NHWC`` or ``NCHW``.
    """
    side = squares[0].shape[0]
    count = len(squares) if out is None else out
    shape = (count, 3, side, side) if rules.layout == "NCHW" else (count, side, side, 3)
    tensor = np.zeros(shape, dtype=np.float32)
    for place, square in zip(tensor, squares, strict=False):
        pixels = square[..., ::-1] if rules.channels == "BGR" else square
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

"""Quick quality figures, all from one small picture, so that resolution does not bias them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

QUALITY_SIDE: Final = 256
"""Long side, in pixels, at which the figures are taken."""

QUALITY_VERSION: Final = "1"
"""Changes whenever a figure would come out otherwise for the same picture."""

QUALITY_NAMES: Final = (
    "sharpness",
    "brightness",
    "contrast",
    "saturation",
    "entropy",
    "dark_clipping",
    "bright_clipping",
    "colourfulness",
)
"""Names of the figures, in the order `measure` returns them."""

QUALITY_BETTER: Final[dict[str, bool | None]] = {
    "sharpness": True,
    "brightness": None,
    "contrast": True,
    "saturation": None,
    "entropy": True,
    "dark_clipping": False,
    "bright_clipping": False,
    "colourfulness": None,
}
"""Whether higher is better; None where neither end is."""

_SHARPNESS_HALF: Final = 150.0
_CLIPPED_DARK: Final = 4
_CLIPPED_BRIGHT: Final = 251
_EXTREMELY_COLOURFUL: Final = 109.0


def measure(rgb: Image.Image, gray: Image.Image) -> tuple[float, ...]:
    """Measure a picture of `QUALITY_SIDE` pixels.

    Parameters
    ----------
    rgb
        Mode ``RGB``, sRGB, transparency flattened.
    gray
        The same in mode ``L``.

    Returns
    -------
    tuple of float
        In the order of `QUALITY_NAMES`, higher = more of it:

        - sharpness, 0..1: ``v / (v + 150)`` with v the variance of the 4-neighbour Laplacian of the luma
          (0..255); 0.5 at v = 150. Blurred pictures lie below 0.2, sharp photographs mostly above 0.5.
        - brightness, 0..1: mean luma.
        - contrast, 0..1: standard deviation of the luma over 127.5, its largest possible value.
        - saturation, 0..1: mean of (max - min) / max over the channels (the S of HSV).
        - entropy, 0..1: Shannon entropy of the 256 luma values over 8 bits.
        - dark_clipping, bright_clipping, 0..1: share of pixels with luma <= 4 or >= 251.
        - colourfulness: metric M of Hasler and Süsstrunk (2003), over 109, their "extremely colourful".
    """
    luma = np.asarray(gray)
    counts = np.bincount(luma.ravel(), minlength=256)
    share = counts / luma.size
    levels = np.arange(256)
    mean = float(share @ levels)
    variance = float(share @ (levels - mean) ** 2)
    present = share[share > 0]
    entropy = float(-(present * np.log2(present)).sum())
    colour = np.asarray(rgb)
    return (
        _sharpness(luma),
        mean / 255,
        variance**0.5 / 127.5,
        _saturation(colour),
        abs(entropy) / 8,
        float(share[: _CLIPPED_DARK + 1].sum()),
        float(share[_CLIPPED_BRIGHT:].sum()),
        _colourfulness(colour),
    )


def _sharpness(luma: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> float:
    if min(luma.shape) < 3:  # noqa: PLR2004 - a Laplacian needs a neighbour on each side
        return 0.0
    wide = luma.astype(np.int16)
    middle = wide[1:-1, 1:-1]
    laplacian = wide[:-2, 1:-1] + wide[2:, 1:-1] + wide[1:-1, :-2] + wide[1:-1, 2:] - 4 * middle
    variance = float(laplacian.astype(np.float32).var())
    return variance / (variance + _SHARPNESS_HALF)


def _saturation(colour: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]) -> float:
    high = np.maximum(np.maximum(colour[..., 0], colour[..., 1]), colour[..., 2])
    low = np.minimum(np.minimum(colour[..., 0], colour[..., 1]), colour[..., 2])
    return float(np.mean((high - low).astype(np.float32) / np.maximum(high, 1)))


def _colourfulness(colour: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]) -> float:
    red, green, blue = (colour[..., channel].astype(np.int16) for channel in range(3))
    red_green = (red - green).astype(np.float32)
    yellow_blue = (red + green - 2 * blue).astype(np.float32) / 2
    spread = float(np.hypot(red_green.std(), yellow_blue.std()))
    offset = float(np.hypot(red_green.mean(), yellow_blue.mean()))
    return (spread + 0.3 * offset) / _EXTREMELY_COLOURFUL

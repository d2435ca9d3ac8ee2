"""Making pictures larger, or better at their size, with networks that spandrel knows."""

from lorairo.upscaling.upscaler import Upscaler, upscale

__all__ = ["Upscaler", "upscale"]

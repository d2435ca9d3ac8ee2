"""Pure functions on the bytes of pictures; nothing here knows of projects."""

from lorairo.images.colour import flatten
from lorairo.images.facts import Facts, encode_preview, open_upright, pixel_digest, read_facts
from lorairo.images.limits import Limits, Rejected
from lorairo.images.quality import QUALITY_NAMES, QUALITY_VERSION
from lorairo.images.signature import PICTURE_SUFFIXES, SIGNATURE_BYTES, recognise

__all__ = [
    "PICTURE_SUFFIXES",
    "QUALITY_NAMES",
    "QUALITY_VERSION",
    "SIGNATURE_BYTES",
    "Facts",
    "Limits",
    "Rejected",
    "encode_preview",
    "flatten",
    "open_upright",
    "pixel_digest",
    "read_facts",
    "recognise",
]

"""Captions of many images at once: find and replace, templates; each a preview before anything changes."""

from lorairo.captioning.preview import CaptionPreview
from lorairo.captioning.verbs import Captioning

__all__ = ["CaptionPreview", "Captioning"]

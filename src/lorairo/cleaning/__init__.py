"""Cleaning tags: rules over many images, shown before anything changes, applied as one step of undo."""

from lorairo.cleaning.clean import clean_tags
from lorairo.cleaning.preview import TagPreview
from lorairo.cleaning.verbs import Cleaning

__all__ = ["Cleaning", "TagPreview", "clean_tags"]

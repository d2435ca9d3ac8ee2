"""What a set of images is made of, and what it lacks: figures, as text and as a page without scripts."""

from lorairo.reporting.report import Report

__all__ = ["Report"]

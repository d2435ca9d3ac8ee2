"""A demo out of nothing: pictures drawn on the spot, and a small tagger that names what it sees in them."""

from __future__ import annotations

from lorairo.demo.make import DemoPaths, make_demo, prepare

__all__ = ["DemoPaths", "make_demo", "prepare"]

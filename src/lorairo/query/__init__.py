"""The search language, the index it is evaluated on, and the snapshots that views hand out."""

from lorairo.query import narrowing
from lorairo.query.complete import Completion, TagOption, complete, complete_tag
from lorairo.query.evaluate import evaluate
from lorairo.query.fields import FIELDS
from lorairo.query.index import Index
from lorairo.query.order import order_positions, sample_positions
from lorairo.query.parse import parse
from lorairo.query.relax import Relaxation, relaxations
from lorairo.query.snapshot import Snapshot
from lorairo.query.tree import Node, conjunction, hides_excluded, orders, walk
from lorairo.query.unparse import unparse

__all__ = [
    "FIELDS",
    "Completion",
    "Index",
    "Node",
    "Relaxation",
    "Snapshot",
    "TagOption",
    "complete",
    "complete_tag",
    "conjunction",
    "evaluate",
    "hides_excluded",
    "narrowing",
    "order_positions",
    "orders",
    "parse",
    "relaxations",
    "sample_positions",
    "unparse",
    "walk",
]

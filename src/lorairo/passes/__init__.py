"""Passes over many images: one question each, and what the answers say about a model."""

from lorairo.passes.judging import Suggestion, suggest, wilson
from lorairo.passes.questions import ORDERS, Questions
from lorairo.passes.report import PassReport

__all__ = ["ORDERS", "PassReport", "Questions", "Suggestion", "suggest", "wilson"]

"""Prompts compared: k of them by m models on a few images, blind, and the best one run over all."""

from lorairo.laboratory.verbs import Trying

__all__ = ["Trying"]

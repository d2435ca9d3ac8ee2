"""Exporters write what a trainer reads: plug-ins of group ``lorairo.exporters``, loaded when asked for."""

from lorairo.exporters.registry import Exporter, exporters, find

__all__ = ["Exporter", "exporters", "find"]

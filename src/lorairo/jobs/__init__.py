"""Background work: one `parallel` over joblib, and jobs with progress, cancel and resume."""

from __future__ import annotations

from lorairo.jobs.fanout import parallel

__all__ = ["parallel"]

"""Background work: one `parallel` over joblib, and jobs with progress, cancel and resume."""

from __future__ import annotations

from lorairo.jobs.fanout import parallel
from lorairo.jobs.job import Job, end_all, live
from lorairo.jobs.progress import Failure, Progress, Step
from lorairo.jobs.rows import mark_interrupted

__all__ = ["Failure", "Job", "Progress", "Step", "end_all", "live", "mark_interrupted", "parallel"]

"""``lr.models()``: what can annotate here, and what is missing where it cannot."""

from __future__ import annotations

from dataclasses import asdict

import pandas as pd

from lorairo.inference import registry
from lorairo.keywords import checked


@checked
def models() -> pd.DataFrame:
    """List annotators; listing imports none of them.

    Returns
    -------
    DataFrame
        id, kind, provider, available, why not, remedy, size, price, licence.
    """
    return pd.DataFrame([asdict(row) for row in registry.models()]).set_index("id")

"""``lr.models()``: what can annotate here, and what is missing where it cannot."""

from __future__ import annotations

from dataclasses import asdict, fields

import pandas as pd

from lorairo.inference import registry
from lorairo.keywords import checked

_COLUMNS = [field.name for field in fields(registry.ModelRow)]


@checked
def models(provider: str | None = None) -> pd.DataFrame:
    """List annotators; listing imports none of them.

    Parameters
    ----------
    provider
        A server that speaks like OpenAI, such as ``ollama``: it is asked which models it has.

    Returns
    -------
    DataFrame
        id, kind, provider, available, why not, remedy, size, price, licence.

    Raises
    ------
    Error
        When the server is not known, or does not answer.
    """
    rows = registry.models() if provider is None else registry.models_of(provider)
    return pd.DataFrame([asdict(row) for row in rows], columns=_COLUMNS).set_index("id")

"""``lr.prompts()`` and ``lr.save_prompt()``: what services are asked with, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from lorairo.keywords import checked
from lorairo.services import prompts as known
from lorairo.services import saving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.services.saving import SavedPrompt


@checked
def prompts() -> pd.DataFrame:
    """List the prompts that services can be asked with; a user's own override ours by name.

    Returns
    -------
    DataFrame
        version, target (the base models it is tuned for), writes, own, text; by name.
    """
    own = set(known.own_prompts())
    rows = [
        (one.name, one.version, ", ".join(one.targets), one.writes, one.name in own, one.text.strip())
        for one in known.prompts().values()
    ]
    return pd.DataFrame(rows, columns=["name", "version", "target", "writes", "own", "text"]).set_index(
        "name"
    )


@checked
def save_prompt(
    name: str,
    text: str | None = None,
    *,
    system: str | None = None,
    targets: Sequence[str] | str | None = None,
    captions: Sequence[str] | str | None = None,
    tags: bool | None = None,
    rating: bool | None = None,
    score: str | None = None,
    document: bool | None = None,
    version: str | None = None,
) -> SavedPrompt:
    """Change a prompt, or add one, in ``prompts.toml`` beside the user's ``config.toml``.

    What is left out stays as it is. The version rises by itself when something changes: what was asked with
    the text before stays known by what is stored with its answers.

    Parameters
    ----------
    text, system
        What the model is told of the picture, and before it; each line is a `lorairo.Template`, and one
        whose pieces are all empty is left out.
    targets
        Base models whose captions it is tuned for; it is found by them, too.
    captions
        Variants it writes; ``[]`` for none.
    tags, rating
        Whether it names tags, and a rating.
    score
        What the number it gives is called; an empty text for none.
    document
        Whether its one caption is a JSON object.
    version
        Instead of the one after the last.

    Raises
    ------
    ConfigError
        When a value does not fit, a line has a mistake, or the file cannot be written.
    """
    told: dict[str, Any] = {
        "text": text,
        "system": system,
        "targets": [targets] if isinstance(targets, str) else targets,
        "captions": [captions] if isinstance(captions, str) else captions,
        "tags": tags,
        "rating": rating,
        "score": score,
        "document": document,
        "version": version,
    }
    return saving.save(name, {key: value for key, value in told.items() if value is not None})

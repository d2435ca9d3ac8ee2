"""Measure the estimate of token counts against real tokenizers.

    python scripts/token_estimate.py captions/ clip=clip/tokenizer.json t5=t5/tokenizer.json

The folder holds captions as ``.txt``. The figures in docs/captions.md were made so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast, get_args

import numpy as np

from lorairo.captions import TokenCounter
from lorairo.captions.estimate import estimate
from lorairo.captions.profiles import Family


def measured(family: Family, tokenizer: Path, captions: list[str]) -> str:
    """Return one row of the table."""
    real = np.array(TokenCounter(tokenizer).count_many(captions))
    off = np.array([estimate(text, family) for text in captions]) / real - 1
    median, most = np.percentile(abs(off), [50, 95])
    return (
        f"{family:8} {len(captions):6,} captions {real.mean():6.0f} tokens  median {median:5.1%}  "
        f"95th {most:5.1%}  bias {off.mean():+5.1%}"
    )


def main(folder: str, *pairs: str) -> None:
    """Print the table."""
    texts = [file.read_text(encoding="utf-8").strip() for file in sorted(Path(folder).rglob("*.txt"))]
    for pair in pairs:
        name, _, tokenizer = pair.partition("=")
        if name not in get_args(Family):
            raise SystemExit(f"there is no family {name!r}: name one of {', '.join(get_args(Family))}")
        print(measured(cast("Family", name), Path(tokenizer), [text for text in texts if text]))


if __name__ == "__main__":
    main(*sys.argv[1:])

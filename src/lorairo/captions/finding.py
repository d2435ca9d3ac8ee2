"""Where an encoder's tokenizer is: what the settings name, or the Hugging Face cache. Nothing is fetched."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from lorairo.captions.profiles import Family

FILE = "tokenizer.json"

HUB: dict[Family, tuple[tuple[str, str], ...]] = {
    "clip": (("openai/clip-vit-large-patch14", FILE),),
    "t5": (
        ("google/flan-t5-xxl", FILE),
        ("google-t5/t5-base", FILE),
        ("black-forest-labs/FLUX.1-dev", f"tokenizer_2/{FILE}"),
        ("black-forest-labs/FLUX.1-schnell", f"tokenizer_2/{FILE}"),
        ("stabilityai/stable-diffusion-3-medium-diffusers", f"tokenizer_3/{FILE}"),
    ),
    "umt5": (("google/umt5-xxl", FILE),),
    "qwen": (
        ("Qwen/Qwen2.5-VL-7B-Instruct", FILE),
        ("Qwen/Qwen3-4B", FILE),
        ("Tongyi-MAI/Z-Image-Turbo", f"tokenizer/{FILE}"),
    ),
    "mistral": (("black-forest-labs/FLUX.2-dev", f"tokenizer/{FILE}"),),
    "gemma": (("google/gemma-2-2b", FILE), ("Alpha-VLLM/Lumina-Image-2.0", f"tokenizer/{FILE}")),
}
"""Repository and file where each family's tokenizer lies on the hub; whichever is in the cache serves."""

_QWEN = range(151_000, 153_000)  # sizes of vocabularies, with what each release adds
_MISTRAL = range(130_000, 133_000)
_LARGE = 200_000  # the multilingual ones


def tokenizer_of(family: Family, setting: Path | None) -> Path | None:
    """Return the tokenizer file of a family, or None where there is none here.

    Parameters
    ----------
    family
        Of the encoder.
    setting
        What ``tokenizer`` is set to: a ``tokenizer.json``, the folder that holds one, or a folder of such
        folders called ``clip``, ``t5``, ``qwen``... A file of another family is passed over; one that cannot
        be told is taken at its word.

    Raises
    ------
    ConfigError
        When the setting names nothing, or a file that cannot be read.
    """
    if setting is not None:
        own = _set(family, setting.expanduser())
        if own is not None:
            return own
    return _cached(family)


def _set(family: Family, place: Path) -> Path | None:
    if not place.exists():
        raise ConfigError(
            f"there is no tokenizer at {place}: set tokenizer to a tokenizer.json, to the folder that holds "
            "it, or to None"
        )
    file = place / FILE if place.is_dir() else place
    if file.is_file():
        return file if family_of(file) in {family, None} else None
    below = place / family / FILE
    return below if below.is_file() else None


def family_of(file: Path) -> Family | None:
    """Tell whose tokenizer a file is by the kind and size of its vocabulary; None where it cannot be told."""
    return _family(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _family(file: Path, _written: int) -> Family | None:
    try:
        model: Any = json.loads(file.read_text(encoding="utf-8")).get("model", {})
    except (OSError, ValueError, AttributeError) as error:
        raise ConfigError(f"{file} is no tokenizer: {error}") from error
    kind, size = model.get("type"), len(model.get("vocab") or ())
    if kind == "Unigram":
        return "umt5" if size > _LARGE else "t5"
    if kind != "BPE":
        return None
    if model.get("end_of_word_suffix") == "</w>":
        return "clip"
    if size > _LARGE:
        return "gemma"
    return "qwen" if size in _QWEN else "mistral" if size in _MISTRAL else None


def _cached(family: Family) -> Path | None:
    if find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 - optional, and slow to import

    for repository, file in HUB[family]:
        found = try_to_load_from_cache(repository, file)
        if isinstance(found, str):
            return Path(found)
    return None

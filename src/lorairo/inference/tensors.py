"""Tensors of a file, read without running anything that it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.errors import MissingExtra, ModelError
from lorairo.inference.hub import LOOSE, SAFE
from lorairo.inference.torch_runtime import EXTRA, import_torch

if TYPE_CHECKING:
    from pathlib import Path


def read_tensors(name: str, file: Path, extra: str = EXTRA) -> dict[str, Any]:
    """Read the tensors of a network, on the processor.

    Parameters
    ----------
    name
        Of the model, for the error.
    file
        ``.safetensors``, or Python objects of which only tensors and plain containers are accepted.
    extra
        The extra of lorairo that the model belongs to.

    Returns
    -------
    dict
        What the file holds, by name.

    Raises
    ------
    ModelError
        When the file is damaged, of another kind, or brings code.
    MissingExtra
        When torch or safetensors is not installed.
    """
    if file.suffix not in (SAFE, *LOOSE):
        raise ModelError(f"{name}: {file} is no file of weights: they end in {SAFE} or {', '.join(LOOSE)}")
    torch = import_torch(extra)
    try:
        if file.suffix == SAFE:
            from safetensors.torch import load_file  # noqa: PLC0415 - optional, and imports torch

            return dict(load_file(file))
        held = torch.load(file, map_location="cpu", weights_only=True)
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "safetensors", extra=extra) from error
    except Exception as error:  # each way to be damaged has an error of its own
        raise ModelError(
            f"{name}: {file} cannot be read as weights: {error}. Remove it to have it fetched again, "
            f"or take one that ends in {SAFE}"
        ) from error
    if not isinstance(held, dict):
        raise ModelError(f"{name}: {file} holds {type(held).__name__} where tensors by name are expected")
    return held

"""Batches that fit: halved, for good, when the memory of a device does not hold them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lorairo.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# onnxruntime has no exception of its own for it, only words; torch has one, with these words.
_NO_MEMORY = ("failed to allocate", "out of memory", "bad allocation", "bad_alloc", "available memory of")

A = TypeVar("A")


class Batched(Protocol):
    """A model whose batch may shrink.

    Attributes
    ----------
    batch
        Pictures per run.
    fixed_batch
        Set where the network accepts no other number.
    """

    batch: int
    fixed_batch: int | None


def in_batches(
    model: Batched, name: str, pictures: Sequence[Any], run: Callable[[Sequence[Any]], A]
) -> list[A]:
    """Run over pictures, as many at a time as fit.

    Parameters
    ----------
    model
        Its `batch` is halved where one does not fit into memory.
    name
        Of the model, for the error.
    pictures
        Prepared ones.
    run
        Answers about one batch.

    Returns
    -------
    list
        Answers, one per batch, in order.

    Raises
    ------
    ModelError
        When not even one picture fits.
    """
    answers: list[A] = []
    start = 0
    while start < len(pictures):
        # A fixed batch is the network's own, whatever somebody asked for.
        part = pictures[start : start + (model.fixed_batch or model.batch)]
        try:
            answers.append(run(part))
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            _give_back()
            if len(part) == 1 or model.fixed_batch:
                raise ModelError(
                    f"{name} does not fit into memory: close other programs on the device, "
                    "or take a smaller model"
                ) from error
            model.batch = max(1, len(part) // 2)
        else:
            start += len(part)
    return answers


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of a run means that the batch was too large."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY)


def _give_back() -> None:
    """Return what torch keeps of a device's memory for later; nothing where torch is not in use."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()

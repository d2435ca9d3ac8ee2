"""Memory of models: what one needs, what is there, and batches that are halved where they do not fit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import psutil

from lorairo.config.quota import memory_mb
from lorairo.errors import ModelError
from lorairo.inference.weights import size_here

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.inference.specs import ModelSpec

# onnxruntime has no exception of its own for it, only words; torch has one, with these words.
_NO_MEMORY = (
    "failed to allocate",
    "out of memory",
    "bad allocation",
    "bad_alloc",
    "available memory of",
    "can't allocate memory",
)

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
            if len(part) == 1 or model.fixed_batch:
                raise ModelError(
                    f"{name} does not fit into memory: close other programs on the device, "
                    "or take a smaller model"
                ) from error
            model.batch = max(1, len(part) // 2)
        else:
            start += len(part)
            continue
        give_back()  # only now: while there is the exception, it holds all that the run had made
    return answers


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception of a run means that the batch was too large."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY)


def give_back() -> None:
    """Return what torch keeps of a device's memory for later; nothing where torch is not in use."""
    torch = _cuda()
    if torch is not None:
        torch.cuda.empty_cache()


def memory_needed(spec: ModelSpec) -> int | None:
    """Return the bytes a model takes at the least, those of its weights; None where nobody knows.

    Files that are here are measured, so that a row may err.
    """
    if (here := size_here(spec)) is not None:
        return here
    return None if spec.megabytes is None else int(spec.megabytes * 1e6)


def memory_there() -> int:
    """Return the bytes a model may take on this machine: of its memory, or of its GPU where that is more.

    What does not fit on a GPU may still run on the processor. Nothing is imported to ask a GPU.
    """
    own = memory_mb() * 2**20
    torch = _cuda()
    return own if torch is None else max(own, int(torch.cuda.mem_get_info()[1]))


def memory_free() -> int:
    """Return the bytes that another model may take now."""
    own = min(memory_mb() * 2**20, int(psutil.virtual_memory().available))
    torch = _cuda()
    return own if torch is None else min(own, int(torch.cuda.mem_get_info()[0]))


def _cuda() -> Any:
    """Return torch where it is loaded and has a GPU of NVIDIA or AMD, else None."""
    torch = sys.modules.get("torch")
    return torch if torch is not None and torch.cuda.is_available() else None

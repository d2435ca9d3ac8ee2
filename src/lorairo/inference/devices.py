"""What is said when the device that a network runs on has failed, whichever library ran it."""

from __future__ import annotations

from lorairo.errors import ModelError


def failed(name: str, device: str, error: Exception) -> ModelError:
    """Return the error for a device that failed under a model.

    Parameters
    ----------
    name
        Of the model.
    device
        As its library calls it.
    error
        What the library raised.
    """
    return ModelError(
        f"{name}: {device} failed and cannot be used again in this kernel: {first_line(error)} "
        "Restart the kernel; when it fails again, check the driver, "
        'or go on without a GPU: lr.config.set("models.device", "cpu")'
    )


def first_line(error: Exception) -> str:
    """Return the first line of what a library says; what follows is advice to its own developers."""
    line = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
    return f"{line}."

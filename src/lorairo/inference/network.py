"""A network in ONNX Runtime: what it takes and gives, as it says itself, and running pictures through it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.images import Limits, open_upright
from lorairo.inference.devices import failed
from lorairo.inference.memory import ran_out_of_memory
from lorairo.inference.preprocess import to_size, to_tensor
from lorairo.inference.session import open_session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from lorairo.inference.specs import ModelSpec

_BATCH_CPU, _BATCH_GPU = 4, 16
_AXES = 4
# onnxruntime has no exception of its own for a device that failed, only words.
_DEAD = ("cuda failure", "cudnn failure", "cublas failure", "hip failure", "device removed", "dxgi_error")
_FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class Network:
    """One ``.onnx`` file that takes pictures.

    Parameters
    ----------
    spec
        Its row: how a picture becomes the input.
    file
        The file.
    providers
        Execution providers of onnxruntime, best first; by default a GPU where there is one.
    limits
        Largest picture that is decoded.

    Attributes
    ----------
    size
        Width and height of the input in pixels, read from the network where it is fixed there.
    fixed_batch
        Set where the network accepts no other number of pictures.
    batch
        Pictures per run that suit the device.
    outputs
        Names and shapes of what it gives, in its own order.
    notice
        What the user should know about where it runs; None when all is as asked.

    Raises
    ------
    ModelError
        When the file cannot be loaded, or takes something other than the pictures its row describes.
    """

    def __init__(
        self,
        spec: ModelSpec,
        file: Path,
        providers: Sequence[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._name = spec.name
        self._rules = spec.preprocess
        self._limits = limits
        self._session: Any
        self.notice: str | None
        self._session, self.notice = open_session(file, providers)
        self._turn = threading.Lock()  # one run at a time: two would share the memory and gain nothing
        self._read_input(self._session.get_inputs())
        self.outputs: dict[str, Sequence[Any]] = {
            entry.name: list(entry.shape) for entry in self._session.get_outputs()
        }
        on_gpu = self._session.get_providers()[0] != "CPUExecutionProvider"
        self.batch: int = self.fixed_batch or (_BATCH_GPU if on_gpu else _BATCH_CPU)

    def _read_input(self, inputs: Sequence[Any]) -> None:
        shape = list(inputs[0].shape)
        if len(inputs) != 1 or len(shape) != _AXES or inputs[0].type not in _FLOATS:
            raise ModelError(
                f"{self._name} takes {_said(inputs)}: a network for pictures takes one input of floats "
                "with four axes"
            )
        self._input = inputs[0].name
        self._kind = _FLOATS[inputs[0].type]
        channels, height, width = (1, 2, 3) if self._rules.layout == "NCHW" else (3, 1, 2)
        if shape[channels] not in (3, None) and not isinstance(shape[channels], str):
            other = "NCHW" if self._rules.layout == "NHWC" else "NHWC"
            raise ModelError(
                f"{self._name} takes {shape}, which is not {self._rules.layout}: "
                f'set layout = "{other}" in its row'
            )
        side = self._rules.size
        self.size: tuple[int, int] = (_fixed(shape[width]) or side, _fixed(shape[height]) or side)
        self.fixed_batch: int | None = _fixed(shape[0])

    def prepare(self, image: Image.Image | bytes) -> NDArray[np.uint8]:
        """Decode a picture and bring it to the network's size; safe in any thread.

        Raises
        ------
        Rejected
            When the bytes are no picture, or one too large.
        """
        picture = open_upright(image, self._limits) if isinstance(image, bytes) else image
        return to_size(picture, self._rules, self.size)

    def run(self, pictures: Sequence[NDArray[np.uint8]], outputs: Sequence[str]) -> list[NDArray[np.float32]]:
        """Run one batch of prepared pictures; safe in any thread.

        Returns
        -------
        list
            One array for each of `outputs`, pictures first.

        Raises
        ------
        ModelError
            When the device, not a picture, failed. Memory that does not suffice is raised as it is.
        """
        tensor = to_tensor(pictures, self._rules, out=self.fixed_batch).astype(self._kind, copy=False)
        try:
            with self._turn:
                answers = self._session.run(list(outputs), {self._input: tensor})
        except Exception as error:
            if ran_out_of_memory(error) or not any(words in str(error).lower() for words in _DEAD):
                raise
            device = self._session.get_providers()[0].removesuffix("ExecutionProvider")
            raise failed(self._name, device, error) from error
        return [answer[: len(pictures)].astype(np.float32, copy=False) for answer in answers]


def _fixed(length: Any) -> int | None:
    """Length of an axis where the network fixes it; open ones have a name, None or a number below 1."""
    return length if isinstance(length, int) and length > 0 else None


def _said(inputs: Sequence[Any]) -> str:
    return "; ".join(f"{entry.name} {entry.type} {list(entry.shape)}" for entry in inputs)

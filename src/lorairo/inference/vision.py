"""What networks that look at pictures and say no words have in common: loading with transformers, batches."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.images import Limits, flatten, open_upright
from lorairo.inference.memory import in_batches
from lorairo.inference.torch_runtime import import_torch, import_transformers, runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.weights import Weights

    Prepared = Mapping[str, NDArray[Any]]

ON_GPU, ON_CPU = 32, 4  # pictures per run
_WHITE = (255, 255, 255)


class VisionNetwork:
    """A network of transformers with the preprocessing that lies beside it.

    A family says which class of transformers loads it, in `loads`, and what it answers, in `numbers`. It
    calculates in float32 unless the setting ``models.dtype`` says otherwise: its numbers are kept and
    compared, and some scorers answer nonsense in half precision.

    Parameters
    ----------
    spec
        Its row.
    weights
        The folder with ``config.json``, ``preprocessor_config.json`` and weights.
    limits
        Largest picture that is decoded.

    Attributes
    ----------
    name, revision
        Of the model.
    network
        As transformers loaded it.
    batch
        Pictures per run that suit the device; halved where the memory does not hold them.
    notice
        What the user should know about where it runs.

    Raises
    ------
    MissingExtra
        When torch or transformers is not installed.
    ModelError
        When the folder does not hold a model of this kind, or its weights are damaged.
    """

    loads = "AutoModel"
    fixed_batch: int | None = None

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        self.name = spec.name
        self.revision = weights.revision
        self.runtime = runtime(half=False)
        self.notice = self.runtime.notice
        self.batch = self.runtime.batch(gpu=ON_GPU, cpu=ON_CPU)
        self._processor = _processor(spec.name, weights.folder)
        network = load_network(spec.name, weights.folder, self.loads, self.runtime.dtype)
        self.network = network.to(self.runtime.device)
        self._limits = limits
        self._turn = threading.Lock()  # one run at a time: two would share the memory and gain nothing

    def prepare(self, image: Image.Image | bytes) -> Prepared:
        """Decode a picture, on white, and make the tensors of it; safe in any thread.

        Raises
        ------
        Rejected
            When the bytes are no picture, or one too large.
        """
        picture = open_upright(image, self._limits) if isinstance(image, bytes) else image
        tensors = self._processor(images=flatten(picture, _WHITE), return_tensors="np")
        return {name: np.asarray(tensor)[0] for name, tensor in tensors.items()}

    def numbers(self, tensors: Mapping[str, Any]) -> Any:
        """Return a tensor of numbers, one row for each picture, from the tensors of a batch by name."""
        raise NotImplementedError

    def answers(self, pictures: Sequence[Prepared]) -> NDArray[np.float32]:
        """Run the network over prepared pictures; safe in any thread.

        Returns
        -------
        numpy.ndarray
            float32[pictures, numbers].

        Raises
        ------
        ModelError
            When not even one picture fits into memory, or the device fails.
        """
        return np.concatenate(in_batches(self, self.name, pictures, self._run))

    def _run(self, pictures: Sequence[Prepared]) -> NDArray[np.float32]:
        torch = import_torch()
        tensors = {name: torch.from_numpy(np.stack([one[name] for one in pictures])) for name in pictures[0]}
        with self._turn, self.runtime.running(self.name):
            answers: NDArray[np.float32] = self.numbers(self.runtime.sent(tensors)).float().cpu().numpy()
        return answers


def _processor(name: str, folder: Path) -> Any:
    try:
        # Pictures are resized by Pillow everywhere: the same numbers with torchvision and without.
        return import_transformers().AutoImageProcessor.from_pretrained(
            folder, backend="pil", local_files_only=True
        )
    except Exception as error:  # whatever lies in the folder, each library has errors of its own
        raise damaged(name, folder, error) from error


def load_network(name: str, folder: Path, kind: str, dtype: Any) -> Any:
    """Load a network of transformers whose every tensor is in the folder.

    Parameters
    ----------
    name
        Of the model, for errors.
    folder
        With ``config.json`` and weights.
    kind
        The class of transformers.
    dtype
        It calculates in.

    Raises
    ------
    ModelError
        When the folder does not hold a network of this kind, or not all of it.
    """
    loads = getattr(import_transformers(), kind)
    try:
        network, report = loads.from_pretrained(
            folder, dtype=dtype, output_loading_info=True, local_files_only=True
        )
    except Exception as error:
        raise damaged(name, folder, error) from error
    if lacking := sorted([*report["missing_keys"], *report["mismatched_keys"]], key=str):
        raise ModelError(
            f"{name}: {folder} lacks {len(lacking):,} tensors of the network, {lacking[0]} for one: "
            "its config.json and its weights are not of one model"
        )
    return network.eval()


def damaged(name: str, folder: Path, error: Exception) -> ModelError:
    """Return what is raised where transformers cannot load what is in a folder."""
    return ModelError(
        f"{name}: {folder} cannot be loaded: {type(error).__name__}: {error}. "
        "Remove the folder to have it fetched again, or put the whole model there"
    )

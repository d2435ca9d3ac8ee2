"""The Joint Tagger Project: taggers of e621 in torch, built by timm."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.images import Limits, open_upright
from lorairo.inference.label_files import read_labels
from lorairo.inference.memory import in_batches
from lorairo.inference.preprocess import to_size, to_tensor
from lorairo.inference.tensors import read_tensors
from lorairo.inference.torch_runtime import import_timm, import_torch, runtime

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.weights import Weights

_GATED = "head.linear."


class JointTagger:
    """A tagger whose file holds the tensors of a network that timm can build.

    Its head is one linear layer, or a gated one as of PILOT2: half of its numbers are tags, and the other
    half say how much each of them counts.

    Parameters
    ----------
    spec
        Its row, with an architecture.
    weights
        Its files: tensors, and names with their numbers.
    limits
        Largest picture that is decoded.

    Attributes
    ----------
    labels
        Meaning of the columns of the answer.
    revision, batch, notice
        As of every model.

    Raises
    ------
    MissingExtra
        When torch or timm is not installed.
    ModelError
        When the tensors are not those of the architecture, or of another number of tags.
    """

    fixed_batch: int | None = None

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        self.spec = spec
        self.revision = weights.revision
        self.labels = read_labels(weights.labels, spec.categories)
        self._runtime = runtime()
        self.notice = self._runtime.notice
        self.batch = self._runtime.batch(gpu=16)
        self._network, self._gated = _loaded(spec, weights.model, len(self.labels))
        self._network.to(self._runtime.device, self._runtime.dtype)
        self._limits = limits
        self._turn = threading.Lock()  # one run at a time: two would share the memory and gain nothing

    def prepare(self, image: Image.Image | bytes) -> NDArray[np.uint8]:
        """Decode a picture and bring it to the model's size; safe in any thread.

        Raises
        ------
        Rejected
            When the bytes are no picture, or one too large.
        """
        picture = open_upright(image, self._limits) if isinstance(image, bytes) else image
        rules = self.spec.preprocess
        return to_size(picture, rules, (rules.size, rules.size))

    def infer(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return float32[pictures, labels], probabilities; safe in any thread.

        Raises
        ------
        ModelError
            When not even one picture fits into memory, or the device fails.
        """
        answers = in_batches(self, self.spec.name, pictures, self._run)
        return np.concatenate(answers) if answers else np.zeros((0, len(self.labels)), np.float32)

    def _run(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        tensor = import_torch().from_numpy(to_tensor(pictures, self.spec.preprocess))
        with self._turn, self._runtime.running(self.spec.name):
            logits = self._network(tensor.to(self._runtime.device, self._runtime.dtype)).float()
            if self._gated:
                tags, gates = logits.chunk(2, dim=-1)
                chances = tags.sigmoid() * gates.sigmoid()
            else:
                chances = logits.sigmoid()
            answer: NDArray[np.float32] = chances.cpu().numpy()
        return answer


def _loaded(spec: ModelSpec, file: Path, count: int) -> tuple[Any, bool]:
    """Build a network and fill it; a tensor too few, too many or of another shape is an error."""
    if spec.architecture is None:
        raise ModelError(f"{spec.name}: its row names no architecture: add the name that timm has for it")
    timm = import_timm()
    tensors = read_tensors(spec.name, file, "timm")
    gated = any(name.startswith(_GATED) for name in tensors)
    plain = {name.replace(_GATED, "head."): tensor for name, tensor in tensors.items()}
    try:
        network = timm.create_model(
            spec.architecture, pretrained=False, num_classes=count * 2 if gated else count
        )
        network.load_state_dict(plain)
    except RuntimeError as error:  # of timm for a name it does not know, of torch for tensors that do not fit
        raise ModelError(
            f"{spec.name}: {file} does not fit {spec.architecture} with {count:,} tags: {error}. Correct "
            "architecture or files.labels in its row"
        ) from error
    return network.eval(), gated

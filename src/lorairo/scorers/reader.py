"""Places of words in the space where CLIP, SigLIP and their kin place pictures."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.torch_runtime import import_transformers, runtime
from lorairo.inference.vision import damaged, load_network

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.weights import Weights

_PADDED = ("siglip", "siglip2", "siglip_text_model", "siglip2_text_model")  # trained on texts of one length

_TOKENIZERS = ("tokenizer.json", "vocab.json", "spiece.model", "tokenizer.model")


class Reader:
    """The half of an embedder that reads words.

    Parameters
    ----------
    spec
        The embedder's row.
    weights
        Its files; the tokenizer lies beside them.

    Attributes
    ----------
    revision
        Of the embedder.

    Raises
    ------
    MissingExtra
        When torch or transformers is not installed.
    ModelError
        When the embedder reads no words, or its tokenizer is not there.
    """

    batch = 1
    notice: str | None = None

    def __init__(self, spec: ModelSpec, *, weights: Weights) -> None:
        self.name = spec.name
        self.revision = weights.revision
        self.runtime = runtime(half=False)
        network = load_network(spec.name, weights.folder, "AutoModel", self.runtime.dtype)
        if not hasattr(network, "get_text_features"):
            raise ModelError(f"{spec.name} reads no words: take a CLIP or a SigLIP, or give it a picture")
        del network.vision_model  # two thirds of CLIP, and nothing is looked at here
        self._tokens = _tokenizer(spec.name, weights.folder)
        self._network = network.to(self.runtime.device)
        text = network.config.text_config
        self._asked = {
            "padding": "max_length" if network.config.model_type in _PADDED else True,
            "truncation": True,
            "max_length": int(text.max_position_embeddings),
        }
        self._turn = threading.Lock()

    def prepare(self, text: bytes, /) -> str:
        """Return words as the network was trained on them: in lower case."""
        return text.decode().lower()

    def infer(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """Return float32[texts, dimensions], each of length 1; safe in any thread."""
        tokens = self._tokens(list(texts), return_tensors="pt", **self._asked)
        taken = {name: tokens[name] for name in ("input_ids", "attention_mask") if name in tokens}
        with self._turn, self.runtime.running(self.name):
            read: Any = self._network.get_text_features(**self.runtime.sent(taken))
            place = getattr(read, "pooler_output", read)  # an output object in transformers 5
            found: NDArray[np.float32] = place.float().cpu().numpy()
        unit: NDArray[np.float32] = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit


def _tokenizer(name: str, folder: Path) -> Any:
    if not any((folder / file).is_file() for file in _TOKENIZERS):  # transformers would make an empty one
        raise ModelError(
            f"{name}: {folder} holds no tokenizer, so it reads no words: put tokenizer.json there, or remove "
            "the folder to have the model fetched again"
        )
    try:
        return import_transformers().AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # whatever lies in the folder, each library has errors of its own
        raise damaged(name, folder, error) from error

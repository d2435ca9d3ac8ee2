"""What captioners have in common: loading a folder with transformers, batches, and answers made tidy."""

from __future__ import annotations

import copy
import json
import threading
from typing import TYPE_CHECKING, Any, Self

from lorairo.captions.spoken import tidy
from lorairo.errors import ModelError
from lorairo.images import Limits, flatten, open_upright
from lorairo.inference.loading import Said
from lorairo.inference.memory import in_batches
from lorairo.inference.specs import CONFIG_FILE, Generation
from lorairo.inference.torch_runtime import EXTRA, import_transformers, runtime

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL import Image

    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.weights import Weights

_WHITE = (255, 255, 255)
_MOST_PIXELS = 2048 * 2048  # what a picture is held ready with, where the row names no other number


class Captioner:
    """A model of transformers that answers about a picture in words.

    A family says how it is asked, in `inputs`, and how its answer is read, in `said`.

    Parameters
    ----------
    spec
        Its row.
    weights
        The folder with config, processor and weights.
    limits
        Largest picture that is decoded.

    Attributes
    ----------
    revision
        Of the weights.
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

    on_gpu, on_cpu = 8, 1
    float16 = True
    fixed_batch: int | None = None

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        self.spec = spec
        self.asked = spec.generation or Generation()
        self.revision = weights.revision
        self.runtime = runtime(float16=self.float16)
        self.notice = self.runtime.notice
        self.batch = self.runtime.batch(gpu=self.on_gpu, cpu=self.on_cpu)
        self.processor, self.network = self._loaded(weights.folder)
        self._limits = limits
        self.begin()
        self._turn = threading.Lock()  # one run at a time: two would share the memory and gain nothing
        self._reading = threading.Lock()  # a tokenizer breaks when two threads are at it

    def begin(self) -> None:
        """Make ready what depends on how it is asked; nothing for most families."""

    def asking(self, generation: Generation) -> Self:
        """Return the same network, asked otherwise; both may be in use at once."""
        other = copy.copy(self)
        other.asked = generation
        with self._reading:
            other.begin()
        return other

    def _loaded(self, folder: Path) -> tuple[Any, Any]:
        transformers = import_transformers()
        remote = self.spec.remote_code and _own_code(self.spec.name, folder)
        told: dict[str, Any] = {"local_files_only": True, "trust_remote_code": remote}
        # Straight to the GPU: the memory of a rented machine may be smaller than that of its GPU.
        place = {"device_map": self.runtime.device} if self.runtime.on_gpu else {}
        try:
            processor = transformers.AutoProcessor.from_pretrained(folder, **told)
            # Pictures are resized by Pillow everywhere: the same words with torchvision and without.
            processor.image_processor = transformers.AutoImageProcessor.from_pretrained(
                folder, backend="pil", **told
            )
            network, report = transformers.AutoModelForImageTextToText.from_pretrained(
                folder, dtype=self.runtime.dtype, output_loading_info=True, **place, **told
            )
        except ImportError as error:  # some processors want torchvision
            raise ModelError(
                f"{self.spec.name} needs a library that is not installed: {' '.join(str(error).split())} "
                f'Run: pip install "lorairo[{EXTRA}]"'
            ) from error
        except Exception as error:  # whatever lies in the folder, each library has errors of its own
            raise ModelError(
                f"{self.spec.name}: {folder} cannot be loaded: {type(error).__name__}: {error}. "
                "Remove the folder to have it fetched again, or put the whole model there"
            ) from error
        if lacking := sorted([*report["missing_keys"], *report["mismatched_keys"]], key=str):
            raise ModelError(
                f"{self.spec.name}: {folder} lacks {len(lacking):,} tensors of the network, {lacking[0]} for "
                "one: its config.json and its weights are not of one model"
            )
        return processor, network.eval()

    def prepare(self, image: Image.Image | bytes) -> Any:
        """Decode a picture, upright, sRGB, on white, no larger than it is shown; safe in any thread.

        Raises
        ------
        Rejected
            When the bytes are no picture, or one too large.
        """
        picture = open_upright(image, self._limits) if isinstance(image, bytes) else image
        most = self.asked.max_pixels or _MOST_PIXELS
        return fitted(flatten(picture, _WHITE), self.asked.min_pixels or 1, most)

    def infer(self, pictures: Sequence[Any]) -> list[Said]:
        """Say something of prepared pictures; safe in any thread.

        Raises
        ------
        ModelError
            When not even one picture fits into memory, or the device fails.
        """
        parts = in_batches(self, self.spec.name, pictures, self._answers)
        return [said for part in parts for said in part]

    def _answers(self, pictures: Sequence[Any]) -> list[Said]:
        with self._reading:  # beside the batch that the network is at
            inputs = self.inputs(pictures)
        with self._turn, self.runtime.running(self.spec.name):
            output = self.network.generate(**self.runtime.sent(inputs), **_ways(self.asked)).cpu()
        with self._reading:
            return [self.said(picture, row, inputs) for picture, row in zip(pictures, output, strict=True)]

    def inputs(self, pictures: Sequence[Any]) -> Any:
        """Return the tensors a batch is asked with."""
        raise NotImplementedError

    def said(self, picture: Any, row: Any, inputs: Any) -> Said:
        """Read one answer."""
        raise NotImplementedError

    def words(self, row: Any, tokens_out: int | None = None) -> Said:
        """Return tokens as a caption, with the answer as it came where that differs."""
        text = self.processor.decode(row, skip_special_tokens=True)
        caption = tidy(text)
        return Said(caption=caption, raw=text if text.strip() != caption else None, tokens_out=tokens_out)


def _own_code(name: str, folder: Path) -> bool:
    """Refuse code that would come from yet another repository, at whatever commit that is."""
    config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    if any("--" in str(where) for where in config.get("auto_map", {}).values()):
        raise ModelError(f"{name}: its config.json names code of another repository, which is not run here")
    return True


def _ways(asked: Generation) -> dict[str, Any]:
    """Return what `generate` is told; without a temperature the likeliest tokens, so that answers repeat."""
    ways: dict[str, Any] = {"max_new_tokens": asked.max_new_tokens, "num_beams": asked.num_beams}
    if asked.temperature:
        return {**ways, "do_sample": True, "temperature": asked.temperature, "top_p": asked.top_p}
    return {**ways, "do_sample": False, "temperature": None, "top_p": None, "top_k": None}


def fitted(picture: Image.Image, least: int, most: int) -> Image.Image:
    """Resize a picture so that its number of pixels lies between two; its proportions stay."""
    from PIL import Image  # noqa: PLC0415 - models are listed without it

    pixels = picture.width * picture.height
    aim = min(max(pixels, least), most)
    if aim == pixels:
        return picture
    factor = (aim / pixels) ** 0.5
    rounded = int if aim < pixels else _up
    size = (max(1, rounded(picture.width * factor)), max(1, rounded(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _up(length: float) -> int:
    return int(-(-length // 1))

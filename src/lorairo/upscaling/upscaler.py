"""One upscaler: loading it from a file, and running it over a picture of any size."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lorairo.errors import ArgumentError, ModelError
from lorairo.inference.memory import give_back, ran_out_of_memory
from lorairo.inference.registry import find, obstacle
from lorairo.inference.specs import Files, ModelSpec
from lorairo.inference.tensors import read_tensors
from lorairo.inference.torch_runtime import import_spandrel, import_torch, runtime
from lorairo.inference.weights import fetch
from lorairo.upscaling.tiles import OVERLAP, tiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTRA = "upscalers"
_TILE, _LEAST = 512, 64  # pixels
_GREY, _COLOUR = 1, 3  # channels


class Upscaler:
    """A network that gives a picture more pixels, or better ones.

    Parameters
    ----------
    model
        An id of ``lr.models()``, a row, or a file of weights.
    tile
        Side of the tiles that a picture is cut into, pixels; halved where the memory does not hold them.

    Attributes
    ----------
    name, revision
        Of the model.
    scale
        How many times wider and higher a picture gets.
    architecture
        As spandrel calls it.
    tile
        Side of the tiles now; None for a network that cuts pictures up by itself.
    notice
        What the user should know about where it runs.

    Raises
    ------
    MissingExtra
        When torch or spandrel is not installed.
    ModelError
        When the file cannot be had, is damaged, brings code, or is no upscaler.
    """

    def __init__(self, model: ModelSpec | str | Path, *, tile: int = _TILE) -> None:
        if tile < _LEAST:
            raise ArgumentError(f"tile={tile} is too small: give {_LEAST} pixels or more")
        spec = model if isinstance(model, ModelSpec) else _row(model)
        weights = fetch(spec)
        self.name, self.revision = spec.name, weights.revision
        self._runtime = runtime()
        self.notice = self._runtime.notice
        self._network = _loaded(spec.name, weights.model)
        self.scale: int = self._network.scale
        self.architecture: str = self._network.architecture.id
        self.tile = None if self._network.tiling.name == "INTERNAL" else tile
        self._dtype = self._numbers()
        self._network.to(self._runtime.device, self._dtype)
        self._turn = threading.Lock()  # one picture at a time: two would share the memory and gain nothing

    def _numbers(self) -> Any:
        """Return what it calculates in: half precision where it can, float16 first, which has more digits."""
        torch = import_torch(EXTRA)
        if self._runtime.dtype != torch.float32:
            if self._network.supports_half:
                return torch.float16
            if self._network.supports_bfloat16:
                return torch.bfloat16
        return torch.float32

    def upscale(self, picture: Image.Image, scale: float | None = None) -> Image.Image:
        """Return a larger picture; what is transparent in it stays so.

        Parameters
        ----------
        picture
            Upright and sRGB, as ``view.image`` gives it.
        scale
            How many times wider and higher; by default what the network gives. Other numbers are reached by
            running it several times and reducing what is too much.

        Returns
        -------
        PIL.Image.Image
            ``RGB``, ``RGBA`` where the picture has transparency, ``L`` or ``LA`` where it is grey.

        Raises
        ------
        ArgumentError
            When the scale cannot be reached.
        ModelError
            When not even the smallest tile fits into memory, or the device fails.
        """
        wanted = self.scale if scale is None else scale
        if wanted <= 0 or (wanted > 1 and self.scale == 1):
            raise ArgumentError(f"scale={scale} cannot be reached: {self.name} makes pictures {self.scale}x")
        size = (max(1, round(picture.width * wanted)), max(1, round(picture.height * wanted)))
        colours, alpha = _parted(picture)
        reached = 1.0
        while reached == 1.0 or reached < wanted:
            colours = self._once(colours)
            reached *= self.scale
            if self.scale == 1:
                break
        return _joined(colours, alpha, size)

    def _once(self, picture: Image.Image) -> Image.Image:
        mode = "L" if self._network.input_channels == _GREY else "RGB"
        pixels = np.asarray(picture.convert(mode)).reshape(picture.height, picture.width, -1)
        with self._turn:
            made = self._held(pixels)
        image = Image.fromarray(made[..., 0] if made.shape[2] == _GREY else made)
        return image.convert(picture.mode)

    def _held(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Run over a picture with tiles that fit into memory."""
        while True:
            tile = self.tile or max(pixels.shape)
            try:
                return tiled(pixels, self._run, self.scale, tile, min(OVERLAP, tile // 2))
            except Exception as error:
                if not ran_out_of_memory(error):
                    raise
                if self.tile is None or self.tile // 2 < _LEAST:
                    raise ModelError(
                        f"{self.name} does not fit into memory: close other programs on the device, "
                        "take a smaller model or a smaller picture"
                    ) from error
                self.tile //= 2
            give_back()  # only now: while there is the exception, it holds all that the run had made

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        torch = import_torch(EXTRA)
        tensor = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
        with self._runtime.running(self.name):
            made = self._network(tensor.to(self._runtime.device, self._dtype))
        numbers: NDArray[np.float32] = made[0].float().cpu().numpy().transpose(1, 2, 0)
        if not np.isfinite(numbers).all():
            raise ModelError(
                f"{self.name} answers with what are no numbers; in half precision some networks do: "
                'lr.config.set("models.dtype", "float32")'
            )
        return numbers


def upscale(
    picture: Image.Image, model: Upscaler | ModelSpec | str | Path, scale: float | None = None
) -> Image.Image:
    """Return a larger picture; for many, make an `Upscaler` once and call its `upscale`.

    Parameters
    ----------
    picture, scale
        As of `Upscaler.upscale`.
    model
        An id of ``lr.models()``, a file of weights, or an `Upscaler`.
    """
    upscaler = model if isinstance(model, Upscaler) else Upscaler(model)
    return upscaler.upscale(picture, scale)


def _row(model: str | Path) -> ModelSpec:
    """Return the row of an upscaler that can run here."""
    file = Path(model).expanduser()
    if file.is_file():
        files = Files(model=file.name, labels="")
        return ModelSpec(name=file.stem, kind="upscaler", backend="spandrel", path=file.parent, files=files)
    spec = find(model)
    if spec.kind != "upscaler":
        raise ModelError(f"{spec.name} is of the kind {spec.kind!r}: an upscaler is needed here")
    why_not, remedy = obstacle(spec)
    if why_not:
        raise ModelError(f"{spec.name} cannot run here: {why_not}. {remedy}")
    return spec


def _loaded(name: str, file: Path) -> Any:
    """Load a network by what its tensors are called; nothing in the file is run."""
    spandrel = import_spandrel()
    tensors = spandrel.canonicalize_state_dict(read_tensors(name, file, EXTRA))
    try:
        network = spandrel.ModelLoader(device="cpu").load_from_state_dict(tensors)
    except Exception as error:  # tensors of some other network
        raise ModelError(
            f"{name}: {file} is no network that spandrel {spandrel.__version__} knows: {error}. Take another "
            'model, or a newer one: pip install -U "lorairo[upscalers]"'
        ) from error
    if not isinstance(network, spandrel.ImageModelDescriptor):
        raise ModelError(f"{name}: {file} fills in parts of pictures ({network.purpose}), it upscales none")
    if network.input_channels not in (_GREY, _COLOUR) or network.output_channels not in (_GREY, _COLOUR):
        raise ModelError(
            f"{name}: {file} turns {network.input_channels} channels into {network.output_channels}: "
            "take one for grey or colour pictures"
        )
    return network.eval()


def _parted(picture: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return a picture without its transparency, and that."""
    clear = picture.has_transparency_data
    grey = picture.mode in ("1", "L", "LA", "La")
    whole = picture.convert("RGBA") if clear else picture
    return whole.convert("L" if grey else "RGB"), whole.getchannel("A") if clear else None


def _joined(colours: Image.Image, alpha: Image.Image | None, size: tuple[int, int]) -> Image.Image:
    if colours.size != size:
        colours = colours.resize(size, Image.Resampling.LANCZOS)
    if alpha is None:
        return colours
    whole = colours.convert("LA" if colours.mode == "L" else "RGBA")
    whole.putalpha(alpha.resize(size, Image.Resampling.BICUBIC))
    return whole

"""What a row about a model says: where its files are and what its tensors mean. Rows are TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path  # noqa: TC003 - pydantic reads annotations at run time
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lorairo.config import nearest
from lorairo.errors import ModelError

MODEL_FILE = "model.onnx"
LABELS_FILE = "selected_tags.csv"

Unit = tuple[float, float, float]


Kind = Literal["tagger", "captioner", "annotator", "scorer", "embedder", "upscaler", "vlm_api"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Files(_Part):
    """Names of the files of a model."""

    model: str = MODEL_FILE
    labels: str = LABELS_FILE


class Preprocess(_Part):
    """How a picture becomes the input tensor.

    Attributes
    ----------
    size
        Side of the square input, pixels; used where the model itself leaves it open.
    layout, channels, scale
        Order of the axes, order of the colours, range of the values (before `mean` and `std`, one value each
        for red, green and blue in that order).
    fit
        ``pad`` keeps everything and fills up with `pad_color`, ``crop`` cuts the middle, ``resize`` distorts.
    """

    size: int = Field(default=448, ge=8, le=4096)
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    channels: Literal["BGR", "RGB"] = "BGR"
    scale: Literal["0-255", "0-1"] = "0-255"
    mean: Unit = (0.0, 0.0, 0.0)
    std: Unit = (1.0, 1.0, 1.0)
    fit: Literal["pad", "resize", "crop"] = "pad"
    pad_color: tuple[int, int, int] = (255, 255, 255)
    resample: Literal["nearest", "bilinear", "bicubic", "lanczos"] = "bicubic"


class Output(_Part):
    """Which output holds the tags, and whether it still needs a sigmoid."""

    activation: Literal["none", "sigmoid"] = "none"
    index: int = Field(default=0, ge=0)


class Thresholds(_Part):
    """Lowest scores that make a tag, until somebody sets a policy.

    Attributes
    ----------
    general, character
        0..1; above 1 means never.
    mcut
        Always false: a cut of its own for each picture is no policy that could be stored. See `labels.mcut`.
    """

    general: float = Field(default=0.35, ge=0)
    character: float = Field(default=0.85, ge=0)
    mcut: Literal[False] = False


class ModelSpec(_Part):
    """One model: an id to ask for it, and all that is needed to run it.

    Attributes
    ----------
    name
        What people call it; the id in ``lr.models()``.
    provider
        Who answers; ``local`` for what runs on this machine.
    kind
        What it gives: a ``tagger`` scores a fixed list of tags, a ``captioner`` or ``annotator`` answers
        freely, a ``scorer`` gives numbers, an ``embedder`` places in a space of likeness.
    scores
        Of a scorer: what its numbers are called, in searches and as columns.
    backend
        What runs it: ``onnx``, or the name of an installed plug-in.
    repo, revision
        Where on the Hugging Face hub; a branch is resolved to a commit.
    path
        A folder with the files; wins over `repo` and needs no network.
    megabytes
        About how much is fetched.
    categories
        Meaning of the numbers in the category column of the labels.
    """

    name: str = Field(min_length=1)
    provider: str = "local"
    kind: Kind = "tagger"
    scores: list[str] = []
    backend: str = "onnx"
    repo: str | None = None
    revision: str = "main"
    path: Path | None = None
    files: Files = Files()
    licence: str | None = None
    megabytes: float | None = None
    preprocess: Preprocess = Preprocess()
    output: Output = Output()
    thresholds: Thresholds = Thresholds()
    categories: dict[str, str] = {"9": "rating", "0": "general", "4": "character"}

    @property
    def key(self) -> str:
        """``provider/name``: what a policy is kept under."""
        return f"{self.provider}/{self.name}"

    def parameters(self, floor: float) -> dict[str, Any]:
        """Return what changes the answers besides the weights; stored with them.

        Parameters
        ----------
        floor
            Lowest score that is kept.
        """
        return {
            "preprocess": self.preprocess.model_dump(mode="json"),
            "output": self.output.model_dump(mode="json"),
            "categories": dict(sorted(self.categories.items())),
            "floor": floor,
        }


def read_specs(file: Path) -> list[ModelSpec]:
    """Read the rows of a TOML file.

    Raises
    ------
    ModelError
        For text that is no TOML, an unknown key (the nearest is named) or a value that does not fit.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{file} is not TOML: {error}") from error
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror}") from error
    for key in document:
        if key != "model":
            raise ModelError(f"{file}: unknown table {key!r}: {nearest(key, ['model'])}")
    rows = document.get("model", [])
    if not isinstance(rows, list):
        raise ModelError(f"{file}: write each model as [[model]], with two brackets")
    return [_spec(row, file) for row in rows]


def _spec(row: dict[str, Any], file: Path) -> ModelSpec:
    name = str(row.get("name", "a model without a name"))
    try:
        spec = ModelSpec.model_validate(row)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise ModelError(
            f"{file}: {name}: {_said(problem['type'], problem['loc'], problem['msg'])}"
        ) from None
    if spec.path is not None:  # beside the file that names it, wherever the kernel was started
        return spec.model_copy(update={"path": (file.parent / spec.path.expanduser()).resolve()})
    return spec


def _said(kind: str, place: tuple[int | str, ...], message: str) -> str:
    key = ".".join(str(part) for part in place)
    if kind != "extra_forbidden":
        return f"{key}: {message}"
    part: Any = ModelSpec
    for step in place[:-1]:
        part = part.model_fields[str(step)].annotation
    return f"unknown key {key!r}: {nearest(str(place[-1]), list(part.model_fields))}"

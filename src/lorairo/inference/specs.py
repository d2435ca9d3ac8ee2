"""What a row about a model says: where its files are and what its tensors mean. Rows are TOML."""

from __future__ import annotations

import re
from pathlib import Path  # noqa: TC003 - pydantic reads annotations at run time
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lorairo.config import nearest
from lorairo.config.tables import read_tables
from lorairo.errors import ArgumentError, ModelError
from lorairo.services.asking import SETTABLE, Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MODEL_FILE = "model.onnx"
LABELS_FILE = "selected_tags.csv"
CONFIG_FILE = "config.json"

_COMMIT = re.compile(r"[0-9a-f]{40}")

Unit = tuple[float, float, float]


Kind = Literal["tagger", "captioner", "annotator", "scorer", "embedder", "upscaler", "vlm_api"]


def is_commit(revision: str) -> bool:
    """Whether a revision is the name of a commit, not of a branch or tag."""
    return _COMMIT.fullmatch(revision) is not None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Files(_Part):
    """What a model consists of, in its folder or its repository.

    Attributes
    ----------
    model, labels
        The network and its list of tags; an empty text where there is none.
    others
        More files by what the family calls them, such as ``{thresholds = "thresholds.csv"}``.
    patterns
        Of a model that is a whole folder with a ``config.json``: which files of the repository belong to
        it, such as ``["*.json", "*.safetensors"]``. Then no file is named one by one.
    """

    model: str = MODEL_FILE
    labels: str = LABELS_FILE
    others: dict[str, str] = {}
    patterns: list[str] = []

    @property
    def named(self) -> list[str]:
        """Every file that is named one by one."""
        if self.patterns:
            return []
        return [name for name in (self.model, self.labels, *self.others.values()) if name]


class Generation(_Part):
    """How a model that answers in words is asked.

    Attributes
    ----------
    prompt, system
        What it is told of the picture, and before that; of Florence-2 the prompt is a task such as
        ``<DETAILED_CAPTION>``.
    max_new_tokens
        Longest answer.
    num_beams
        Beams that are searched; 1 takes the likeliest token each time.
    temperature, top_p
        Above a temperature of 0 the tokens are drawn, and two runs answer differently.
    min_pixels, max_pixels
        A picture is enlarged or reduced to lie between these before it is shown, where they are given.
    """

    prompt: str = ""
    system: str = ""
    max_new_tokens: int = Field(default=256, ge=1, le=8192)
    num_beams: int = Field(default=1, ge=1, le=16)
    temperature: float = Field(default=0.0, ge=0, le=5)
    top_p: float = Field(default=1.0, gt=0, le=1)
    min_pixels: int | None = Field(default=None, ge=1)
    max_pixels: int | None = Field(default=None, ge=1)


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
        ``pad`` keeps everything, fills up with `pad_color` and then resizes; ``letterbox`` resizes first;
        ``edge`` does so too and repeats the pixels at the edges instead of filling up. ``crop`` cuts the
        middle, ``resize`` distorts.
    """

    size: int = Field(default=448, ge=8, le=4096)
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    channels: Literal["BGR", "RGB"] = "BGR"
    scale: Literal["0-255", "0-1"] = "0-255"
    mean: Unit = (0.0, 0.0, 0.0)
    std: Unit = (1.0, 1.0, 1.0)
    fit: Literal["pad", "letterbox", "edge", "resize", "crop"] = "pad"
    pad_color: tuple[int, int, int] = (255, 255, 255)
    resample: Literal["nearest", "box", "bilinear", "bicubic", "lanczos"] = "bicubic"


class Output(_Part):
    """Which output holds the tags, and whether it still needs a sigmoid.

    Attributes
    ----------
    activation
        ``sigmoid`` for a network that answers with logits.
    index, name
        Of the output; the name wins where there is one.
    """

    activation: Literal["none", "sigmoid"] = "none"
    index: int = Field(default=0, ge=0)
    name: str | None = None


class Head(_Part):
    """A small network over the embeddings of another model.

    Attributes
    ----------
    over
        Name of the row of the embedder.
    layers
        Its linear layers in order, as their tensors are called: ``fc1`` for ``fc1.weight`` and ``fc1.bias``;
        an empty text for ``weight`` and ``bias``.
    between, last
        What follows each layer but the last, and the last.
    """

    over: str = Field(min_length=1)
    layers: list[str] = Field(min_length=1)
    between: Literal["none", "relu"] = "none"
    last: Literal["none", "sigmoid"] = "none"


class Range(_Part):
    """Where the numbers of a scorer lie. They are kept as they are; the range says how to read them.

    Attributes
    ----------
    low, high
        Of nearly all pictures.
    higher_better
        False for figures of damage; left out where neither end is better.
    """

    low: float
    high: float
    higher_better: bool | None = None


class Thresholds(_Part):
    """Lowest scores that make a tag, until somebody sets a policy.

    Attributes
    ----------
    general, character
        0..1; above 1 means never.
    artist, copyright, meta
        The same for tags of these categories; as of `general` where they are left out.
    mcut
        Cut each picture at its widest gap instead, as ``view.threshold(..., method="mcut")`` does.
    """

    general: float = Field(default=0.35, ge=0)
    character: float = Field(default=0.85, ge=0)
    artist: float | None = Field(default=None, ge=0)
    copyright: float | None = Field(default=None, ge=0)
    meta: float | None = Field(default=None, ge=0)
    mcut: bool = False

    @property
    def named(self) -> dict[str, float]:
        """Thresholds by category, of those the row names."""
        return self.model_dump(exclude={"mcut"}, exclude_none=True)

    @property
    def policy(self) -> dict[str, Any]:
        """What holds of the model until somebody sets a policy."""
        return {**self.named, "method": "mcut"} if self.mcut else {**self.named}


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
    remote_code
        Whether the repository brings Python that is run here; only once the user has agreed to it by name
        in the setting ``models.allow_remote_code``, and only at a commit.
    megabytes
        About how much is fetched.
    generation
        Of a model that answers in words.
    service
        Of a model that others run.
    head
        Of a scorer that judges embeddings.
    architecture
        Of a network whose file holds tensors alone, as timm calls it.
    range
        Of a scorer.
    classes
        Of a classifier, by its labels: the score that each is kept as, or the rating that it means. Labels
        that are left out are not kept.
    categories
        Meaning of the categories of the labels, by the numbers or words that stand there.
    """

    name: str = Field(min_length=1)
    provider: str = "local"
    kind: Kind = "tagger"
    scores: list[str] = []
    backend: str = "onnx"
    repo: str | None = None
    revision: str = "main"
    path: Path | None = None
    remote_code: bool = False
    files: Files = Files()
    licence: str | None = None
    megabytes: float | None = None
    preprocess: Preprocess = Preprocess()
    output: Output = Output()
    thresholds: Thresholds = Thresholds()
    generation: Generation | None = None
    service: Service | None = None
    head: Head | None = None
    architecture: str | None = None
    range: Range | None = None
    classes: dict[str, str] = {}
    categories: dict[str, str] = {"9": "rating", "0": "general", "4": "character"}

    @property
    def key(self) -> str:
        """``provider/name``: what a policy is kept under."""
        return f"{self.provider}/{self.name}"

    @property
    def id(self) -> str:
        """What it is called in ``lr.models()``: its name; of a model that others run, with the provider's."""
        return self.name if self.service is None else self.key

    @property
    def in_words(self) -> bool:
        """Whether it is asked in words."""
        return self.generation is not None or self.service is not None

    def parameters(self, floor: float) -> dict[str, Any]:
        """Return what changes the answers besides the weights; stored with them.

        Parameters
        ----------
        floor
            Lowest score that is kept.
        """
        if self.service is not None:
            return {"service": self.service.told()}
        if self.generation is not None:
            return {"generation": self.generation.model_dump(mode="json"), "floor": floor}
        told: dict[str, Any] = {
            "preprocess": self.preprocess.model_dump(mode="json"),
            "output": self.output.model_dump(mode="json", exclude_none=True),
            "categories": dict(sorted(self.categories.items())),
        }
        if self.head is not None:
            told["head"] = self.head.model_dump(mode="json")
        if self.classes:
            told["classes"] = dict(sorted(self.classes.items()))
        # An embedding has no scores to leave out, and heads look for it whatever floor it was made with.
        return told if self.kind == "embedder" else {**told, "floor": floor}

    def asked(self, parameters: Mapping[str, Any]) -> ModelSpec:
        """Return the row with other ways to ask.

        Raises
        ------
        ArgumentError
            When a value does not fit, or the model takes none of this name.
        """
        part = self.generation or self.service
        if part is None:
            raise ArgumentError(f"{self.id} takes no {_listed(parameters)}: it is not asked in words")
        settable = list(Generation.model_fields) if self.generation is not None else list(SETTABLE)
        if unknown := [name for name in parameters if name not in settable]:
            raise ArgumentError(f"{self.id} takes no {unknown[0]}: {nearest(unknown[0], settable)}")
        try:
            asked = type(part).model_validate({**dict(part), **parameters})
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            raise ArgumentError(f"{self.id}: {problem['loc'][0]}: {problem['msg']}") from None
        return self.model_copy(update={"generation" if self.generation is not None else "service": asked})

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if self.kind == "vlm_api" and self.service is None:
            object.__setattr__(self, "service", Service())
        if self.remote_code and self.path is None and not is_commit(self.revision):
            raise ValueError(f"{self.name} runs code of its repository: pin its revision to a commit")
        if self.kind == "scorer" and self.classes and list(self.classes.values()) != self.scores:
            raise ValueError(f"{self.name} is to have in scores what its classes are kept as, in their order")
        return self


def _listed(names: Iterable[str]) -> str:
    return " and no ".join(names)


def read_specs(file: Path) -> list[ModelSpec]:
    """Read the rows of a TOML file.

    Raises
    ------
    ModelError
        For text that is no TOML, an unknown key (the nearest is named) or a value that does not fit.
    """
    rows = read_tables(file, ["model"], ModelError).get("model", [])
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
        held = part.model_fields[str(step)].annotation
        part = next((one for one in get_args(held) if one is not type(None)), held)
    return f"unknown key {key!r}: {nearest(str(place[-1]), list(part.model_fields))}"

"""What can be said to the sd-scripts exporter, with the types and bounds that the trainer accepts."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - pydantic reads the annotation
from typing import Annotated, Any, Literal, get_args

from PIL import ImageColor
from pydantic import Field, field_validator

from lorairo.captions.profiles import PROFILES
from lorairo.errors import ArgumentError
from lorairo.exporters.options import ExportOptions, Extension, Form, one_line
from lorairo.exporters.options import read_options as checked

Profile = Literal[
    "sd15", "sdxl", "pony", "illustrious", "noobai", "animagine", "sd3", "flux", "anima", "lumina"
]
"""Base models that sd-scripts trains."""

_SIDES = {"sd15": 512}
_DEFAULT_SIDE = 1024
# Smallest step of bucket sizes that the training scripts of a family accept.
STEP_FLOORS = {"sd15": 64, "anima": 16, "lumina": 16}
DEFAULT_STEP_FLOOR = 32

Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Interpolation = Literal["lanczos", "nearest", "bilinear", "linear", "bicubic", "cubic", "area", "box"]

TRAINING_KEYS = (
    "shuffle_caption",
    "keep_tokens",
    "keep_tokens_separator",
    "secondary_separator",
    "caption_separator",
    "enable_wildcard",
    "caption_prefix",
    "caption_suffix",
    "caption_dropout_rate",
    "caption_dropout_every_n_epochs",
    "caption_tag_dropout_rate",
    "token_warmup_min",
    "token_warmup_step",
    "color_aug",
    "flip_aug",
    "random_crop",
    "resize_interpolation",
    "cache_info",
)
"""Keys that go into ``[general]`` of the dataset config as they are."""


class KohyaOptions(ExportOptions):
    """Options of ``view.plan_export("kohya", ...)``. Names that sd-scripts has are used as it has them.

    Attributes
    ----------
    layout
        ``dreambooth``: a folder ``<repeats>_<class tokens>`` for ``--train_data_dir``; ``toml``: ``images/``
        and ``dataset.toml`` for ``--dataset_config``.
    profile
        Base model; chooses resolution and form of captions, and what the lint knows.
    resolution
        Side of a square, or width and height, pixels.
    repeats, class_tokens
        Passes over each image in an epoch; text for images without caption (the trigger when not given).
    trigger
        Put first in every caption, as sd-scripts does not add it.
    captions
        ``tags``, ``prose`` (the caption variant) or ``both``.
    caption_extension, underscores
        Of the caption files; whether tags keep underscores instead of blanks.
    skip_categories
        Tag categories that stay out of captions.
    missing
        ``error`` refuses images with nothing to say, ``omit`` writes no caption file for them.
    tokenizer, max_tokens
        A ``tokenizer.json`` to count with, and the count above which the lint warns; by the profile, or 75,
        when not given.
    image_format, quality, background
        What is written; of JPEG and WebP, 1 to 100; colour laid under transparent parts.
    resize
        None keeps the size and leaves scaling to the trainer; ``bucket`` scales and crops as it would.
    names, prefix
        File names after the ``source``, or a ``number`` behind a prefix.
    overwrite
        Replace an earlier export of ours.
    variant
        Caption variant the captions came from; for the record.
    batch_size, min_bucket_reso, max_bucket_reso, bucket_reso_steps, bucket_no_upscale
        As the trainer has them; they decide buckets and steps.

    The rest goes into ``[general]`` of the dataset config and needs ``layout="toml"``.
    """

    layout: Literal["dreambooth", "toml"] = "dreambooth"
    profile: Profile | None = None  # of those that every exporter knows
    resolution: Positive | tuple[Positive, Positive] | None = None
    repeats: Positive = 10
    class_tokens: str | None = None
    captions: Form | None = None
    caption_extension: Extension = ".txt"
    underscores: bool = False
    skip_categories: tuple[Literal["general", "artist", "copyright", "character", "meta", "rating"], ...] = (
        "artist",
        "meta",
        "rating",
    )
    missing: Literal["error", "omit"] = "error"
    tokenizer: Path | None = None
    max_tokens: Positive | None = None

    image_format: Literal["png", "jpg", "webp", "keep"] = "png"
    quality: Annotated[int, Field(ge=1, le=100)] = 95
    background: str = "white"
    resize: Literal["bucket"] | None = None
    names: Literal["source", "number"] = "source"
    prefix: str = ""

    batch_size: Positive = 1
    min_bucket_reso: Positive = 256
    max_bucket_reso: Positive = 2048
    bucket_reso_steps: Positive = 64
    bucket_no_upscale: bool = False

    shuffle_caption: bool | None = None
    keep_tokens: Count | None = None
    keep_tokens_separator: str | None = None
    secondary_separator: str | None = None
    caption_separator: str | None = None
    enable_wildcard: bool | None = None
    caption_prefix: str | None = None
    caption_suffix: str | None = None
    caption_dropout_rate: Share | None = None
    caption_dropout_every_n_epochs: Count | None = None
    caption_tag_dropout_rate: Share | None = None
    token_warmup_min: Positive | None = None
    token_warmup_step: Annotated[float, Field(ge=0)] | None = None
    color_aug: bool | None = None
    flip_aug: bool | None = None
    random_crop: bool | None = None
    resize_interpolation: Interpolation | None = None
    cache_info: bool | None = None

    @field_validator("class_tokens", "keep_tokens_separator", "secondary_separator", "caption_separator")
    @classmethod
    def _one_line(cls, text: str | None) -> str | None:
        return one_line(text)

    @field_validator("resolution", mode="before")
    @classmethod
    def _by_text(cls, resolution: Any) -> Any:
        """Read ``1216x832`` from a command line."""
        return (
            tuple(resolution.split("x")) if isinstance(resolution, str) and "x" in resolution else resolution
        )

    @field_validator("skip_categories", mode="before")
    @classmethod
    def _split(cls, categories: Any) -> Any:
        """Read ``artist,meta`` from a command line; nothing at all skips none."""
        if isinstance(categories, str):
            return tuple(part.strip() for part in categories.split(",") if part.strip())
        return categories

    @field_validator("background")
    @classmethod
    def _a_colour(cls, background: str) -> str:
        ImageColor.getrgb(background)  # its ValueError names what it could not read
        return background

    @property
    def base(self) -> tuple[int, int]:
        """Width and height that the model trains at, pixels; by the profile when not given."""
        if self.resolution is None:
            side = _SIDES.get(self.profile or "", _DEFAULT_SIDE)
            return side, side
        return (self.resolution, self.resolution) if isinstance(self.resolution, int) else self.resolution

    @property
    def form(self) -> Form:
        """What captions are made of; by the profile when not given."""
        return self.form_of(self.captions)

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """The background as red, green and blue."""
        red, green, blue = ImageColor.getrgb(self.background)[:3]
        return red, green, blue

    def for_manifest(self) -> dict[str, Any]:
        """Everything that shapes the files, JSON-ready; without paths of this machine."""
        settings = self.model_dump(mode="json", exclude={"overwrite", "tokenizer"}, exclude_none=True)
        return {**settings, "resolution": list(self.base), "captions": self.form}


def read_options(given: dict[str, Any]) -> KohyaOptions:
    """Check keywords.

    Raises
    ------
    ArgumentError
        For an unknown keyword, a value that does not fit, or a pair that does not.
    """
    profile, trained = given.get("profile"), get_args(Profile)
    if isinstance(profile, str) and profile in PROFILES and profile not in trained:
        raise ArgumentError(
            f"sd-scripts does not train {profile}, only {', '.join(trained)}: for other trainers, "
            f'export("sidecars", ..., images="copy") writes pictures with captions for {profile}'
        )
    options = checked(KohyaOptions, "kohya", given)
    if options.layout == "dreambooth":
        loose = [key for key in TRAINING_KEYS if getattr(options, key) is not None]
        if loose:
            raise ArgumentError(
                f'{loose[0]} needs layout="toml": with folders it is an option of the trainer'
            )
    return options

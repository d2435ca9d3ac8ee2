"""sd-scripts (kohya-ss): the DreamBooth folder layout, or an image folder with a dataset config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lorairo.captions.counting import countings
from lorairo.config import config
from lorairo.errors import ArgumentError
from lorairo.exporters.dataset_toml import dataset_config
from lorairo.exporters.kohya_options import TRAINING_KEYS, read_options
from lorairo.exporters.lines import line_of
from lorairo.exporters.lint import Draft, lint
from lorairo.exporters.names import numbered_stems, safe_stem, unique_stems
from lorairo.exporters.pictures import PictureSettings, kept_format
from lorairo.exporters.plan import ExportPlan, Placement
from lorairo.images.buckets import BucketRules
from lorairo.tags import category_number, known_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.captions.counting import Counting
    from lorairo.exporters.dataset_toml import Value
    from lorairo.exporters.kohya_options import KohyaOptions
    from lorairo.exporters.plan import ExportItem, ExportResult

IMAGES = "images"
CONFIG = "dataset.toml"
_FORBIDDEN = set('<>:"/\\|?*')


class KohyaExporter:
    """Exports for sd-scripts and what is built on it."""

    wants_places: ClassVar[bool] = False

    def plan(
        self,
        items: Sequence[ExportItem],
        out: str | Path,
        *,
        record: Callable[[ExportResult], None] | None = None,
        workers: int | None = None,
        **options: Any,
    ) -> ExportPlan:
        """Say what would be written; write nothing.

        Parameters
        ----------
        items
            The images, in order.
        out
            Folder to write. ``layout="dreambooth"`` makes it what ``--train_data_dir`` takes: one folder
            ``<repeats>_<class tokens>`` in it. ``layout="toml"`` puts the images into ``images/`` and beside
            it a ``dataset.toml`` for ``--dataset_config``, which names that folder by its absolute path:
            write it where it will be trained from, or edit ``image_dir`` after moving it.
        record
            Called with the result of each write.
        workers
            Images written at the same time.
        options
            Of `KohyaOptions`, which says what each means; with ``layout="toml"`` also the caption and
            augmentation keys of sd-scripts, such as ``shuffle_caption`` and ``keep_tokens``.

        Raises
        ------
        ArgumentError
            For an option that does not exist, does not fit, or that the trainer would refuse.
        """
        given = read_options(options)
        target = Path(out).expanduser().absolute()
        given = given.model_copy(update={"class_tokens": given.class_tokens or _class_tokens(given, target)})
        rules = BucketRules(
            given.base,
            given.min_bucket_reso,
            given.max_bucket_reso,
            given.bucket_reso_steps,
            given.bucket_no_upscale,
        )
        folder = _folder(given)
        counted = countings(given.profile, tokenizer=given.tokenizer or config.tokenizer)
        placements = _placements(items, given, rules, folder, counted[0])
        words = known_vocabulary(config) or ()
        documents = {}
        if given.layout == "toml":
            documents[CONFIG] = _config(given, target / folder).encode()
        return ExportPlan(
            exporter="kohya",
            out=target,
            placements=placements,
            findings=lint(Draft(placements, given, rules, words, counted)),
            picture=PictureSettings(given.quality, given.background_rgb, given.image_format == "keep"),
            cut=given.resize == "bucket",
            repeats=given.repeats,
            batch_size=given.batch_size,
            documents=documents,
            settings=given.for_manifest(),
            overwrite=given.overwrite,
            workers=workers or config.limits.threads,
            record=record,
        )


def _class_tokens(options: KohyaOptions, out: Path) -> str:
    """Choose what images without caption train on: the trigger as far as a folder can be called so."""
    trigger = "".join(letter for letter in options.trigger or "" if letter not in _FORBIDDEN).strip(". ")
    return trigger or safe_stem(out.name).replace("-", " ")


def _folder(options: KohyaOptions) -> str:
    if options.layout == "toml":
        return IMAGES
    tokens = options.class_tokens or ""
    bad = sorted(_FORBIDDEN & set(tokens)) or [letter for letter in tokens[-1:] if letter in ". "]
    if bad:
        raise ArgumentError(
            f"class_tokens={tokens!r} becomes the name of a folder, in which {bad[0]!r} cannot stand: "
            f'leave it out, or pass layout="toml"'
        )
    return f"{options.repeats}_{tokens}"


def _placements(
    items: Sequence[ExportItem], options: KohyaOptions, rules: BucketRules, folder: str, counted: Counting
) -> tuple[Placement, ...]:
    names = [(item.name, item.sha256) for item in items]
    stems = numbered_stems(names, options.prefix) if options.names == "number" else unique_stems(names)
    captions = [_caption(item, options) for item in items]
    tokens = counted.many([caption or "" for caption in captions])
    placements = []
    for item, stem, caption, count in zip(items, stems, captions, tokens, strict=True):
        extension = kept_format(item.format) if options.image_format == "keep" else options.image_format
        placements.append(
            Placement(
                item=item,
                file=f"{folder}/{stem}.{extension}",
                caption_file=None if caption is None else f"{folder}/{stem}{options.caption_extension}",
                caption=caption,
                bucket=rules.assign((item.width, item.height)),
                tokens=None if caption is None else count,
            )
        )
    return tuple(placements)


def _caption(item: ExportItem, options: KohyaOptions) -> str | None:
    """Compose the line a trainer reads.

    Only ``missing="omit"`` says that somebody means to train on the trigger alone.
    """
    skipped = {category_number(name) for name in options.skip_categories}
    return line_of(
        [name for name, category in item.tags if category not in skipped],
        item.caption,
        form=options.form,
        target="underscores" if options.underscores else "kohya",
        trigger=options.trigger,
        separator=f"{options.caption_separator or ','} ",
    )


def _config(options: KohyaOptions, folder: Path) -> str:
    """Write ``dataset.toml``. Forward slashes work on every system, and need no escaping."""
    general: dict[str, Value] = {"enable_bucket": True, "caption_extension": options.caption_extension}
    general |= {key: value for key in TRAINING_KEYS if (value := getattr(options, key)) is not None}
    if options.shuffle_caption and options.trigger and "keep_tokens" not in general:
        general["keep_tokens"] = len(options.trigger.split(options.caption_separator or ","))
    return dataset_config(
        general,
        {
            "resolution": options.base,
            "batch_size": options.batch_size,
            "min_bucket_reso": options.min_bucket_reso,
            "max_bucket_reso": options.max_bucket_reso,
            "bucket_reso_steps": options.bucket_reso_steps,
            "bucket_no_upscale": options.bucket_no_upscale,
        },
        {
            "image_dir": folder.as_posix(),
            "class_tokens": options.class_tokens or "",
            "num_repeats": options.repeats,
        },
    )

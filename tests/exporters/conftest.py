"""Images as the view gives them to an exporter, and the trainer's own way of reading a folder."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imagesize
import pytest
import toml

from lorairo.exporters.plan import ExportItem

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image


@pytest.fixture
def make_item(draw: Callable[..., Image.Image]) -> Callable[..., ExportItem]:
    """Make an item from a seed; `image` and `encoding` replace the drawn JPEG."""

    def make(
        seed: int = 0,
        *,
        name: str | None = None,
        size: tuple[int, int] = (320, 240),
        image: Image.Image | None = None,
        encoding: str = "JPEG",
        saved: dict[str, Any] | None = None,
        **fields: Any,
    ) -> ExportItem:
        picture = image or draw(seed, size)
        buffer = io.BytesIO()
        picture.save(buffer, encoding, **(saved or {}))
        data = buffer.getvalue()
        fields.setdefault("width", picture.width)
        fields.setdefault("height", picture.height)
        fields.setdefault("tags", (("1girl", 0), ("long_hair", 0)))
        return ExportItem(
            id=seed,
            sha256=hashlib.sha256(data).hexdigest(),
            name=name or f"picture {seed}.jpg",
            read=fields.pop("read", lambda: data),
            format=encoding,
            **fields,
        )

    return make


@dataclass
class TrainerImage:
    """What sd-scripts holds about one picture."""

    path: Path
    caption: str
    size: tuple[int, int]
    repeats: int


def _read_folder(folder: Path, class_tokens: str, repeats: int, extension: str) -> list[TrainerImage]:
    found = []
    for path in sorted(folder.iterdir()):  # not recursive, suffixes in lower case
        if path.suffix not in {".png", ".jpg", ".jpeg", ".webp", ".bmp"}:
            continue
        caption = class_tokens
        beside = path.parent / (path.name.rpartition(".")[0] + extension)
        if beside.is_file():
            lines = beside.read_bytes().decode("utf-8").splitlines()
            caption = lines[0].strip()  # an empty file aborts the trainer here
        found.append(TrainerImage(path, caption, imagesize.get(str(path)), repeats))
    return found


@pytest.fixture
def read_folders() -> Callable[[Path, str], list[TrainerImage]]:
    """Read a --train_data_dir: only folders whose name starts with a number and an underscore."""

    def read(train: Path, extension: str = ".txt") -> list[TrainerImage]:
        found = []
        for folder in sorted(path for path in train.iterdir() if path.is_dir()):
            first, *rest = folder.name.split("_")
            if first.isdigit() and int(first) >= 1:
                found += _read_folder(folder, "_".join(rest), int(first), extension)
        return found

    return read


@pytest.fixture
def read_config() -> Callable[[Path], list[TrainerImage]]:
    """Read a --dataset_config with the package the trainer uses; it must hold nothing the trainer refuses."""
    general = {"enable_bucket": bool, "caption_extension": str, "shuffle_caption": bool, "keep_tokens": int}
    dataset = {
        "resolution": list,
        "batch_size": int,
        "min_bucket_reso": int,
        "max_bucket_reso": int,
        "bucket_reso_steps": int,
        "bucket_no_upscale": bool,
    }
    subset = {"image_dir": str, "class_tokens": str, "num_repeats": int}
    floats = {"caption_dropout_rate": float, "token_warmup_step": float}

    def check(found: dict[str, Any], known: dict[str, type]) -> None:
        for key, value in found.items():
            assert type(value) is known[key], key

    def read(file: Path) -> list[TrainerImage]:
        config = toml.loads(file.read_text(encoding="utf-8"))
        assert set(config) == {"general", "datasets"}
        check(config["general"], {**general, **floats})
        (only,) = config["datasets"]
        (inner,) = only.pop("subsets")
        check(only, dataset)
        check(inner, subset)
        return _read_folder(
            Path(inner["image_dir"]),
            inner["class_tokens"],
            inner["num_repeats"],
            config["general"]["caption_extension"],
        )

    return read

"""A few hundred pictures, as mixed as what people collect: series, copies, slips, captions."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from lorairo.demo.flowers import PETALS, open_flower
from lorairo.demo.light import colour, developed
from lorairo.demo.scenes import SCENES, Scene, hour_of
from lorairo.jobs import parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lorairo.demo.light import Hour, Random

ASPECTS = ((3, 2), (3, 2), (3, 2), (4, 3), (2, 3), (2, 3), (4, 5), (1, 1), (16, 9), (21, 9))
LONG_SIDES = (768, 768, 832, 896, 1024)
_MARGIN = 1.06  # drawn larger than shown, so that the takes of a series can differ
_ORIENTATION = 0x0112

# What follows a picture, and how often: copies as the web makes them, and slips of the photographer.
COPIES = ("resized", "recompressed", "cropped", "brighter")
SLIPS = ("blurred", "blurred", "dark", "monochrome", "turned")
_SHARES = {"series": 0.16, "copy": 0.20, "slip": 0.20}


@dataclass(frozen=True)
class Shot:
    """One file: which take of its subject, and what was done to it."""

    path: str
    take: int
    treatment: str = ""


@dataclass
class Subject:
    """One scene before the camera, and the files it gives."""

    name: str
    number: int
    seed: tuple[int, ...]
    size: tuple[int, int]
    shots: list[Shot] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        """What stands before the camera."""
        return SCENES[self.name]

    @property
    def hour(self) -> Hour:
        """The time of day; the same for every take."""
        return hour_of(self.scene, np.random.default_rng([*self.seed, 1]))


def draw_pictures(
    folder: Path,
    count: int = 300,
    seed: int = 0,
    *,
    workers: int | None = None,
    progress: Callable[[int, int, int], Any] | None = None,
) -> list[Path]:
    """Draw pictures into a folder, with captions beside some of them, and one damaged file.

    The same count and seed give the same pictures; those that are there are left as they are.

    Parameters
    ----------
    folder
        Made when missing.
    count
        Pictures, besides the damaged one.
    seed
        Of everything drawn by chance.
    workers
        Subjects drawn at a time; by default one per processor.
    progress
        Called with (done, count, 0).

    Returns
    -------
    list of Path
        The pictures, sorted; the damaged file is not among them.
    """
    subjects = plan(count, seed)
    for subject in subjects:
        (folder / subject.scene.folder).mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for files in parallel(partial(_shoot, folder), subjects, workers=workers):
        written += files
        if progress is not None:
            progress(len(written), count, 0)
    _write_captions(folder, subjects)
    if written:
        whole = written[0].read_bytes()
        (folder / "damaged.jpg").write_bytes(whole[: len(whole) * 2 // 5])
    return sorted(written)


def plan(count: int, seed: int) -> list[Subject]:
    """Decide what is drawn: every motif in turn by its weight, some in takes, some copied or spoilt."""
    random = np.random.default_rng([seed, 0])
    names = list(SCENES)
    weights = np.array([SCENES[name].weight for name in names])
    owed = np.zeros(len(names))
    subjects: list[Subject] = []
    left = count
    while left > 0:
        owed += weights * random.uniform(0.6, 1.4, len(names))
        chosen = int(owed.argmax())
        owed[chosen] -= weights.sum()
        subject = _subject(random, names[chosen], len(subjects), seed)
        subject.shots = subject.shots[:left]
        left -= len(subject.shots)
        subjects.append(subject)
    return subjects


def _subject(random: Random, name: str, number: int, seed: int) -> Subject:
    across, down = ASPECTS[int(random.integers(len(ASPECTS)))]
    long = LONG_SIDES[int(random.integers(len(LONG_SIDES)))]
    size = (long, round(long * down / across)) if across >= down else (round(long * across / down), long)
    subject = Subject(name, number, (seed, number + 1), size)
    stem = f"{SCENES[name].folder}/{name}_{number:03}"
    if name.startswith("flower_") and random.random() < 0.3:  # noqa: PLR2004 - a share
        subject.shots = [Shot(f"{stem}.png", 0, "cut_out")]
        return subject
    takes = int(random.integers(3, 6)) if random.random() < _SHARES["series"] else 1
    subject.shots = [Shot(f"{stem}{f'_{take + 1}' if takes > 1 else ''}.jpg", take) for take in range(takes)]
    if random.random() < _SHARES["copy"]:
        for copy in random.choice(COPIES, int(random.integers(1, 3)), replace=False):
            subject.shots.append(Shot(f"{stem}_{copy}.jpg", 0, str(copy)))
    if random.random() < _SHARES["slip"]:
        slip = str(random.choice(SLIPS))
        subject.shots.append(Shot(f"{stem}_{slip}.jpg", takes, slip))
    return subject


def _shoot(folder: Path, subject: Subject) -> list[Path]:
    """Draw one subject and write every file it gives."""
    files = [folder / shot.path for shot in subject.shots]
    if all(file.is_file() for file in files):
        return files
    if subject.shots[0].treatment == "cut_out":
        buffer = io.BytesIO()
        _cut_out(subject).save(buffer, "PNG", compress_level=3)
        _write_whole(files[0], buffer.getvalue())
        return files
    width, height = subject.size
    canvas = (round(height * _MARGIN), round(width * _MARGIN))
    light = subject.scene.draw(np.random.default_rng(subject.seed), canvas, subject.hour)
    takes: dict[int, Image.Image] = {}
    for shot, file in zip(subject.shots, files, strict=True):
        if shot.take not in takes:
            takes[shot.take] = _take(subject, light, shot.take)
        _write_whole(file, _treated(takes[shot.take], shot, subject))
    return files


def _write_whole(file: Path, data: bytes) -> None:
    """Write a file that is whole as soon as it is there, as a file that is there is not drawn again."""
    part = file.with_name(file.name + ".part")
    part.write_bytes(data)
    part.replace(file)


def _take(subject: Subject, light: np.ndarray[Any, np.dtype[np.float32]], take: int) -> Image.Image:
    """Photograph a scene: takes differ in framing, exposure and white balance, as by hand."""
    random = np.random.default_rng([*subject.seed, 100 + take])
    width, height = subject.size
    spare = light.shape[0] - height, light.shape[1] - width
    top, left = (int(random.integers(0, room + 1)) for room in spare)
    return developed(
        random,
        light[top : top + height, left : left + width],
        exposure=float(np.exp(random.normal(0, 0.10 if take else 0.04))),
        warmth=float(random.normal(0, 0.35)),
        grain=float(random.uniform(0.006, 0.016)),
    )


def _treated(image: Image.Image, shot: Shot, subject: Subject) -> bytes:
    """Do to a photograph what happens to photographs, and encode it."""
    random = np.random.default_rng([*subject.seed, 200 + len(shot.path)])
    quality, exif = 90, Image.Exif()
    width, height = image.size
    match shot.treatment:
        case "resized":
            share = float(random.uniform(0.5, 0.75))
            image = image.resize((round(width * share), round(height * share)), Image.Resampling.LANCZOS)
        case "recompressed":
            quality = int(random.integers(28, 50))
        case "cropped":
            cut = float(random.uniform(0.03, 0.06))
            image = image.crop(
                (round(width * cut), round(height * cut), round(width * (1 - cut / 2)), height)
            )
        case "brighter":
            image = ImageEnhance.Brightness(image).enhance(float(random.uniform(1.15, 1.3)))
        case "blurred":
            image = image.filter(ImageFilter.GaussianBlur(max(image.size) / float(random.uniform(110, 150))))
        case "dark":
            image = ImageEnhance.Brightness(image).enhance(float(random.uniform(0.12, 0.22)))
        case "monochrome":
            image = image.convert("L").convert("RGB")
        case "turned":  # as a telephone held upright stores it: lying, with a note which way is up
            image = image.transpose(Image.Transpose.ROTATE_90)
            exif[_ORIENTATION] = 6
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, exif=exif)
    return buffer.getvalue()


def _cut_out(subject: Subject) -> Image.Image:
    """Draw a flower without background.

    Drawn once on black and once on white: where both agree it is opaque, where they differ it is not there.
    """
    side = min(subject.size)
    tint = subject.name.removeprefix("flower_")
    assert tint in PETALS
    drawn = []
    for ground in (0.0, 1.0):
        light = np.full((side, side, 3), ground, dtype=np.float32)
        open_flower(np.random.default_rng(subject.seed), light, tint)
        drawn.append(light)
    cover = np.clip(1 - (drawn[1] - drawn[0]).mean(axis=2), 0, 1)
    light = drawn[0] / np.maximum(cover, 1e-3)[..., None]
    photograph = developed(np.random.default_rng([*subject.seed, 100]), light + colour(0, 0, 0), grain=0.005)
    photograph.putalpha(Image.fromarray((cover * 255 + 0.5).astype(np.uint8)))
    return photograph


# ------------------------------------------------------------------------------------------------ captions


def _write_captions(folder: Path, subjects: Sequence[Subject]) -> None:
    """Write what lies beside the pictures: tags, sentences, ``.caption`` files and a ``metadata.jsonl``."""
    lines = []
    for subject in subjects:
        scene = subject.scene
        tags, words = (
            ", ".join(scene.all_tags(subject.hour.name)).replace("_", " "),
            scene.words(subject.hour.name),
        )
        for shot in subject.shots:
            path = folder / shot.path
            if scene.folder in ("flowers", "sea"):
                _write(path.with_suffix(".txt"), tags)
            elif scene.folder == "still_life":
                _write(path.with_suffix(".txt"), words)
            elif scene.folder == "wood":
                _write(path.with_suffix(".caption"), words)
            elif scene.folder == "fields":
                lines.append(json.dumps({"file_name": path.name, "text": words}))
    if lines:
        _write(folder / "fields" / "metadata.jsonl", "\n".join(lines))


def _write(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="utf-8", newline="\n")

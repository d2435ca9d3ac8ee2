from __future__ import annotations

from typing import TYPE_CHECKING

import imagesize
import pytest
from PIL import Image

from lorairo.exporters import find
from lorairo.exporters.plan import ExportItem
from lorairo.images import Rejected, read_facts

if TYPE_CHECKING:
    from pathlib import Path


LARGE = 10_000_000  # pixels; more of them test the patience of the reader and nothing else


def accepted(folder: Path) -> list[ExportItem]:
    items = []
    for number, file in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        try:
            facts = read_facts(file.read_bytes())
        except Rejected:
            continue
        if facts.width * facts.height > LARGE:
            continue
        items.append(
            ExportItem(
                id=number,
                sha256=facts.sha256.hex(),
                name=file.name,
                width=facts.width,
                height=facts.height,
                read=file.read_bytes,
                tags=(("tag", 0),),
                alpha=facts.alpha,
                format=facts.format,
            )
        )
    return items


@pytest.mark.parametrize("image_format", ["png", "keep"])
def test_whatever_came_in_goes_out_as_the_trainer_wants_it(shared: Path, tmp_path: Path, image_format: str):
    items = accepted(shared / "data" / "hostile" / "files")
    assert len(items) > 20
    planned = find("kohya").plan(items, tmp_path / "out", image_format=image_format)
    result = planned.write()
    assert result.count == len(items), result.failed.to_string()
    for placed in planned.placements:
        file = result.path / placed.file
        upright = (placed.item.width, placed.item.height)
        assert imagesize.get(str(file)) == upright, placed.item.name
        with Image.open(file) as image:
            assert (image.mode, image.size) == ("RGB", upright), placed.item.name
            assert image.getexif().get(0x0112, 1) == 1
            assert getattr(image, "n_frames", 1) == 1

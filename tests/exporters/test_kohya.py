from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from lorairo.errors import ArgumentError, Error, ExportError
from lorairo.exporters import find
from lorairo.images.buckets import BucketRules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.exporters.plan import ExportItem, ExportPlan

    Make = Callable[..., ExportItem]

SMALL = {"resolution": 256, "min_bucket_reso": 128}


def plan(items: list[ExportItem], out: Path, **options: Any) -> ExportPlan:
    return find("kohya").plan(items, out, workers=2, **{**SMALL, **options})


@pytest.fixture
def set_of_four(make_item: Make) -> list[ExportItem]:
    sizes = [(320, 240), (240, 320), (300, 300), (640, 300)]
    return [make_item(seed, size=size) for seed, size in enumerate(sizes, 1)]


def test_folders_as_the_trainer_reads_them(set_of_four: list[ExportItem], tmp_path: Path, read_folders: Any):
    result = plan(set_of_four, tmp_path / "out", trigger="zxc girl", repeats=3).write()
    found = read_folders(result.path)
    assert [image.path.name for image in found] == [f"picture-{number}.png" for number in range(1, 5)]
    assert {image.caption for image in found} == {"zxc girl, 1girl, long hair"}
    assert {image.repeats for image in found} == {3}
    assert [image.size for image in found] == [(item.width, item.height) for item in set_of_four]
    assert (result.count, len(result.failed)) == (4, 0)
    assert repr(result) == f"Wrote 4 images to {tmp_path / 'out'}"


def test_config_as_the_trainer_reads_it(set_of_four: list[ExportItem], tmp_path: Path, read_config: Any):
    planned = plan(
        set_of_four,
        tmp_path / "out",
        layout="toml",
        trigger="zxc girl",
        shuffle_caption=True,
        caption_dropout_rate=0,
    )
    found = read_config(planned.write().path / "dataset.toml")
    assert len(found) == 4
    assert found[0].caption == "zxc girl, 1girl, long hair"
    assert found[0].repeats == 10
    assert found[0].path.is_absolute()


def test_the_trigger_is_kept_in_front_when_captions_are_shuffled(
    set_of_four: list[ExportItem], tmp_path: Path
):
    planned = plan(
        set_of_four, tmp_path / "out", layout="toml", trigger="zxc, red cape", shuffle_caption=True
    )
    assert b"keep_tokens = 2\n" in planned.documents["dataset.toml"]


def test_caption_files_are_one_line_of_utf8(make_item: Make, tmp_path: Path):
    item = make_item(1, tags=(), caption="  Ein Mädchen\r\nauf einer Brücke.\n\n日本  ")
    result = plan([item], tmp_path / "out", captions="prose").write()
    (caption,) = result.path.glob("*/*.txt")
    assert caption.read_bytes() == "Ein Mädchen auf einer Brücke. 日本".encode()


def test_pre_resized_pictures_are_their_buckets(
    set_of_four: list[ExportItem], tmp_path: Path, read_folders: Any
):
    planned = plan(set_of_four, tmp_path / "out", resize="bucket")
    found = read_folders(planned.write().path)
    rules = BucketRules((256, 256), min_size=128)
    assert [image.size for image in found] == [rules.assign((i.width, i.height)).bucket for i in set_of_four]
    assert all(rules.assign(image.size).cropped == 0 for image in found)


@pytest.mark.parametrize("image_format", ["png", "jpg", "webp", "keep"])
def test_orientation_is_baked_and_alpha_flattened(make_item: Make, tmp_path: Path, image_format: str):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = make_item(1, size=(320, 200), width=200, height=320, saved={"exif": exif})
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (0, 0, 150, 300))
    see_through = make_item(2, image=clear, encoding="PNG", alpha=True)
    result = plan(
        [turned, see_through], tmp_path / "out", image_format=image_format, background="#00ff00"
    ).write()
    first, second = sorted(path for path in result.path.glob("*/*") if path.suffix != ".txt")
    with Image.open(first) as image:
        assert (image.mode, image.size) == ("RGB", (200, 320))
        assert 0x0112 not in image.getexif()
    with Image.open(second) as image:
        assert image.mode == "RGB"
        red, green, blue = image.getpixel((280, 10))
        assert (green, red, blue) == pytest.approx((255, 0, 0), abs=6)
    assert first.suffix == {"keep": ".jpg"}.get(image_format, f".{image_format}")


def test_keep_copies_what_every_trainer_reads_right(make_item: Make, tmp_path: Path):
    item = make_item(1, saved={"quality": 71})
    result = plan([item], tmp_path / "out", image_format="keep").write()
    (written,) = result.path.glob("*/*.jpg")
    assert written.read_bytes() == item.read()


def test_names_that_collide_get_numbers(make_item: Make, tmp_path: Path):
    names = ["a.png", "a.jpg", "A.webp", "a-2.png", "ä b.c.png", "日本.png", "con.png", "x_1_2_3_4_5.png"]
    items = [make_item(seed, name=name) for seed, name in enumerate(names, 1)]
    result = plan(items, tmp_path / "out").write()
    stems = [path.stem for path in result.path.glob("*/*.png")]
    assert len({stem.casefold() for stem in stems}) == len(names)
    assert all("_" not in stem and "." not in stem and stem.isascii() for stem in stems)
    manifest = json.loads(result.manifest.read_text(encoding="utf-8"))
    assert sorted(image["source"] for image in manifest["images"]) == sorted(names)


def test_numbered_names(make_item: Make, tmp_path: Path):
    items = [make_item(seed, name=f"{'cba'[seed]}.png") for seed in range(3)]
    planned = plan(items, tmp_path / "out", names="number", prefix="my dog")
    assert [placed.file.split("/")[1] for placed in planned.placements] == [
        "my-dog-0003.png",
        "my-dog-0002.png",
        "my-dog-0001.png",
    ]


def test_the_same_export_twice_differs_in_its_time_only(set_of_four: list[ExportItem], tmp_path: Path):
    first = plan(set_of_four, tmp_path / "a", trigger="zxc").write()
    second = plan(list(reversed(set_of_four)), tmp_path / "b", trigger="zxc").write()
    manifests = [json.loads(result.manifest.read_text(encoding="utf-8")) for result in (first, second)]
    assert all(manifest.pop("written_at") for manifest in manifests)
    assert manifests[0] == manifests[1]
    assert str(tmp_path) not in first.manifest.read_text(encoding="utf-8")


def test_an_image_that_cannot_be_read_is_named_and_the_rest_goes_on(
    set_of_four: list[ExportItem], make_item: Make, tmp_path: Path, read_folders: Any
):
    def gone() -> bytes:
        raise Error("the disk was taken away")

    broken = make_item(9, name="gone.jpg", read=gone)
    cut = make_item(10, name="cut.jpg", read=lambda: set_of_four[0].read()[:400])
    seen = []
    result = plan([*set_of_four, broken, cut], tmp_path / "out").write(lambda *now: seen.append(now))
    assert result.failed["name"].tolist() == ["gone.jpg", "cut.jpg"]
    assert "taken away" in result.failed["reason"][0]
    assert len(read_folders(result.path)) == result.count == 4
    assert seen[-1] == (6, 6, 2)
    assert "left out 2" in result.message


def test_nothing_is_written_when_nothing_can_be_read(make_item: Make, tmp_path: Path):
    with pytest.raises(ExportError, match="no image could be read"):
        plan([make_item(1, read=lambda: b"no picture")], tmp_path / "out").write()
    assert list(tmp_path.iterdir()) == []


def test_images_without_caption_stop_the_export_or_train_on_the_class_tokens(
    set_of_four: list[ExportItem], make_item: Make, tmp_path: Path, read_folders: Any
):
    items = [*set_of_four, make_item(5, name="bare.jpg", tags=())]
    planned = plan(items, tmp_path / "out", trigger="zxc girl")
    assert planned.errors == ["1 image needs tags"]
    with pytest.raises(ExportError, match="1 image needs tags"):
        planned.write()
    assert list(tmp_path.iterdir()) == []
    result = plan(items, tmp_path / "out", trigger="zxc girl", missing="omit").write()
    assert not (result.path / "10_zxc girl" / "bare.txt").exists()
    assert {image.path.stem: image.caption for image in read_folders(result.path)}["bare"] == "zxc girl"


def test_meta_tags_artists_and_ratings_stay_out_by_default(make_item: Make, tmp_path: Path):
    tags = (("saber_(fate)", 4), ("highres", 5), ("some_artist", 1), ("rating:general", 9), ("^_^", 0))
    assert plan([make_item(1, tags=tags)], tmp_path / "out").placements[0].caption == "saber (fate), ^_^"
    kept = plan([make_item(1, tags=tags)], tmp_path / "out", skip_categories=(), underscores=True)
    assert kept.placements[0].caption == "saber_(fate), highres, some_artist, rating:general, ^_^"


def test_plan_tables(set_of_four: list[ExportItem], tmp_path: Path):
    planned = plan(set_of_four, tmp_path / "out", repeats=3, batch_size=2)
    assert planned.items.index.tolist() == [1, 2, 3, 4]
    assert planned.items.loc[3, "bucket"] == "256x256"
    assert planned.items.loc[3, "crop"] == (0, 0, 256, 256)
    assert planned.buckets["images"].sum() == 4
    assert planned.steps == sum(-(-images * 3 // 2) for images in planned.buckets["images"])
    assert planned.buckets["images"].tolist() == [1, 2, 1]
    assert planned.buckets["last_batch"].tolist() == [1, 2, 1]
    assert list(planned.lint.columns) == ["level", "rule", "images", "message", "fix", "ids"]
    assert not (tmp_path / "out").exists()


def test_the_html_of_a_plan_holds_text_and_no_script(make_item: Make, tmp_path: Path):
    evil = '<img src=x onerror="alert(1)">'
    planned = plan(
        [make_item(1, caption=evil, name=f"{evil}.jpg")], tmp_path / "out", captions="prose", trigger=evil[:4]
    )
    page = planned._repr_html_()
    assert "<img" not in page
    assert "&lt;img" in page
    assert "plan.write()" in repr(planned)


def test_an_empty_plan_says_so(tmp_path: Path):
    planned = plan([], tmp_path / "out")
    assert planned.errors == ["there are no images"]
    assert planned.steps == 0
    assert "there are no images" in planned._repr_html_()


def test_what_was_written_is_recorded(set_of_four: list[ExportItem], tmp_path: Path):
    seen = []
    planned = find("kohya").plan(set_of_four, tmp_path / "out", record=seen.append, trigger="zxc", **SMALL)
    result = planned.write()
    assert seen == [result]
    assert result.settings["trigger"] == "zxc"
    assert len(result.manifest_sha256) == 32
    json.dumps(result.settings)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repeat": 3}, "did you mean 'repeats'"),
        ({"image_format": "jpeg"}, "image_format='jpeg'"),
        ({"layout": "tomle"}, "did you mean 'toml'"),
        ({"repeats": 0}, "repeats=0"),
        ({"quality": 101}, "quality=101"),
        ({"background": "sky"}, "background='sky'"),
        ({"trigger": "two\nlines"}, "one line"),
        ({"class_tokens": "a/b"}, "name of a folder"),
        ({"class_tokens": "ends."}, "name of a folder"),
        ({"caption_extension": ".png"}, "another kind of file"),
        ({"shuffle_caption": True}, 'layout="toml"'),
        ({"resolution": 1024, "max_bucket_reso": 960}, "raise it to 1024"),
        ({"profile": "sdx"}, "did you mean 'sdxl'"),
        ({"profile": "z-image"}, "does not train z-image, only sd15, sdxl,"),
        ({"profile": "z-image"}, 'export("sidecars", ..., images="copy")'),
    ],
)
def test_arguments_that_mean_nothing(make_item: Make, tmp_path: Path, options: dict[str, Any], said: str):
    with pytest.raises(ArgumentError) as caught:
        find("kohya").plan([make_item(1)], tmp_path / "out", **options)
    assert said in str(caught.value)
    assert isinstance(caught.value, TypeError)


def test_profiles_choose_resolution_and_form(make_item: Make, tmp_path: Path):
    item = make_item(1, caption="A girl.")
    flux = find("kohya").plan([item], tmp_path / "out", profile="flux", trigger="zxc")
    assert flux.placements[0].caption == "zxc, A girl."
    assert flux.settings["resolution"] == [1024, 1024]
    assert find("kohya").plan([item], tmp_path / "out", profile="sd15").settings["resolution"] == [512, 512]


def test_options_can_be_text_as_a_command_line_gives_them(make_item: Make, tmp_path: Path):
    options = {
        "resolution": "512x768",
        "repeats": "4",
        "bucket_no_upscale": "true",
        "skip_categories": "meta",
    }
    planned = find("kohya").plan([make_item(1)], tmp_path / "out", **options)
    assert planned.settings["resolution"] == [512, 768]
    assert planned.repeats == 4
    assert planned.settings["skip_categories"] == ["meta"]

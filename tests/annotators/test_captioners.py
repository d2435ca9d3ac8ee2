from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import tiny_captioners as tiny
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tiny_captioners import picture, row

from lorairo import config
from lorairo.annotators.chat import Chat
from lorairo.captions.spoken import tidy
from lorairo.errors import ModelError
from lorairo.images import Rejected
from lorairo.inference import registry
from lorairo.inference.captioning import fitted
from lorairo.inference.loading import SHIPPED
from lorairo.inference.specs import Files
from lorairo.inference.torch_runtime import Runtime, import_transformers
from lorairo.inference.weights import fetch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.inference.captioning import Captioner

MAKERS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "blip": ("blip", tiny.blip),
    "blip2": ("blip", tiny.blip2),
    "florence2": ("florence", tiny.florence),
    "llava": ("chat", tiny.llava),
    "joy": ("chat", lambda folder: tiny.llava(folder, tiny.PLAIN)),
    "qwen2": ("chat", lambda folder: tiny.qwen(folder, 2)),
    "qwen3": ("chat", lambda folder: tiny.qwen(folder, 3)),
}
CHATS = [name for name, (backend, _) in MAKERS.items() if backend == "chat"]
SHAPES = [("red", (96, 64)), ("green", (64, 160)), ("blue", (120, 120))]


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders of models, each made when it is first asked for."""
    place, made = tmp_path_factory.mktemp("captioners"), {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = MAKERS[name][1](place / name)
        return made[name]

    return folder


@pytest.fixture
def load(folders: Callable[[str], Path]) -> Callable[..., Captioner]:
    """Load a captioner by its name here, through its folder and its row."""

    def loaded(name: str, **generation: Any) -> Any:
        if MAKERS[name][0] == "florence":
            generation = {"prompt": "<CAPTION>", **generation}
        spec = row(folders(name), MAKERS[name][0], **generation)
        return SHIPPED[spec.backend].load()(spec, weights=fetch(spec))

    return loaded


def captions(model: Captioner, pictures: list[Image.Image], batch: int = 1) -> list[str | None]:
    model.batch = batch
    return [said.caption for said in model.infer([model.prepare(one) for one in pictures])]


def encoded(image: Image.Image, kind: str = "PNG", **told: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **told)
    return out.getvalue()


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_said_follows_from_the_picture_alone(load: Callable[..., Captioner], name: str):
    model, pictures = load(name), [picture(*shape) for shape in SHAPES]
    alone = captions(model, pictures)
    assert len(set(alone)) == 3
    assert all(text == text.strip() != "" for text in alone if text is not None)
    assert captions(model, pictures, batch=3) == alone  # whatever is in the batch beside it
    assert captions(model, pictures[::-1], batch=2) == alone[::-1]
    assert model.revision.startswith("sha256:")


@pytest.mark.parametrize("name", ["blip", "llava"])
def test_colours_reach_the_network_as_it_was_trained(load: Callable[..., Any], name: str):
    model = load(name)
    pixels = model.inputs([model.prepare(Image.new("RGB", (50, 40), (255, 51, 0)))])["pixel_values"][0]
    mean = np.array([0.48145466, 0.4578275, 0.40821073])
    std = np.array([0.26862954, 0.26130258, 0.27577711])
    expected = (np.array([1.0, 0.2, 0.0]) - mean) / std
    assert pixels[:, 16, 16].tolist() == pytest.approx(expected.tolist(), abs=1e-4)
    assert pixels[:, 16, 16].tolist() != pytest.approx(expected[::-1].tolist(), abs=1e-2)
    # Resized by Pillow, whether torchvision is here or not.
    image = Image.effect_mandelbrot((90, 70), (-2, -1.5, 1, 1.5), 60).convert("RGB")
    pixels = model.inputs([model.prepare(image)])["pixel_values"][0]
    width, height = (32, 32) if name == "blip" else (41, 32)
    small = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC), np.float64) / 255
    left = (width - 32) // 2
    expected = ((small[:, left : left + 32] - mean) / std).transpose(2, 0, 1)
    assert np.abs(pixels.numpy() - expected).max() < 0.02


def test_pictures_are_shown_upright_on_white_and_no_larger_than_asked(load: Callable[..., Any]):
    model = load("llava", max_pixels=2000, min_pixels=1000)
    turned = Image.Exif()
    turned[0x0112] = 6
    wide = Image.new("RGB", (80, 40), "red")
    assert model.prepare(encoded(wide, "JPEG", exif=turned)).size == (31, 63)
    clear = Image.new("RGBA", (40, 40), (10, 20, 30, 0))
    assert model.prepare(encoded(clear)).getpixel((5, 5)) == (255, 255, 255)
    assert model.prepare(encoded(Image.new("RGB", (10, 10)))).size == (32, 32)
    with pytest.raises(Rejected):
        model.prepare(b"no picture")


def test_a_picture_keeps_its_proportions():
    for size, least, most in [((4000, 1000), 1, 10_000), ((3, 2000), 1, 1000), ((10, 20), 5000, 9000)]:
        found = fitted(Image.new("RGB", size), least, most)
        assert least <= found.width * found.height <= most
        assert found.width / found.height == pytest.approx(size[0] / size[1], rel=0.35)


def test_the_prompt_is_asked_and_not_part_of_the_caption(load: Callable[..., Any]):
    seen = [picture(*shape) for shape in SHAPES]
    brief, system = load("llava", prompt="brief ?"), load("llava", prompt="brief ?", system="you are small")
    assert brief._text == "<s>user : <image> brief ? assistant : "
    assert system._text == "<s>system : you are small user : <image> brief ? assistant : "
    assert not any(text.startswith(("brief", "user")) for text in captions(brief, seen) if text)
    assert captions(brief, seen) != captions(load("llava"), seen)
    ids = brief.inputs([seen[0]])["input_ids"][0].tolist()
    assert ids.count(tiny.SPECIALS.index("<s>")) == 1
    assert ids.count(tiny.SPECIALS.index("<image>")) == 16


def test_templates_that_place_the_picture_themselves(load: Callable[..., Any]):
    model = load("joy", prompt="describe this", system="you are small")
    assert model._text == "system : you are small user : <image> describe this assistant : "


def test_templates_that_mark_the_picture_otherwise(tmp_path: Path):
    template = tiny.TEMPLATE.replace("<image>", "<|vision_start|>")
    spec = row(tiny.llava(tmp_path / "marks", template), "chat", prompt="brief ?")
    assert Chat(spec, weights=fetch(spec))._text == "<s>user : <|vision_start|> brief ? assistant : "


def test_a_template_without_a_place_for_pictures(tmp_path: Path):
    template = "{% for m in messages %}{{ 1 // 0 }}{% endfor %}"
    folder = tiny.llava(tmp_path / "blind", template)
    spec = row(folder, "chat")
    with pytest.raises(ModelError, match="blind: its chat template shows no place for a picture"):
        Chat(spec, weights=fetch(spec))


def test_the_beginning_of_a_caption_stays_and_a_question_goes(load: Callable[..., Any]):
    seen = [picture(*SHAPES[0])]
    (begun,) = captions(load("blip", prompt="the red"), seen)
    assert begun is not None
    assert begun.startswith("the red")
    (answered,) = captions(load("blip2", prompt="brief ?"), seen)
    assert answered is not None
    assert "brief" not in answered


def test_florence_answers_a_task(load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    model = load("florence2", prompt="<OD>", num_beams=2)
    inputs = model.inputs([picture(*SHAPES[0])])
    asked = model.processor.decode(inputs["input_ids"][0], skip_special_tokens=True)
    assert "image" in asked  # the task is spelled out for it
    boxes = "</s><s>dog<loc_1><loc_2><loc_300><loc_400>red cat<loc_5><loc_6><loc_7><loc_8></s>"
    monkeypatch.setattr(model.processor, "decode", lambda *_, **__: boxes)
    said = model.said(picture(*SHAPES[0]), None, inputs)
    assert (said.caption, dict(said.tags)) == (None, {"dog": 1.0, "red cat": 1.0})
    assert said.raw == boxes


@pytest.mark.parametrize("name", CHATS)
def test_answers_end_where_they_are_to(load: Callable[..., Any], name: str):
    model = load(name, max_new_tokens=2)
    (said,) = model.infer([model.prepare(picture(*SHAPES[0]))])
    assert said.tokens_out == 2


def test_with_a_temperature_tokens_are_drawn(load: Callable[..., Any]):
    model, seen = load("llava", temperature=5.0, max_new_tokens=12), [picture(*SHAPES[0])]
    assert len({captions(model, seen)[0] for _ in range(6)}) > 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" a dog on grass \n", "a dog on grass"),
        ("a cat cat cat cat", "a cat"),
        ("A dog. It is red. It is red. It is red.", "A dog. It is red."),
        ("it was very very good", "it was very very good"),
        ("first line\nsecond line second line second line", "first line\nsecond line"),
        ("no no no", "no"),
        ("", ""),
    ],
)
def test_a_loop_at_the_end_is_cut(text: str, kept: str):
    assert tidy(text) == kept


def test_what_was_cut_stays_as_the_raw_answer(load: Callable[..., Any]):
    model = load("llava")
    (said,) = model.infer([model.prepare(picture("red"))])
    assert said.raw is not None
    assert said.raw.startswith(said.caption)
    assert tidy(said.raw) == said.caption


def test_a_batch_that_does_not_fit_is_halved(load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    model, seen = load("llava"), [picture(*SHAPES[n % 3]) for n in range(8)]
    alone, generate, tried = captions(model, seen), model.network.generate, []

    def short(**inputs: Any) -> Any:
        tried.append(len(inputs["pixel_values"]))
        if tried[-1] > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return generate(**inputs)

    monkeypatch.setattr(model.network, "generate", short)
    assert captions(model, seen, batch=8) == alone
    assert tried == [8, 4, 2, 2, 2, 2]
    assert model.batch == 2
    monkeypatch.setattr(model.network, "generate", lambda **_: torch.empty(1 << 60))
    with pytest.raises(ModelError, match="llava does not fit into memory"):
        model.infer([model.prepare(seen[0])])


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: an illegal memory access was encountered\nCompile with TORCH_USE_CUDA_DSA"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
    ],
)
def test_a_device_that_died_is_one_clear_error(
    load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, error: Exception
):
    model = load("llava")

    def die(**_: Any) -> None:
        raise error

    monkeypatch.setattr(model.network, "generate", die)
    with pytest.raises(ModelError) as caught:
        model.infer([model.prepare(picture("red"))])
    said = str(caught.value)
    assert said.startswith("llava: cpu failed and cannot be used again in this kernel: ")
    assert "Restart the kernel" in said
    assert "TORCH_USE" not in said


def copied(folders: Callable[[str], Path], tmp_path: Path) -> tuple[Path, Any]:
    folder = tiny.llava(tmp_path / "copy")
    return folder / "model.safetensors", row(folder, "chat")


def test_a_damaged_file_is_named(folders: Callable[[str], Path], tmp_path: Path):
    file, spec = copied(folders, tmp_path)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(ModelError, match=r"copy: .*copy cannot be loaded: .*fetched again"):
        Chat(spec, weights=fetch(spec))


@pytest.mark.parametrize("name", ["blip", "blip2", "florence2", "llava", "qwen3"])
def test_half_numbers_do_for_every_family(load: Callable[..., Any], name: str):
    config.set("models.dtype", "bfloat16")
    model = load(name)
    assert {weights.dtype for weights in model.network.parameters()} == {torch.bfloat16}
    assert all(captions(model, [picture(*shape) for shape in SHAPES], batch=3))


def test_on_a_gpu_weights_go_straight_to_it(load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    seen = [picture(*shape) for shape in SHAPES]
    expected, places = captions(load("llava"), seen), []
    auto = import_transformers().AutoModelForImageTextToText
    original = auto.from_pretrained

    def watched(*args: Any, **told: Any) -> Any:
        places.append(told.get("device_map"))
        return original(*args, **told)

    monkeypatch.setattr(Runtime, "on_gpu", True)  # a processor that stands in for one
    monkeypatch.setattr(auto, "from_pretrained", watched)
    model = load("llava")
    assert (places, model.batch) == (["cpu"], 4)
    assert captions(model, seen, batch=2) == expected


def test_a_library_that_a_processor_wants_is_named(load: Callable[..., Any], monkeypatch: pytest.MonkeyPatch):
    def wanting(*_: object, **__: object) -> None:
        raise ImportError("\nQwen2VLVideoProcessor requires the Torchvision library.")

    monkeypatch.setattr(import_transformers().AutoProcessor, "from_pretrained", wanting)
    with pytest.raises(
        ModelError, match=r"requires the Torchvision library\. Run: pip install \"lorairo\[torch\]"
    ):
        load("qwen2")


def test_weights_of_another_model_are_not_taken_for_its_own(folders: Callable[[str], Path], tmp_path: Path):
    file, spec = copied(folders, tmp_path)
    weights = load_file(file)
    lost = next(name for name in weights if "q_proj" in name)
    save_file({name: one for name, one in weights.items() if name != lost}, file, {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 tensors of the network, .*q_proj"):
        Chat(spec, weights=fetch(spec))


def test_code_of_yet_another_repository_is_not_run(
    folders: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file, spec = copied(folders, tmp_path)
    config = json.loads((file.parent / "config.json").read_text())
    config["auto_map"] = {"AutoModelForImageTextToText": "someone/else--modeling.Model"}
    (file.parent / "config.json").write_text(json.dumps(config))
    asked = spec.model_copy(update={"remote_code": True})
    with pytest.raises(ModelError, match="code of another repository"):
        Chat(asked, weights=fetch(asked))


def test_code_in_a_folder_is_not_run_unless_the_row_says_so(
    folders: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    file, spec = copied(folders, tmp_path)
    mark = tmp_path / "was run"
    code = (
        f"open({str(mark)!r}, 'w').close()\n"
        "from transformers import LlavaConfig\n"
        "class Config(LlavaConfig):\n    pass\n"
    )
    (file.parent / "own.py").write_text(code, encoding="utf-8")
    config = json.loads((file.parent / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "own.Config"}
    (file.parent / "config.json").write_text(json.dumps(config))
    before = fetch(spec).revision
    Chat(spec, weights=fetch(spec))
    assert not mark.exists()
    agreed = spec.model_copy(
        update={"remote_code": True, "files": Files(patterns=[*spec.files.patterns, "*.py"])}
    )
    with pytest.raises(ModelError, match="Config"):  # it brings no network for its config
        Chat(agreed, weights=fetch(agreed))
    assert mark.exists()
    assert fetch(agreed).revision != before, "code that is run belongs to the revision"


def test_two_threads_may_ask_at_once(load: Callable[..., Any]):
    model, seen = load("llava"), [picture(*SHAPES[n % 3]) for n in range(12)]
    alone = captions(model, seen)
    model.batch = 2
    prepared = [model.prepare(one) for one in seen]
    with ThreadPoolExecutor(3) as pool:
        parts = pool.map(model.infer, [prepared[start : start + 4] for start in range(0, 12, 4)])
        assert [said.caption for part in parts for said in part] == alone


def test_the_captioners_that_are_listed():
    rows = {name: spec for name, spec in registry.specs().items() if spec.kind == "captioner"}
    assert {"blip-large", "blip2-opt-2.7b", "florence-2-large", "joycaption-beta-one", "qwen3-vl-8b"} <= set(
        rows
    )
    for spec in rows.values():
        assert spec.backend in SHIPPED
        assert spec.backend in registry.NEEDS
        assert spec.generation is not None
        assert not any(pattern.endswith((".bin", ".py")) for pattern in spec.files.patterns)
        assert "*.safetensors" in spec.files.patterns
        assert spec.repo
        assert spec.licence
        assert spec.megabytes
        assert not spec.remote_code


@pytest.mark.parametrize("name", MAKERS)
def test_a_folder_tells_its_family(folders: Callable[[str], Path], name: str):
    spec = registry.find(folders(name))
    assert (spec.kind, spec.backend) == ("captioner", MAKERS[name][0])
    assert registry.row_of(spec).available


def test_nothing_is_printed(
    load: Callable[..., Any], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        captions(load("qwen2"), [picture("red")])
        captions(load("blip"), [picture("red")])
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_shared_stand_ins_speak_too(shared: Path, tmp_path: Path):
    script = shared / "tools" / "make_tiny_models.py"
    made = [sys.executable, str(script), str(tmp_path), "--only", "blip", "llava"]
    subprocess.run(made, check=True, capture_output=True)
    for name, backend in (("blip-tiny", "blip"), ("llava-tiny", "chat")):
        spec = row(tmp_path / name, backend, max_new_tokens=8)
        model = SHIPPED[backend].load()(spec, weights=fetch(spec))
        said = captions(model, [picture(*shape) for shape in SHAPES], batch=3)
        assert all(said)
        assert len(set(said)) >= 2

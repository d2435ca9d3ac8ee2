"""Networks over pictures of a few thousand numbers: the real classes of transformers, made on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from PIL import Image, ImageDraw

from lorairo.inference.specs import Files, ModelSpec
from lorairo.inference.torch_runtime import import_transformers

if TYPE_CHECKING:
    from pathlib import Path

FILES = Files(patterns=["*.json", "*.safetensors"])
SEEN = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 32,
    "patch_size": 8,
}
READ = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 16,
    "eos_token_id": 63,  # the place of a text is read off there
}


def picture(colour: str, size: tuple[int, int] = (96, 64)) -> Image.Image:
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).ellipse((8, 8, size[0] // 2, size[1] // 2), fill="white")
    return image


def row(folder: Path, backend: str = "embedder", kind: str = "embedder", **more: Any) -> ModelSpec:
    return ModelSpec(name=folder.name, kind=kind, backend=backend, path=folder, files=FILES, **more)


def words(folder: Path) -> None:
    """Put a tokenizer beside a tiny CLIP: letters, each also as the end of a word."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    known = [*letters, *(f"{letter}</w>" for letter in letters)]
    table = {token: number for number, token in enumerate([*known, "<|startoftext|>", "<|endoftext|>"], 10)}
    import_transformers().CLIPTokenizer(vocab=table, merges=[]).save_pretrained(folder)


def _saved(network: Any, folder: Path) -> Any:
    """Make random weights large, so that pictures land apart, and save them."""
    with torch.no_grad():
        for weights in network.parameters():
            if weights.ndim > 1:
                weights.mul_(6.0)
    network.eval().save_pretrained(folder)
    return network


def clip(folder: Path, width: int = 48) -> Any:
    t = import_transformers()
    torch.manual_seed(0)
    config = t.CLIPConfig(text_config=READ, vision_config=SEEN, projection_dim=width)
    t.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(
        folder
    )
    return _saved(t.CLIPModel(config), folder)


def siglip(folder: Path) -> Any:
    t = import_transformers()
    torch.manual_seed(1)
    t.SiglipImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return _saved(t.SiglipModel(t.SiglipConfig(text_config=READ, vision_config=SEEN)), folder)


def siglip2(folder: Path) -> Any:
    """With patches that follow the picture's proportions, and a mask over those that are not there."""
    t = import_transformers()
    torch.manual_seed(2)
    seen = {**{key: value for key, value in SEEN.items() if key != "image_size"}, "num_patches": 16}
    t.Siglip2ImageProcessor(patch_size=8, max_num_patches=16).save_pretrained(folder)
    return _saved(t.Siglip2Model(t.Siglip2Config(text_config=READ, vision_config=seen)), folder)


def dinov2(folder: Path) -> Any:
    t = import_transformers()
    torch.manual_seed(3)
    t.BitImageProcessor(size={"shortest_edge": 40}, crop_size={"height": 32, "width": 32}).save_pretrained(
        folder
    )
    return _saved(t.Dinov2Model(t.Dinov2Config(**SEEN)), folder)


def classifier(folder: Path, labels: list[str], **more: Any) -> Any:
    t = import_transformers()
    torch.manual_seed(4)
    names = dict(enumerate(labels))
    told = {"id2label": names, "label2id": {label: place for place, label in names.items()}, **more}
    t.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return _saved(t.ViTForImageClassification(t.ViTConfig(**SEEN, **told)), folder)

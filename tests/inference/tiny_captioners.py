"""Captioners of a few thousand numbers: classes of transformers with random weights, made on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from PIL import Image, ImageDraw
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from lorairo.inference.specs import Files, Generation, ModelSpec
from lorairo.inference.torch_runtime import import_transformers

if TYPE_CHECKING:
    from pathlib import Path

FILES = Files(patterns=["*.json", "*.txt", "*.jinja", "*.safetensors"])
SPECIALS = ["<pad>", "<s>", "</s>", "<unk>", "<image>", "<|vision_start|>", "<|vision_end|>", "<|video|>"]
NAMED = {
    "image_token": "<image>",
    "vision_bos_token": "<|vision_start|>",
    "vision_eos_token": "<|vision_end|>",
    "video_token": "<|video|>",
}
WORDS = """a the of red green blue dog cat tree sky on in with and is small large near far left right
describe this image caption user assistant system you are brief : . ?""".split()  # noqa: SIM905 - words read so
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ m['role'] }} : {% if m['content'] is string %}"
    "{{ m['content'] }} {% else %}{% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image> {% else %}{{ c['text'] }} "
    "{% endif %}{% endfor %}{% endif %}{% endfor %}{% if add_generation_prompt %}assistant : {% endif %}"
)
PLAIN = (
    "{% for m in messages %}{{ m['role'] + ' : ' }}{% if m['role'] == 'user' %}{{ '<image> ' }}{% endif %}"
    "{{ m['content'] + ' ' }}{% endfor %}{{ 'assistant : ' }}"
)
"""A template that takes text alone and puts the picture in by itself, as JoyCaption's."""

VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 32,
    "initializer_range": 0.02,
    "patch_size": 8,
}
TEXT = {
    "vocab_size": len(SPECIALS) + len(WORDS),
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def picture(colour: str, size: tuple[int, int] = (96, 64)) -> Image.Image:
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).ellipse((8, 8, size[0] // 2, size[1] // 2), fill="white")
    return image


def row(folder: Path, backend: str, **generation: Any) -> ModelSpec:
    asked = Generation(**{"max_new_tokens": 6, **generation})
    return ModelSpec(
        name=folder.name, kind="captioner", backend=backend, path=folder, files=FILES, generation=asked
    )


def tokenizer(*, named: bool = True) -> Any:
    vocabulary = {word: place for place, word in enumerate([*SPECIALS, *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]
    )
    return import_transformers().PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        extra_special_tokens=NAMED if named else {},
    )


def spread(network: Any, quiet: int = len(SPECIALS)) -> Any:
    """Make random weights large, so that the words follow from the picture, and special tokens never win."""
    with torch.no_grad():
        for name, weights in network.named_parameters():
            if weights.ndim > 1:
                seen = "vision" in name or "cross" in name or "projector" in name
                weights.mul_(
                    40.0
                    if any(part in name for part in ("patch", "crossattention", "encoder_attn"))
                    else 20.0
                    if seen
                    else 6.0
                )
        head = getattr(network, "text_decoder", network).get_output_embeddings()
        head.weight[:quiet] = head.weight[quiet : 2 * quiet] * 0.01
    return network.eval()


def llava(folder: Path, template: str = TEMPLATE) -> Path:
    t = import_transformers()
    torch.manual_seed(0)
    config = t.LlavaConfig(
        vision_config=t.CLIPVisionConfig(**VISION),
        text_config=t.LlamaConfig(**TEXT, tie_word_embeddings=False),
        image_token_id=SPECIALS.index("<image>"),
        image_seq_length=16,
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
    )
    spread(t.LlavaForConditionalGeneration(config)).save_pretrained(folder)
    pixels = t.CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    t.LlavaProcessor(
        pixels,
        tokenizer(),
        patch_size=8,
        vision_feature_select_strategy="default",
        chat_template=template,
        image_token="<image>",
        num_additional_image_tokens=1,
    ).save_pretrained(folder)
    return folder


def blip(folder: Path) -> Path:
    t = import_transformers()
    torch.manual_seed(1)
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join([*specials, *WORDS]) + "\n", encoding="utf-8")
    size = len(specials) + len(WORDS)
    text = {**TEXT, "vocab_size": size, "encoder_hidden_size": 16, "projection_dim": 16}
    text = {**text, "bos_token_id": 5, "eos_token_id": 3, "sep_token_id": 3, "num_hidden_layers": 2}
    config = t.BlipConfig(
        text_config=text, vision_config=VISION, projection_dim=16, image_text_hidden_size=16
    )
    network = spread(t.BlipForConditionalGeneration(config), len(specials))
    with torch.no_grad():
        for name, bias in [*network.named_parameters(), *network.named_buffers()]:
            if name.endswith("bias") and bias.shape == (size,):
                bias[: len(specials)] = -1e4
    network.save_pretrained(folder)
    pixels = t.BlipImageProcessor(size={"height": 32, "width": 32})
    words = t.BertTokenizer.from_pretrained(folder)
    words.add_special_tokens({"additional_special_tokens": ["[DEC]", "[ENC]"]})
    t.BlipProcessor(pixels, words).save_pretrained(folder)
    return folder


def brief(folder: Path) -> Path:
    """Write a captioner whose own row keeps it short: random weights would talk until they are stopped."""
    blip(folder)
    (folder / "model.toml").write_text(
        '[[model]]\nname = "brief"\nkind = "captioner"\nbackend = "blip"\n'
        f"files = {{ patterns = {FILES.patterns} }}\n[model.generation]\nmax_new_tokens = 6\n",
        encoding="utf-8",
    )
    return folder


def blip2(folder: Path) -> Path:
    t = import_transformers()
    torch.manual_seed(2)
    former = {**VISION, "encoder_hidden_size": 16, "vocab_size": 10, "cross_attention_frequency": 1}
    text = {**TEXT, "ffn_dim": 32, "word_embed_proj_dim": 16, "model_type": "opt"}
    config = t.Blip2Config(
        vision_config=VISION, qformer_config=former, text_config=text, num_query_tokens=4, image_token_index=4
    )
    spread(t.Blip2ForConditionalGeneration(config)).save_pretrained(folder)
    pixels = t.BlipImageProcessor(size={"height": 32, "width": 32})
    t.Blip2Processor(pixels, tokenizer(named=False), num_query_tokens=4).save_pretrained(folder)
    return folder


def qwen(folder: Path, version: int) -> Path:
    t = import_transformers()
    torch.manual_seed(version)
    rope = {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}
    text = {**TEXT, "rope_parameters": rope, "head_dim": 8, "tie_word_embeddings": False}
    seen = {"depth": 1, "num_heads": 2, "intermediate_size": 32, "patch_size": 14, "spatial_merge_size": 2}
    ids = {"image_token_id": 4, "vision_start_token_id": 5, "vision_end_token_id": 6, "video_token_id": 7}
    if version == 3:
        seen |= {"hidden_size": 16, "out_hidden_size": 16, "deepstack_visual_indexes": [0], "patch_size": 16}
        config = t.Qwen3VLConfig(text_config=text, vision_config=seen, **ids)
        network, processor, pixels = t.Qwen3VLForConditionalGeneration, t.Qwen3VLProcessor, {"patch_size": 16}
        video = t.Qwen3VLVideoProcessor()
    else:
        seen |= {"hidden_size": 16, "out_hidden_size": 16, "fullatt_block_indexes": [0]}
        config = t.Qwen2_5_VLConfig(text_config=text, vision_config=seen, **ids)
        network, processor, pixels = t.Qwen2_5_VLForConditionalGeneration, t.Qwen2_5_VLProcessor, {}
        video = t.Qwen2VLVideoProcessor()
    spread(network(config)).save_pretrained(folder)
    processor(t.Qwen2VLImageProcessor(**pixels), tokenizer(), video, chat_template=TEMPLATE).save_pretrained(
        folder
    )
    return folder


def florence(folder: Path) -> Path:
    t = import_transformers()
    torch.manual_seed(4)
    one = {"embed_dim": [8], "depths": [1], "num_heads": [2], "num_groups": [2], "window_size": 2}
    seen = {**one, "patch_size": [7], "patch_stride": [8], "patch_padding": [3], "patch_prenorm": [False]}
    text = {
        "vocab_size": TEXT["vocab_size"],
        "d_model": 16,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
        "max_position_embeddings": 128,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 2,
        "forced_eos_token_id": 2,
    }
    config = t.Florence2Config(
        vision_config={**seen, "projection_dim": 16, "max_position_embeddings": 50},
        text_config=text,
        image_token_id=4,
    )
    spread(t.Florence2ForConditionalGeneration(config)).save_pretrained(folder)
    pixels = t.CLIPImageProcessor(size={"height": 32, "width": 32}, do_center_crop=False, image_seq_length=17)
    tasks: dict[str, Any] = {"pure_text": {}, "description_with_bboxes": {}}
    t.Florence2Processor(
        pixels, tokenizer(), num_additional_image_tokens=1, post_processor_config=tasks
    ).save_pretrained(folder)
    return folder

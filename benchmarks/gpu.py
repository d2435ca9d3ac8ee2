"""Local models from files, against the bare model at its best batch size and the decode pool alone.

Real architectures with random weights: a tagger of the size of WD ViT (ViT-B/16, 448 pixels, 10,861 tags) in
ONNX Runtime, and BLIP base (ViT-B/16 at 384 and a BERT decoder) in torch. Promise, on a GPU: 0.95 of the
smaller of the two. On a processor model and decoding share the cores: there the time they take of it, added,
is what the whole run is held against.

    python benchmarks/gpu.py --images 2000
    python benchmarks/gpu.py --small --images 48        # without a GPU: the same, with a few layers
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import onnx
import psutil
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import lorairo as lr
from lorairo.config import config
from lorairo.inference.loading import Loader
from lorairo.inference.memory import ran_out_of_memory
from lorairo.inference.registry import find
from lorairo.inference.session import open_session
from lorairo.inference.torch_runtime import import_transformers
from lorairo.jobs import parallel

LARGE = {"width": 768, "layers": 12, "heads": 12}
SMALL = {"width": 192, "layers": 3, "heads": 3}
TAGS = 10_861
SIDE, PATCH = 448, 16
TOKENS = 20
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
ROW = """
[[model]]
name = "captioner"
kind = "captioner"
backend = "blip"
files = {{ patterns = ["*.json", "*.txt", "*.safetensors"] }}
[model.generation]
max_new_tokens = {tokens}
"""


def draw(folder, count):
    """Photo-like JPEG files of 1.6 megapixels."""
    random = np.random.default_rng(0)
    folder.mkdir()
    for number in range(count):
        coarse = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8))
        field = np.asarray(coarse.resize((1440, 1080), Image.Resampling.BICUBIC), np.float32)
        noise = random.normal(0, 6, (1080, 1440, 1)).astype(np.float32)
        Image.fromarray(np.clip(field + noise, 0, 255).astype(np.uint8)).save(
            folder / f"{number:05}.jpg", quality=90
        )


# ------------------------------------------------------------------------------------------- the networks


class Graph:
    """Writes an ONNX graph; each call adds a node and names its result."""

    def __init__(self):
        self.random = np.random.default_rng(1)
        self.nodes, self.constants = [], []

    def __call__(self, kind, *inputs, **attributes):
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        self.nodes.append(helper.make_node(kind, names, [f"n{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weights(self, *shape):
        return (0.02 * self.random.standard_normal(shape)).astype(np.float32)

    def dense(self, x, inner, outer):
        return self("Add", self("MatMul", x, self.weights(inner, outer)), self.weights(outer))

    def norm(self, x, width):
        return self("LayerNormalization", x, np.ones(width, np.float32), self.weights(width), axis=-1)

    def gelu(self, x):
        half, one, root = (np.float32(value) for value in (0.5, 1, np.sqrt(2)))
        return self("Mul", self("Mul", x, half), self("Add", self("Erf", self("Div", x, root)), one))

    def attend(self, x, width, heads):
        each = width // heads
        parts = []
        for turned in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]):
            split = self("Reshape", self.dense(x, width, width), np.array([0, -1, heads, each]))
            parts.append(self("Transpose", split, perm=turned))
        query, key, value = parts
        scores = self("Mul", self("MatMul", query, key), np.float32(each**-0.5))
        mixed = self("Transpose", self("MatMul", self("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
        return self.dense(self("Reshape", mixed, np.array([0, -1, width])), width, width)


def write_tagger(folder, *, width, layers, heads):
    """A vision transformer with the contract of the WD family, that sees a hundred tags in a picture."""
    g, places = Graph(), (SIDE // PATCH) ** 2
    scaled = g("Sub", g("Div", "input", np.float32(127.5)), np.float32(1))
    planes = g("Transpose", scaled, perm=[0, 3, 1, 2])
    kernel = g.weights(width, 3, PATCH, PATCH)
    patches = g("Conv", planes, kernel, kernel_shape=[PATCH] * 2, strides=[PATCH] * 2)
    flat = g("Transpose", g("Reshape", patches, np.array([0, width, -1])), perm=[0, 2, 1])
    x = g("Add", flat, g.weights(1, places, width))
    for _ in range(layers):
        x = g("Add", x, g.attend(g.norm(x, width), width, heads))
        inner = g.gelu(g.dense(g.norm(x, width), width, 4 * width))
        x = g("Add", x, g.dense(inner, 4 * width, width))
    pooled = g("ReduceMean", g.norm(x, width), axes=[1], keepdims=0)
    rare = g.random.normal(-11, 1.75, TAGS).astype(np.float32)  # one in a hundred is over the floor
    logits = g("Add", g("MatMul", pooled, g.weights(width, TAGS)), rare)
    g.nodes.append(helper.make_node("Sigmoid", [logits], ["output"]))
    shapes = {"input": ["batch", SIDE, SIDE, 3], "output": ["batch", TAGS]}
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    graph = helper.make_graph(g.nodes, "vit", ends[:1], ends[1:], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    folder.mkdir()
    onnx.save(model, str(folder / "model.onnx"))
    with (folder / "selected_tags.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["tag_id", "name", "category", "count"])
        rows.writerows((k, f"tag_{k}", 9 if k < 4 else 0, 1) for k in range(TAGS))
    return folder


def write_captioner(folder, *, small):
    """BLIP base by its configuration, with a made-up vocabulary of the real length."""
    t = import_transformers()
    torch.manual_seed(0)
    few = {"num_hidden_layers": 2} if small else {}
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"word{k}" for k in range(30_519))]
    config = t.BlipConfig(
        text_config={**few, "vocab_size": 30_524, "encoder_hidden_size": 768},
        vision_config={**few, "image_size": 384},
    )
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    network = t.BlipForConditionalGeneration(config)
    network.text_decoder.cls.predictions.bias.data[config.text_config.sep_token_id] = -100  # never ends early
    network.save_pretrained(folder)
    pixels = t.BlipImageProcessor(size={"height": 384, "width": 384})
    t.BlipProcessor(pixels, t.BertTokenizer.from_pretrained(folder)).save_pretrained(folder)
    (folder / "model.toml").write_text(ROW.format(tokens=TOKENS), encoding="utf-8")
    return folder


# ------------------------------------------------------------------------------------------- measuring


def best(run, limit):
    """Images a second of the bare model where it is fastest, that batch, processor seconds an image."""
    found = (0.0, 0, 0.0)
    for batch in (size for size in BATCHES if size <= limit):
        try:
            run(batch)  # the first one of a size chooses kernels
            start, busy, rounds = time.perf_counter(), time.process_time(), 0
            while rounds < 3 or time.perf_counter() - start < 1:
                run(batch)
                rounds += 1
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            print(f"  batch {batch}: no memory for it")
            break
        rate = batch * rounds / (time.perf_counter() - start)
        found = max(found, (rate, batch, (time.process_time() - busy) / batch / rounds))
    return found


def bare_tagger(folder, limit):
    session, notice = open_session(folder / "model.onnx")
    print(f"ONNX Runtime: {notice or session.get_providers()[0]}")
    pixels = np.random.default_rng(2).uniform(0, 255, (limit, SIDE, SIDE, 3)).astype(np.float32)
    return best(lambda batch: session.run(None, {"input": pixels[:batch]}), limit)


def bare_captioner(folder, limit):
    model = Loader(find(folder)).load()
    pictures = [Image.new("RGB", (384, 384), (k, 90, 40)) for k in range(limit)]
    inputs = model.runtime.sent(model.inputs(pictures))

    def run(batch):
        with torch.inference_mode():
            part = {name: tensor[:batch] for name, tensor in inputs.items()}
            model.network.generate(**part, max_new_tokens=TOKENS, do_sample=False).cpu()

    return best(run, limit)


def decoding(model, files):
    """Images a second of the pool that reads and decodes, with nothing beside it; processor seconds too."""
    start, busy = time.perf_counter(), time.process_time()
    for _ in parallel(lambda file: model.prepare(file.read_bytes()), files, limits=config.limits):
        pass
    return len(files) / (time.perf_counter() - start), (time.process_time() - busy) / len(files)


class Peak:
    """Largest resident memory of this process inside the block, in megabytes."""

    def __enter__(self):
        self._end, self.megabytes = threading.Event(), 0
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self):
        while not self._end.wait(0.05):
            self.megabytes = max(self.megabytes, psutil.Process().memory_info().rss // 2**20)

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()


def measured(name, folder, photos, place, bare):
    rate, batch, model_busy = bare
    files = sorted(photos.iterdir())
    decode, decode_busy = decoding(Loader(find(folder)).load(), files)
    with lr.open_project(place) as project:
        project.add(photos)
        view = project.view()
        view.head(4).annotate([folder], batch=batch, background=False)  # loads the model
        halves = view[4 : len(view) // 2], view[len(view) // 2 :]
        seconds, busy, peaks = 0.0, 0.0, []
        for half in halves:
            with Peak() as peak:
                start, before = time.perf_counter(), time.process_time()
                job = half.annotate([folder], batch=batch, background=False)
                seconds += time.perf_counter() - start
                busy += time.process_time() - before
            assert job.progress.failed == 0, job.errors
            peaks.append(peak.megabytes)
    ours, busy = (len(files) - 4) / seconds, busy / (len(files) - 4)
    parts = model_busy + decode_busy
    print(f"{name}: images a second")
    print(f"  bare model, batch {batch:<3} {rate:9.2f}")
    print(f"  decode pool alone     {decode:9.2f}")
    print(f"  from files to rows    {ours:9.2f}")
    print(f"  of the smaller        {ours / min(rate, decode):9.2f}")
    print(f"  processor seconds an image: {model_busy:.3f} model, {decode_busy:.3f} decoding, {busy:.3f} all")
    print(f"  processor time of the parts in that of the run {parts / busy:.2f}")
    print(f"  memory, first and second half: {peaks[0]:,} and {peaks[1]:,} MB")


def device():
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    print(f"GPU: {gpu}; {psutil.cpu_count()} cores")


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--images", type=int, default=48)
    asked.add_argument("--small", action="store_true", help="a few layers")
    asked.add_argument("--only", choices=["tagger", "captioner"])
    asked.add_argument("--limit", type=int, help="largest batch; 4 with --small, else 128")
    given = asked.parse_args()
    limit = given.limit or (4 if given.small else BATCHES[-1])
    place = Path(tempfile.mkdtemp(prefix="lorairo-gpu-"))
    try:
        device()
        draw(place / "photos", given.images)
        if given.only != "captioner":
            tagger = write_tagger(place / "tagger", **(SMALL if given.small else LARGE))
            measured("tagger", tagger, place / "photos", place / "one", bare_tagger(tagger, limit))
            lr.unload()
        if given.only != "tagger":
            folder = write_captioner(place / "captioner", small=given.small)
            measured("captioner", folder, place / "photos", place / "two", bare_captioner(folder, limit))
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()

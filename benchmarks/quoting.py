"""Quotes for 100,000 images, half of them answered and a tenth refused; no picture is there to be read.

Run it with ``python benchmarks/quoting.py [images]``. Promise: less than half a second for each model quoted.
"""

from __future__ import annotations

import gc
import hashlib
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import lorairo as lr
from lorairo.inference.registry import find
from lorairo.store import catalog, evidence, state
from lorairo.store.database import Database

MODELS = ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5", "google/gemini-3.8-flash"]
PROMPT = {"prompt": "Describe this picture. It is said to show {tags}."}
LIMIT_MS = 500


def best(action, times=5):
    """Least milliseconds, as others use the machine too."""
    spent = []
    for _ in range(times):
        gc.collect()
        start = time.perf_counter()
        action()
        spent.append((time.perf_counter() - start) * 1000)
    return min(spent)


def build(folder, images):
    """Make a project by the store's own ways: rows of images, answers and refusals, and no file."""
    database = Database.open(folder)
    random = np.random.default_rng(0)
    sides = random.integers(300, 6000, (images, 2)).tolist()
    specs = [find(name) for name in MODELS]
    for start in range(0, images, 10_000):
        part = range(start, min(start + 10_000, images))
        rows = []
        for number in part:
            facts = catalog.ImageRow(
                hashlib.sha256(b"%d" % number).digest(), 1 << 20, *sides[number],
                "JPEG", "RGB", False, None, {}, None, number, number, (),
            )  # fmt: skip
            path = catalog.PathRow(f"/photos/{number:07}.jpg", f"{number:07}.jpg", 1 << 20, 0)
            rows.append((path, facts, None))
        with database.write(curated=True) as c:
            ids = [added.image_id for added in catalog.add_images(c, rows)]
            (tag,) = evidence.tag_ids(c, [("dog", 0)])
            said = evidence.pack_scores([tag], [1.0])
            tagger = evidence.model_id(c, "bench", "tagger", "1", {})
            evidence.record(c, [evidence.AnnotationRow(number, tagger, tags=said) for number in ids])
            for spec in specs:
                told = spec.asked(PROMPT).parameters(evidence.FLOOR)
                model = evidence.model_id(c, spec.provider, spec.name, "", told, spec.kind)
                answered = [number for number in ids if number % 2]
                evidence.record(
                    c, [evidence.AnnotationRow(number, model, caption="a dog") for number in answered]
                )
                refused = [number for number in ids if not number % 10]
                evidence.record_failures(
                    c,
                    [
                        evidence.FailureRow(number, model, spec.provider, spec.name, "refusal", "no", True)
                        for number in refused
                    ],
                )
            state.refresh(c, ids)
    database.close()


def main(images=100_000):
    """Print what quotes take; end with 1 where that is too long."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        build(folder, images)
        with lr.open_project(folder) as project:
            view = project.view()
            print(view.quote(MODELS, parameters=PROMPT))
            spent = {
                "one model": best(lambda: view.quote(MODELS[0], parameters=PROMPT)),
                "each of three models": best(lambda: view.quote(MODELS, parameters=PROMPT)) / len(MODELS),
                "refused sent, explicit withheld": best(
                    lambda: view.quote(MODELS[0], parameters=PROMPT, refused="send", withhold="explicit")
                ),
            }
    for name, took in spent.items():
        print(f"{name:<34}{took:8.0f} ms for {images:,} images")
    return int(max(spent.values()) > LIMIT_MS)


if __name__ == "__main__":
    raise SystemExit(main(*(int(word) for word in sys.argv[1:])))

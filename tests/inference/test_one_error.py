"""What keeps a whole run from working is one clear error; mended, the same call goes on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from folder_source import filled, ids_of

from lorairo.errors import ModelError
from lorairo.inference.network import Network
from lorairo.inference.run import annotate
from lorairo.store import Database, catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image

    from lorairo.jobs import Job


@pytest.fixture
def run(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[Callable[..., Job]]:
    """Run a model over four pictures, in the background, four at a time."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(4):
        draw(number, (60, 40 + number)).save(photos / f"{number}.jpg")
    with Database.open(tmp_path / "project") as database:
        source = filled(database, photos)

        def annotated(model: Path) -> Job:
            return annotate(database, source, ids_of(source), [model], author="ada", batch=4)

        yield annotated
        with database.read() as connection:
            assert catalog.failures(connection) == []  # nothing is held against the pictures


def failed(job: Job, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        job.wait()
    assert job.state == "failed"
    assert job.errors.empty
    assert "failed at 0" in job.progress.label


def test_a_damaged_file(tmp_path: Path, echo: Callable[..., Path], run: Callable[..., Job]):
    folder = echo(tmp_path / "echo")
    whole = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(whole[: len(whole) // 2])
    failed(run(folder), r"model\.onnx cannot be loaded by onnxruntime.*delete it")
    (folder / "model.onnx").write_bytes(whole)
    assert run(folder).wait().progress.done == 4


def test_a_gpu_that_died(
    tmp_path: Path, echo: Callable[..., Path], run: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
):
    start, loads = Network.__init__, []

    class Dead:
        def __init__(self, session: object) -> None:
            self.get_providers = session.get_providers

        def run(self, *_asked: object) -> None:
            raise RuntimeError("CUDA failure 700: an illegal memory access ; GPU=0\nfile=cuda_call.cc")

    def dying(network: Network, *given: object, **told: object) -> None:
        start(network, *given, **told)
        loads.append(network)
        if len(loads) == 1:
            network._session = Dead(network._session)

    monkeypatch.setattr(Network, "__init__", dying)
    folder = echo(tmp_path / "echo")
    failed(
        run(folder), "failed and cannot be used again in this kernel: CUDA failure 700.*Restart the kernel"
    )
    assert run(folder).wait().progress.done == 4  # loaded anew, not the one that died
    assert len(loads) == 2


def test_an_extra_that_is_missing(
    tmp_path: Path, echo: Callable[..., Path], run: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
):
    folder = echo(tmp_path / "echo")
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "onnxruntime", None)
        with pytest.raises(ModelError, match=r'Needs onnxruntime\. pip install "lorairo\[local\]"'):
            run(folder)
    assert run(folder).wait().progress.done == 4

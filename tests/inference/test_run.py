from __future__ import annotations

import _thread
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from folder_source import Folder, filled, ids_of, tags_of

from lorairo.annotators.onnx_tagger import OnnxTagger
from lorairo.errors import ArgumentError, ModelError, NotFoundError
from lorairo.inference.run import annotate, resume
from lorairo.store import Database, catalog, evidence, jobs, log
from lorairo.store.forget import forget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PIL import Image


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "project") as opened:
        yield opened


@pytest.fixture
def source(database: Database, tmp_path: Path, draw: Callable[..., Image.Image]) -> Folder:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(12):
        draw(number, (60, 40 + number)).save(folder / f"{number:02}.jpg", quality=90)
    return filled(database, folder)


def test_evidence_tags_rating_and_job_are_written(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    model, seen = echo(tmp_path / "echo"), []
    job = annotate(
        database, source, ids_of(source), [model], author="ada", background=False, progress=seen.append
    )
    assert (job.state, job.progress.done, job.progress.failed) == ("done", 12, 0)
    assert seen[-1].done == 12
    tagger = OnnxTagger(model)
    first = int(ids_of(source)[0])
    expected = tagger.predict([source.files[first].read_bytes()])[0]
    with database.read() as connection:
        said = evidence.tags_of_image(connection, first)
        row = jobs.job(connection, job.id)
    scores = {tag: score for _, _, _, tag, _, score in said}
    assert scores["rating:sensitive"] == pytest.approx(0.6)
    assert scores["mean_red"] == pytest.approx(float(expected[6]), abs=1e-5)
    assert {entry[:3] for entry in said} == {("local", "echo", tagger.revision)}
    assert row["images"].tolist() == ids_of(source).tolist()
    assert row["parameters"]["models"] == [str(model)]


def test_what_is_answered_is_not_asked_again(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    model = echo(tmp_path / "echo")
    ids = ids_of(source)
    annotate(database, source, ids[:5], [model], author="ada", background=False)
    assert sorted(source.asked) == ids[:5].tolist()
    again = annotate(database, source, ids, [model], author="ada", background=False)
    assert sorted(source.asked) == ids.tolist()
    assert again.progress.done == 12
    annotate(database, source, ids, [model], author="ada", background=False)
    assert len(source.asked) == 12
    annotate(
        database, source, ids[:2], [model], author="ada", background=False, floor=0.5
    )  # other parameters
    assert len(source.asked) == 14


def test_the_floor_bounds_what_is_kept(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    annotate(
        database, source, ids_of(source), [echo(tmp_path / "echo")], author="ada", background=False, floor=0.5
    )
    with database.read() as connection:
        for image_id in ids_of(source).tolist():
            assert min(entry[5] for entry in evidence.tags_of_image(connection, image_id)) >= 0.5


def test_one_bad_image_is_one_failure(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    gone, damaged = ids_of(source)[[2, 7]].tolist()
    source.files[gone].unlink()
    source.files[damaged].write_bytes(source.files[damaged].read_bytes()[:300])
    job = annotate(
        database, source, ids_of(source), [echo(tmp_path / "echo")], author="ada", background=False
    )
    assert (job.state, job.progress.done, job.progress.failed) == ("done", 12, 2)
    assert job.errors.set_index("image_id")["kind"].to_dict() == {gone: "unreadable", damaged: "rejected"}
    with database.read() as connection:
        failures = catalog.failures(connection)
        assert len(evidence.answered(connection, 1)) == 10
    assert {row["image_id"] for row in failures} == {gone, damaged}
    assert not any(row["policy_violation"] for row in failures)


def test_a_picture_the_network_chokes_on_fails_alone(
    database: Database,
    source: Folder,
    tmp_path: Path,
    echo: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
):
    run, seen = OnnxTagger._run, []

    def choke(tagger: OnnxTagger, squares: list[np.ndarray]) -> np.ndarray:
        seen.append(len(squares))
        if any(np.array_equal(square, victim) for square in squares):
            raise RuntimeError("bad shape")
        return run(tagger, squares)

    model = echo(tmp_path / "echo")
    bad = int(ids_of(source)[5])
    victim = OnnxTagger(model).prepare(source.files[bad].read_bytes())
    monkeypatch.setattr(OnnxTagger, "_run", choke)
    job = annotate(database, source, ids_of(source), [model], author="ada", background=False, batch=4)
    assert (job.progress.done, job.progress.failed) == (12, 1)
    assert job.errors["image_id"].tolist() == [bad]
    assert job.errors["kind"].tolist() == ["model"]
    monkeypatch.setattr(OnnxTagger, "_run", run)
    assert job.resume(background=False).progress.failed == 0


def test_a_model_that_never_answers_fails_as_a_whole(
    database: Database,
    source: Folder,
    tmp_path: Path,
    echo: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
):
    def broken(_tagger: OnnxTagger, _squares: list[np.ndarray]) -> np.ndarray:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr(OnnxTagger, "_run", broken)
    with pytest.raises(ModelError, match="no kernel image"):
        annotate(database, source, ids_of(source), [echo(tmp_path / "echo")], author="ada", background=False)


def test_no_number_is_no_answer(
    database: Database,
    source: Folder,
    tmp_path: Path,
    echo: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
):
    run = OnnxTagger._run

    def nothing(tagger: OnnxTagger, squares: list[np.ndarray]) -> np.ndarray:
        scores = run(tagger, squares)
        scores[0] = np.nan
        return scores

    monkeypatch.setattr(OnnxTagger, "_run", nothing)
    job = annotate(
        database, source, ids_of(source), [echo(tmp_path / "echo")], author="ada", background=False, batch=4
    )
    assert (job.progress.done, job.progress.failed) == (12, 3)


def test_state_follows_in_the_same_transaction(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    model, kinds = echo(tmp_path / "echo"), []

    def look(change: object) -> None:
        kinds.append(change.kind)
        if "annotations" in change.kind:
            with database.read() as connection:
                for image_id in change.images.tolist():
                    scores = {entry[3]: entry[5] for entry in evidence.tags_of_image(connection, image_id)}
                    expected = {
                        name
                        for name, score in scores.items()
                        if score >= 0.35 and not name.startswith("rating:")
                    }
                    assert set(tags_of(database, image_id)) == expected

    database.changed.connect(look)
    annotate(database, source, ids_of(source), [model], author="ada", background=False)
    assert any({"annotations", "tags"} <= kind for kind in kinds)


def test_a_rejected_tag_stays_rejected(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    model, ids = echo(tmp_path / "echo"), ids_of(source)
    annotate(database, source, ids, [model], author="ada", background=False)
    assert "^_^" in tags_of(database, int(ids[0]))
    log.remove_tags(database, ids, ["^_^"], author="ada")
    annotate(database, source, ids, [model], author="ada", background=False, floor=0.01)
    assert "^_^" not in tags_of(database, int(ids[0]))


def test_an_image_deleted_meanwhile_is_left_out(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    ids = ids_of(source)

    def deleting(wanted: Iterable[int]) -> Iterator[tuple[int, bytes | Exception]]:
        for image_id, data in source(wanted):
            if image_id == int(ids[3]):
                with database.write() as connection:
                    forget(connection, [image_id])
            yield image_id, data

    job = annotate(database, deleting, ids, [echo(tmp_path / "echo")], author="ada", background=False)
    assert job.state == "done"
    with database.read() as connection:
        assert len(evidence.answered(connection, 1)) == 11


def test_two_labels_of_one_name_are_one_tag(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    names = ["general", "sensitive", "questionable", "explicit", "same", "Same", "same_", "a", "b", "c"]
    model = echo(tmp_path / "echo", tags=[(name, 9 if k < 4 else 0) for k, name in enumerate(names)])
    annotate(database, source, ids_of(source), [model], author="ada", background=False)
    first = int(ids_of(source)[0])
    scores = OnnxTagger(model).predict([source.files[first].read_bytes()])[0]
    with database.read() as connection:
        found = [entry[5] for entry in evidence.tags_of_image(connection, first) if entry[3] == "same"]
    assert found == [pytest.approx(float(scores[4:7].max()), abs=1e-5)]


def test_where_it_runs_is_told(
    database: Database,
    source: Folder,
    tmp_path: Path,
    echo: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("lorairo.inference.session._notice", lambda _asked, _got: "runs on the abacus")
    job = annotate(
        database, source, ids_of(source), [echo(tmp_path / "echo")], author="ada", background=False
    )
    assert job.progress.label == "echo · runs on the abacus"


def test_several_models_count_as_one_job(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path]
):
    models = [echo(tmp_path / "one"), echo(tmp_path / "two", side=16)]
    job = annotate(database, source, ids_of(source), models, author="ada", background=False)
    assert (job.progress.done, job.progress.total) == (24, 24)
    assert job.label == "one, two"


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [({"floor": 1.5}, ArgumentError, "floor"), ({"batch": 0}, ArgumentError, "batch")],
)
def test_nonsense_is_refused(database: Database, source: Folder, options: dict, error: type, said: str):
    with pytest.raises(error, match=said):
        annotate(database, source, ids_of(source), ["wd-vit-tagger-v3"], author="ada", **options)


def test_a_model_that_cannot_run_says_so_at_once(database: Database, source: Folder):
    with pytest.raises(NotFoundError, match="did you mean 'wd-vit-tagger-v3'"):
        annotate(database, source, ids_of(source), ["wd-vit-taggr-v3"], author="ada")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE"):
        annotate(database, source, ids_of(source), ["wd-vit-tagger-v3"], author="ada")
    with database.read() as connection:
        assert jobs.list_jobs(connection) == []


@pytest.mark.parametrize("at", [1, 5, 12])
def test_an_interrupt_here_leaves_a_sound_database(
    database: Database, source: Folder, tmp_path: Path, echo: Callable[..., Path], at: int
):
    model, ids = echo(tmp_path / "echo"), ids_of(source)

    def interrupted(wanted: Iterable[int]) -> Iterator[tuple[int, bytes | Exception]]:
        for image_id, data in source(wanted):
            if image_id == int(ids[at - 1]):
                _thread.interrupt_main()  # as Ctrl-C does, whichever thread reads
            yield image_id, data

    with pytest.raises(KeyboardInterrupt):
        annotate(database, interrupted, ids, [model], author="ada", background=False, batch=2)
    assert database.check() == []
    with database.read() as connection:
        (row,) = jobs.list_jobs(connection)
        done = evidence.answered(connection, 1)
    assert row["state"] == "interrupted"
    source.asked.clear()
    assert resume(database, source, row["id"], background=False).state == "done"
    assert sorted(source.asked) == sorted(set(ids.tolist()) - set(done.tolist()))

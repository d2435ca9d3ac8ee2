"""Texts go out as they came in; what was edited changes, and nothing else does."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

import lorairo as lr
from lorairo.exporters.beside import Beside, Place
from lorairo.exporters.plan import ExportItem
from lorairo.exporters.sidecars import SidecarsExporter
from lorairo.importers.folders import FOLDERS
from lorairo.store import evidence, log
from lorairo.store import settings as settings_of_projects
from lorairo.store.evidence import AnnotationRow
from lorairo.store.schema import sidecar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def picture(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), (number % 256, number // 256, 7)).save(buffer, "PNG")
    return buffer.getvalue()


def lay(folder: Path, texts: Mapping[str, bytes], pictures: int = 0, first: int = 0) -> None:
    """Write texts, and beside each a picture of its own; then pictures without text."""
    names = [
        *dict.fromkeys(Path(name).with_suffix(".png").as_posix() for name in texts if "meta" not in name)
    ]
    names += [f"bare{number}.png" for number in range(pictures)]
    for number, name in enumerate(names, first):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(number))
    for name, raw in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    """Open a project over texts; its folders are `tmp_path / "in"` and `tmp_path / "out"`."""
    projects: list[lr.Project] = []

    def open_over(texts: Mapping[str, bytes], pictures: int = 0, **options: Any) -> lr.Project:
        lay(tmp_path / "in", texts, pictures)
        projects.append(lr.open_project(tmp_path / "project"))
        projects[-1].add(tmp_path / "in", **options)
        return projects[-1]

    yield open_over
    for project in projects:
        project.close()


def exported(project: lr.Project, out: Path, **options: Any) -> dict[str, bytes]:
    project.view().export("sidecars", out, **{"preserve": True, "overwrite": True, **options})
    return files(out)


def files(folder: Path) -> dict[str, bytes]:
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if name != "manifest.json"}


JSONL = (
    b'\xef\xbb\xbf{"file_name": "f.png", "text": "red hat, \\u00e9t\\u00e9", "n": [1,  2]}\r\n'
    b"\n"
    b'{"file_name":"nope.png","text":"x"}\n'
    b'{"file_name": "g.png", "text": "A sentence is here.", "tags": ["red cap", "c"]}'
)
META = b'{\n  "h.png" : {"tags": "dog, long_hair",  "size": [9, 9]},\n  "i": {"caption": "A cat."}}\n'
TEXTS = {
    "bom.txt": "\ufeffdog, café".encode(),
    "utf16.txt": "dog, cat".encode("utf-16"),
    "latin.txt": "café, dog,\r\n".encode("cp1252"),
    "japanese.txt": "猫, 犬".encode("shift_jis"),
    "messy.txt": b"dog, Dog, dog ,dog,, ,\tdog, cat,",
    "weights.txt": b"(masterpiece:1.2), [blurry], \\(series\\), {a|b}, <lora:x:0.8>, BREAK, __wild__",
    "lines.txt": b"first caption\nsecond caption\n\nthird, with, commas\n",
    "prose.caption": b"  A dog sits on a mat.\r\n",
    "prose.txt": b"dog,mat",
    "sub/empty.txt": b"",
    "sub/blank.txt": b" \n\t \r\n",
    "sub/deep/binary.txt": bytes(range(256)) * 4,
    "sub/half.txt": "dog".encode("utf-16") + b"x",
}


def test_every_byte_comes_back(opened: Any, tmp_path: Path):
    project = opened(TEXTS)
    plan = project.view().plan_export("sidecars", tmp_path / "out", preserve=True)
    assert set(plan.files["state"]) == {"same"}
    assert set(plan.files["diff"]) == {""}
    result = plan.write()
    assert repr(result) == f"Wrote {len(TEXTS)} texts to {tmp_path / 'out'}"
    assert project.exports["count"].tolist() == [result.count] == [len(project)]
    assert files(tmp_path / "out") == TEXTS


def test_it_does_without_the_imported_folder(opened: Any, tmp_path: Path):
    project = opened(TEXTS)
    shutil.rmtree(tmp_path / "in")
    assert exported(project, tmp_path / "out") == TEXTS


def test_only_what_was_edited_changes(opened: Any, tmp_path: Path):
    project = opened(TEXTS)
    view = project.view()
    view.where("name:messy.png").remove_tags("cat")
    view.where("name:latin.png").replace_tags({"dog": "red_hat"})
    view.where("name:utf16.png").add_tags("solo")
    view.where("name:prose.png").set_caption("A cat sits.")
    view.where("name:weights.png").add_tags("saber_(fate)")
    view.where("name:empty.png").add_tags("long_hair", "hat")
    plan = view.plan_export("sidecars", tmp_path / "out", preserve=True)
    plan.write()
    assert files(tmp_path / "out") == {
        **TEXTS,
        "messy.txt": b"dog, Dog, dog ,dog,, ,\tdog,",
        "latin.txt": "café, red hat,\r\n".encode("cp1252"),
        "utf16.txt": "dog, cat, solo".encode("utf-16"),
        "prose.caption": b"  A cat sits.\r\n",
        "weights.txt": TEXTS["weights.txt"] + b", saber \\(fate\\)",
        "sub/empty.txt": b"long hair, hat",
    }
    changed = plan.files.set_index("file").query("state == 'changed'")["diff"]
    assert changed["prose.caption"] == "-  A dog sits on a mat.\n+  A cat sits."
    assert changed["sub/empty.txt"] == "+long hair, hat"
    assert len(changed) == 6


def test_taking_an_edit_back_gives_the_bytes_back(opened: Any, tmp_path: Path):
    project = opened(TEXTS)
    project.view().remove_tags("dog")
    assert exported(project, tmp_path / "out") != TEXTS
    project.undo()
    assert exported(project, tmp_path / "out") == TEXTS


def test_a_letter_the_encoding_lacks_makes_it_utf8_and_is_told(opened: Any, tmp_path: Path):
    project = opened({"latin.txt": "café, dog".encode("cp1252")})
    project.view().add_tags("猫")
    plan = project.view().plan_export("sidecars", tmp_path / "out", preserve=True)
    assert plan.lint["rule"].tolist() == ["recoded"]
    plan.write()
    assert files(tmp_path / "out") == {"latin.txt": "café, dog, 猫".encode()}


def test_tables_change_in_the_value_that_was_edited(opened: Any, tmp_path: Path):
    texts = {"metadata.jsonl": JSONL, "meta_cap.json": META}
    for name in "fghi":
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.png").write_bytes(picture(ord(name)))
    project = opened(texts)
    assert exported(project, tmp_path / "out") == texts
    view = project.view()
    view.where("name:f.png").remove_tags("red_hat")
    view.where("name:g.png").add_tags("blue_cap")
    view.where("name:g.png").set_caption('New "one".')
    view.where("name:h.png").add_tags("solo")
    view.where("name:i.png").set_caption("Ein Kätzchen.")
    found = exported(project, tmp_path / "out")
    assert found["metadata.jsonl"] == JSONL.replace(b"red hat, ", b"").replace(
        b"A sentence is here.", b'New \\"one\\".'
    ).replace(b'["red cap", "c"]', b'["red cap", "c", "blue cap"]')
    assert found["meta_cap.json"] == META.replace(b"long_hair", b"long_hair, solo").replace(
        b"A cat.", "Ein Kätzchen.".encode()
    )


def test_a_part_of_the_pictures_has_its_part_of_a_table(opened: Any, tmp_path: Path):
    for name in "fghi":
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.png").write_bytes(picture(ord(name)))
    project = opened({"metadata.jsonl": JSONL, "meta_cap.json": META})
    project.view("name:g.png OR name:i.png").export("sidecars", tmp_path / "out", preserve=True)
    found = files(tmp_path / "out")
    assert b"f.png" not in found["metadata.jsonl"]
    assert JSONL.splitlines()[-1] in found["metadata.jsonl"]
    assert json.loads(found["meta_cap.json"]) == {"i": {"caption": "A cat."}}


def test_a_table_that_is_gone_is_made_of_its_rows_and_that_is_told(opened: Any, tmp_path: Path):
    for name in "fghi":
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{name}.png").write_bytes(picture(ord(name)))
    project = opened({"metadata.jsonl": JSONL, "meta_cap.json": META})
    (tmp_path / "in" / "metadata.jsonl").unlink()
    (tmp_path / "in" / "meta_cap.json").write_bytes(b'{"h.png": {"tags": "other"}}')
    plan = project.view().plan_export("sidecars", tmp_path / "out", preserve=True)
    assert plan.lint["rule"].tolist() == ["rebuilt"]
    plan.write()
    found = files(tmp_path / "out")
    rows = [
        line.removeprefix(b"\xef\xbb\xbf")
        for line in JSONL.split(b"\n")
        if b"f.png" in line or b"g.png" in line
    ]
    assert found["metadata.jsonl"].split(b"\n") == [*rows, b""]
    assert json.loads(found["meta_cap.json"])["h.png"] == {
        "tags": "dog, long_hair",
        "size": [9, 9],
    }


def test_what_had_no_text_gets_one_when_there_is_something_to_say(opened: Any, tmp_path: Path):
    project = opened({"tagged.txt": b"dog\n", "prose.txt": b"A dog is here."}, pictures=2)
    view = project.view()
    assert set(exported(project, tmp_path / "out")) == {"tagged.txt", "prose.txt"}
    view.where("name:bare0.png").add_tags("long_hair", "dog")
    view.where("name:tagged.png").set_caption("A dog.")
    view.where("name:prose.png").add_tags("dog")
    assert exported(project, tmp_path / "out") == {
        "tagged.txt": b"dog\n",
        "tagged.caption": b"A dog.",
        "prose.txt": b"A dog is here.",
        "prose.caption": b"dog",
        "bare0.txt": b"long hair, dog",
    }


def test_equal_pictures_in_two_places_each_keep_their_text(opened: Any, tmp_path: Path):
    for name in ("one/a.png", "two/b.png"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(picture(999))
    texts = {"one/a.txt": b"dog, cat", "two/b.txt": b"dog,hat"}
    for name, raw in texts.items():
        (tmp_path / "in" / name).write_bytes(raw)
    project = opened({})
    assert exported(project, tmp_path / "out") == texts
    project.view().add_tags("solo")
    project.view().remove_tags("dog")
    assert exported(project, tmp_path / "out") == {"one/a.txt": b"cat, solo", "two/b.txt": b"hat,solo"}


def test_two_pictures_that_share_a_text_must_agree(opened: Any, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bmp").write_bytes(picture(500))
    project = opened({"a.txt": b"dog"})
    assert exported(project, tmp_path / "out") == {"a.txt": b"dog"}
    project.view().where("name:a.bmp").add_tags("cat")
    plan = project.view().plan_export("sidecars", tmp_path / "out", preserve=True, overwrite=True)
    assert plan.lint["rule"].tolist() == ["shared-text"]
    with pytest.raises(lr.Error, match=r"share a text.*a\.txt"):
        plan.write()
    assert files(tmp_path / "out") == {"a.txt": b"dog"}


def test_files_keep_their_place_below_the_folder_that_was_added(opened: Any, tmp_path: Path):
    texts = {"10_dog/a.txt": b"dog", "10_dog/deep/b.txt": b"cat"}
    project = opened(texts)
    assert exported(project, tmp_path / "out") == texts
    project.view("dog").export("sidecars", tmp_path / "part", preserve=True)
    assert files(tmp_path / "part") == {"10_dog/a.txt": b"dog"}
    lay(tmp_path / "more", {"c.txt": b"hat"}, first=77)
    project.add(tmp_path / "more" / "c.png")
    both = {f"in/{name}": raw for name, raw in texts.items()}
    assert exported(project, tmp_path / "out") == {**both, "more/c.txt": b"hat"}


def test_projects_that_kept_no_folder_go_by_the_deepest_that_holds_all(opened: Any, tmp_path: Path):
    project = opened({"deep/a.txt": b"dog", "deep/in/b.txt": b"cat"})
    with project.database.write() as connection:
        settings_of_projects.put(connection, FOLDERS, [])
    assert exported(project, tmp_path / "out") == {"a.txt": b"dog", "in/b.txt": b"cat"}


def test_what_a_model_said_is_among_the_tags(opened: Any, tmp_path: Path):
    project = opened({"a.txt": b"Dog,"})
    with log.evidence_write(project.database) as connection:
        model = evidence.model_id(connection, "local", "tagger", "1", {}, kind="tagger")
        tag = int(evidence.tag_ids(connection, [("red_hat", 0)])[0])
        row = AnnotationRow(1, model, tags=evidence.pack_scores([tag], [0.9]))
        evidence.record(connection, [row])
        log.refresh(connection, [1])
    assert exported(project, tmp_path / "out") == {"a.txt": b"Dog, red hat,"}
    project.view().remove_tags("red_hat")
    assert exported(project, tmp_path / "out") == {"a.txt": b"Dog,"}


def test_texts_out_of_an_archive(opened: Any, tmp_path: Path):
    lay(tmp_path / "loose", TEXTS)
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for name, data in files(tmp_path / "loose").items():
            archive.writestr(name, data)
    project = opened({})
    project.add(tmp_path / "in.zip")
    assert exported(project, tmp_path / "out", images="link") == files(tmp_path / "loose")


@pytest.mark.parametrize("images", ["copy", "link"])
def test_pictures_go_along_untouched(opened: Any, tmp_path: Path, images: str):
    project = opened(TEXTS, pictures=1)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "in").rglob("*")}
    assert exported(project, tmp_path / "out", images=images) == files(tmp_path / "in")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "in").rglob("*")} == before
    assert (tmp_path / "out" / "bom.png").is_symlink() == (images == "link")
    assert (
        (tmp_path / "out" / "bom.png")
        .resolve()
        .is_relative_to(tmp_path / ("in" if images == "link" else "out"))
    )


def test_a_file_that_holds_something_else_by_now_is_not_linked_to(opened: Any, tmp_path: Path):
    project = opened({"a.txt": b"dog"}, copy=True)
    (tmp_path / "in" / "a.png").write_bytes(picture(400))
    assert exported(project, tmp_path / "out", images="link") == {"a.txt": b"dog", "a.png": picture(0)}


def test_written_anew(opened: Any, tmp_path: Path):
    project = opened({"a/one.txt": b"dog, Long_Hair", "b.txt": b"A dog is here."}, pictures=1)
    plan = project.view().plan_export(
        "sidecars",
        tmp_path / "out",
        style="both",
        trigger="zxc",
        target="underscores",
        separator=",",
        extension="caption",
    )
    assert set(plan.files["state"]) == {"new"}
    assert plan.lint["rule"].tolist() == ["no-caption"]
    plan.write()
    assert files(tmp_path / "out") == {
        "a/one.caption": b"zxc,dog,long_hair",
        "b.caption": b"zxc,A dog is here.",
    }


def test_a_dataset_says_for_which_model(opened: Any, tmp_path: Path):
    project = opened({"a.txt": b"dog", "a.caption": b"A dog is here."})
    project.view().add_to("train")
    project.set_dataset("train", profile="z-image", trigger="zxc")
    project.view().export("sidecars", tmp_path / "out", dataset="train")
    assert files(tmp_path / "out") == {"a.txt": b"zxc, A dog is here."}
    with pytest.raises(lr.Error, match="did you mean 'z-image'"):
        project.view().plan_export("sidecars", tmp_path / "out", profile="z-img")


@pytest.mark.parametrize("file", ["../evil.txt", "a/../../evil.txt", "/evil.txt"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, file: str):
    text = Beside(1, file, "txt", b"dog", tags=("dog",))
    item = ExportItem(
        1, "00", "a.png", 1, 1, bytes, tags=(("dog", 0),), places=(Place(None, "a.png", (text,)),)
    )
    plan = SidecarsExporter().plan([item], tmp_path / "deep" / "out", preserve=True)
    with pytest.raises(lr.Error, match="leads out"):
        plan.write()
    assert not list(tmp_path.rglob("*.txt"))
    assert not Path("/evil.txt").exists()


def test_a_project_of_anybody_reads_no_file_of_this_machine(opened: Any, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "f.png").write_bytes(picture(1))
    secret = tmp_path / "in" / "secret"
    secret.write_bytes(b"\nkey")
    project = opened({"metadata.jsonl": b'{"file_name": "f.png", "text": "dog, cat"}'})
    with project.database.write() as connection:
        connection.execute(update(sidecar).values(source=str(secret), raw=b"", bytes=4))
    assert b"key" not in b"".join(exported(project, tmp_path / "out").values())


def test_options_are_checked(opened: Any, tmp_path: Path):
    view = opened({"a.txt": b"dog"}).view()
    with pytest.raises(lr.Error, match="did you mean 'preserve'"):
        view.plan_export("sidecars", tmp_path / "out", preserv=True)
    with pytest.raises(lr.Error, match="did you mean 'copy'"):
        view.plan_export("sidecars", tmp_path / "out", images="copi")


def test_a_plan_shows_what_changes_and_never_as_markup(opened: Any, tmp_path: Path):
    project = opened({"a.txt": b"<b>dog</b>, cat"})
    project.view().remove_tags("cat")
    plan = project.view().plan_export("sidecars", tmp_path / "out", preserve=True)
    assert "1 text (1 changed)" in repr(plan)
    html = plan._repr_html_()
    assert "-&lt;b&gt;dog&lt;/b&gt;, cat" in html
    assert "<b>dog" not in html


# ------------------------------------------------------------------------------------- random folders

TAGS = st.one_of(
    st.sampled_from(
        [
            "dog",
            "Long Hair",
            "long_hair",
            "(hat:1.2)",
            "saber \\(fate\\)",
            "",
            " ",
            "\t",
            "^_^",
            "a b_c",
            "café",
            "猫",
            "BREAK",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8),
)
SEPARATORS = st.sampled_from([", ", ",", " , ", "\n", "\r\n", ",\n", " "])
ENDS = st.sampled_from(["", "\n", "\r\n", ",", ", ", "\n\n"])


@st.composite
def _texts(draw: st.DrawFn) -> bytes:
    if draw(st.booleans()):
        text = draw(SEPARATORS).join(draw(st.lists(TAGS, max_size=6))) + draw(ENDS)
    else:
        text = draw(
            st.sampled_from(["A dog is here.", "It\u2019s a “cat”. It sits.\r\n", "  Ein Bär war da. "])
        )
    codec = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "shift_jis"]))
    junk = draw(st.sampled_from([b"", b"", b"", b"\xff\xd8\x81", b"\0"]))
    return text.encode(codec, "ignore") + junk


RAWS = st.lists(_texts(), min_size=1, max_size=8)
FEW = settings(max_examples=15)


class Rounds:
    """One project into which folder after folder is added, and one that reads them again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.first = lr.open_project(folder / "first")
        self.again = lr.open_project(folder / "again")
        lay(folder / "in", {}, pictures=1)
        self.first.add(folder / "in")

    def lay(self, texts: Mapping[str, bytes], **options: Any) -> lr.View:
        """Add a fresh folder of pictures and texts."""
        self.number += 1
        inside = self.folder / "in" / f"{self.number:04}"
        lay(inside, texts, first=self.number * 16)
        self.first.add(inside, **options)
        return self.first.view(f"path:*/in/{self.number:04}/*")

    def exported(self, view: lr.View, **options: Any) -> dict[str, bytes]:
        out = self.folder / "out" / str(self.number)
        view.export("sidecars", out, preserve=True, **options)
        return files(out / f"{self.number:04}")

    def told_again(self) -> dict[str, list[str]]:
        self.again.add(self.folder / "out" / str(self.number), captions="tags")
        return {record.name: list(record.tags) for record in self.again.view(f"path:*/out/{self.number}/*")}


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    made = Rounds(tmp_path_factory.mktemp("rounds"))
    yield made
    made.first.close()
    made.again.close()


@FEW
@given(raws=RAWS)
def test_any_folder_comes_back(rounds: Rounds, raws: list[bytes]):
    texts = {
        f"{number % 3}/{number}.{'caption' if number % 4 == 3 else 'txt'}": raw
        for number, raw in enumerate(raws)
    }
    assert rounds.exported(rounds.lay(texts)) == texts


@FEW
@given(
    raws=RAWS,
    which=st.integers(0, 7),
    action=st.sampled_from(["add", "remove", "replace", "reorder"]),
)
def test_one_edit_changes_one_text_which_then_says_it(
    rounds: Rounds, raws: list[bytes], which: int, action: str
):
    texts = {f"{number}.txt": raw for number, raw in enumerate(raws)}
    view = rounds.lay(texts, captions="tags")
    edited = view[which % len(texts) : which % len(texts) + 1]
    (record,) = edited
    tags = list(record.tags)
    if action == "add" or not tags:
        edited.add_tags("new_tag")
    elif action == "remove":
        edited.remove_tags(tags[0])
    elif action == "replace":
        edited.replace_tags({tags[-1]: "new_tag"})
    else:
        edited.order_tags(*reversed(tags))
    found = rounds.exported(view, images="copy")
    name = record.name.replace(".png", ".txt")
    assert {text for text in texts if found[text] != texts[text]} <= {name}
    assert rounds.told_again() == {record.name: list(record.tags) for record in view}

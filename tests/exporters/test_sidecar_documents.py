"""Files that speak of many pictures keep what stands between their rows."""

from __future__ import annotations

from lorairo.exporters.beside import Document
from lorairo.exporters.sidecar_documents import document

FULL = (
    b'{ "/data/x/a.jpg":{"tags":"dog"},\n\n"/data/y/a.jpg" : {"tags": "dog"}, '
    b'"C:\\\\set\\\\b.jpg": {"tags": "cat"} , "other": 3}'
)


def source(whole: bytes, kind: str = "kohya.json", **rows: bytes) -> Document:
    named = {name.replace("__", "/").replace("_jpg", ".jpg"): raw for name, raw in rows.items()}
    return Document("set/meta.json", kind, named, lambda: whole)


def test_entries_are_found_by_the_end_of_a_path():
    rows = {
        "set__x__a_jpg": b'{"tags":"dog"}',
        "set__y__a_jpg": b'{"tags": "dog"}',
        "set__b_jpg": b'{"tags": "cat"}',
    }
    whole = source(FULL, **rows)
    assert document(whole, whole.rows) == (FULL, True)
    changed = {**whole.rows, "set/y/a.jpg": b'{"tags": "dog, hat"}', "set/b.jpg": b'{"tags": ""}'}
    data, complete = document(whole, changed)
    assert complete
    assert data == FULL.replace(b' {"tags": "dog"}', b' {"tags": "dog, hat"}').replace(b"cat", b"")


def test_a_mark_at_the_start_stays():
    whole = source(b'\xef\xbb\xbf{"a": {"tags": "x"}}', set__a_jpg=b'{"tags": "x"}')
    data, _ = document(whole, {"set/a.jpg": b'{"tags": "y"}'})
    assert data == b'\xef\xbb\xbf{"a": {"tags": "y"}}'


def test_what_is_no_json_any_more_is_made_of_its_rows():
    for damaged in (b"", b"{", b"[1]", b"[" * 100_000, b"\xff"):
        whole = source(damaged, set__a_jpg=b'{"tags": "x"}')
        assert document(whole, whole.rows) == (b'{\n  "a.jpg": {"tags": "x"}\n}\n', False)


def test_lines_between_rows_stay_and_equal_ones_are_one():
    lines = b'# note\n{"file_name": "a.jpg", "text": "x"}\r\n\n{"file_name": "a.jpg", "text": "x"}\r\nend'
    whole = source(lines, "metadata.jsonl", set__a_jpg=b'{"file_name": "a.jpg", "text": "x"}\r')
    assert document(whole, whole.rows) == (lines, True)
    data, _ = document(whole, {"set/a.jpg": b'{"file_name": "a.jpg", "text": "y"}\r'})
    assert data == lines.replace(b'"x"', b'"y"', 1)

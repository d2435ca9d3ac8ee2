"""Tables that somebody else wrote: what they say is bounded, in memory and in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lorairo.importers import tables

if TYPE_CHECKING:
    from pathlib import Path


def test_a_table_full_of_faults_is_told_shortly(target: Any, photos: Path):
    lines = ["{}"] * 5000 + [json.dumps({"file_name": "../../etc/passwd", "text": "x"})] * 5000
    good = json.dumps({"file_name": "01.jpg", "text": "a quiet street in the evening"})
    (photos / "metadata.jsonl").write_text("\n".join([*lines, good]), encoding="utf-8")
    report = target.add(photos)
    told = report.warnings[report.warnings["path"].str.endswith("metadata.jsonl")]["reason"].tolist()
    assert len(told) == 101
    assert "9,900 more lines or entries have faults" in told
    assert "line 1: names no file (file_name)" in told
    with target.database.read() as connection:
        texts = connection.exec_driver_sql("SELECT text FROM sidecar WHERE kind = 'metadata.jsonl'")
        assert texts.scalars().all() == ["a quiet street in the evening"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty table"),
        (b" \n\t\n", "empty table"),
        (b"[" * 70_000, "line 1: 70,000 bytes are no caption (limit 65,536): not read"),
        (b"[" * 60_000, "line 1: not a JSON object"),
        (
            b'{"file_name": "' + b"x" * 60_000 + b'"}',
            f"line 1: there is no picture '{'x' * 120}...' beside this table",
        ),
        (
            b'{"file_name": "\\u202egpj.exe\\n<b>"}',
            "line 1: there is no picture '\\u202egpj.exe\\n<b>' beside this table",
        ),
    ],
)
def test_a_line_that_is_none_is_named_in_one_line(target: Any, photos: Path, content: bytes, reason: str):
    (photos / "metadata.jsonl").write_bytes(content)
    assert target.add(photos).warnings["reason"].tolist() == [reason]


def test_one_json_value_has_a_lower_limit_than_lines(
    target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    assert tables.MAX_JSON < tables.MAX_TABLE
    monkeypatch.setattr(tables, "MAX_JSON", 100)
    (photos / "meta_cap.json").write_text(json.dumps({"01": {"caption": "x" * 100}}), encoding="utf-8")
    (photos / "metadata.jsonl").write_text(
        json.dumps({"file_name": "01.jpg", "text": "x" * 100}), encoding="utf-8"
    )
    (told,) = target.add(photos).warnings["reason"]
    assert told == "table of 123 bytes is over the limit of 100: not read"

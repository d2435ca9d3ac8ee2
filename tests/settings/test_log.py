from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo import log, masking

if TYPE_CHECKING:
    from pathlib import Path

SPEAK = """
import sys
from pathlib import Path
from loguru import logger as theirs
from lorairo import log, masking

folder = Path(sys.argv[1])
log.to_project(folder)
log.to_project(folder)
exec(compile('''
log.logger.info("read {} pictures with sk-abcdefgh12345678", 3)
try:
    raise ValueError("Authorization: Bearer abcdefgh12345678 and hidden-by-name")
except ValueError:
    log.logger.exception("it failed")
log.logger.bind(project="another").info("of another project")
''', "x", "exec"), {"log": log, "__name__": "lorairo.somewhere"})
theirs.info("said by the host")
log.leave_project(folder)
log.leave_project(folder)
"""


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What a fresh process wrote into a project's log, and to the screen."""
    monkeypatch.setenv("SOME_API_KEY", "hidden-by-name")
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    done = subprocess.run(
        [sys.executable, "-c", SPEAK, str(tmp_path)], capture_output=True, text=True, check=True
    )
    return (tmp_path / "logs" / "lorairo.log").read_text(encoding="utf-8"), done.stdout + done.stderr


def test_cells_stay_quiet_and_the_host_keeps_its_voice(spoken: tuple[str, str]):
    _, screen = spoken
    assert "pictures" not in screen
    assert "it failed" not in screen
    assert "said by the host" in screen


def test_a_project_has_its_own_lines_once(spoken: tuple[str, str]):
    text, _ = spoken
    assert text.count("read 3 pictures") == 1
    assert "ValueError" in text
    assert "said by the host" not in text
    assert "of another project" not in text


def test_keys_are_masked_in_messages_and_tracebacks(spoken: tuple[str, str]):
    text, _ = spoken
    assert "abcdefgh12345678" not in text
    assert "hidden-by-name" not in text
    assert "***" in text


def test_a_project_in_which_nothing_happened_has_no_log(tmp_path: Path):
    log.to_project(tmp_path)
    log.leave_project(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "sk-proj-SECRETSECRET",
        "x sk-ant-api03-SECRETSECRET y",
        "AIzaSECRETSECRETSECRETSECRET",
        "hf_SECRETSECRET",
        "r8_SECRETSECRET",
        "Authorization: Bearer SECRETSECRET",
        "'x-api-key': 'SECRETSECRET'",
        '{"api_key": "SECRETSECRET"}',
        "https://example.org/v1?api_key=SECRETSECRET&x=1",
        "postgresql+psycopg://lora:SECRETSECRET@db.example.org/lora",
        "password=SECRETSECRET",
    ],
)
def test_shapes_of_secrets(text: str):
    assert "SECRET" not in masking.masked(text)


@pytest.mark.parametrize(
    "text", ["wd-vit-tagger-v3 tagged 12 images", "sha256 ab12", "key=3", "C:/photos/sk.jpg"]
)
def test_ordinary_words_stay(text: str):
    assert masking.masked(text) == text


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(st.characters(categories=["L", "N"]), min_size=8), st.text(), st.text())
def test_what_was_hidden_never_shows(secret: str, before: str, after: str):
    masking.hide(secret)
    try:
        assert secret not in masking.masked(before + secret + after)
    finally:
        masking._hidden.discard(secret)  # or it would mask the words of other tests

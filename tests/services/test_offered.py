"""Services as ``lr.models()`` lists them: priced, and greyed with a reason where they cannot be asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

import lorairo as lr
from lorairo import config, keys
from lorairo.errors import ModelError
from lorairo.services import endpoint


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


def test_services_are_listed_with_what_their_tokens_cost():
    prices = lr.models()["price"]
    assert prices["openai/gpt-5-mini"] == "$0.25 in, $2.00 out per million"
    assert prices["wd-vit-tagger-v3"] == "free"
    config.set("providers.studio.base_url", "http://localhost:1234/v1")
    config.set("providers.studio.model", "llava")
    assert lr.models()["price"]["studio/llava"] == "unknown"


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai/gpt-5-mini", "OPENAI_API_KEY"),
        ("anthropic/claude-haiku-5-5", "ANTHROPIC_API_KEY"),
        ("google/gemini-3.8-flash", "GOOGLE_API_KEY"),
    ],
)
def test_a_service_without_a_key_says_so_and_what_helps(
    model: str, variable: str, monkeypatch: pytest.MonkeyPatch
):
    row = lr.models().loc[model]
    assert not row["available"]
    assert row["why_not"] == f"Needs {variable}"
    assert row["remedy"].startswith(f"Set {variable}")
    monkeypatch.setenv(variable, "a-key-that-nobody-shall-see")
    rows = lr.models()
    assert rows.loc[model, "available"]
    assert "nobody-shall-see" not in rows.to_csv()


def test_a_server_of_ones_own_needs_no_key_unless_it_says_so():
    config.set("providers.studio.base_url", "http://localhost:1234/v1")
    config.set("providers.studio.model", "llava")
    assert lr.models().loc["studio/llava", "available"]
    config.set("providers.studio.api_key_env", "STUDIO_API_KEY")
    assert lr.models().loc["studio/llava", "why_not"] == "Needs STUDIO_API_KEY"


def test_a_library_that_is_not_here_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    monkeypatch.setitem(endpoint.EXTRAS, "openai", ("openai_of_another_world", "openai"))
    row = lr.models().loc["openai/gpt-5-mini"]
    assert row["why_not"] == "Needs openai_of_another_world"
    assert row["remedy"] == 'pip install "lorairo[openai]"'


def test_a_run_that_cannot_be_asked_says_why_before_it_starts(tmp_path: Path):
    with (
        lr.open_project(tmp_path / "project") as project,
        pytest.raises(ModelError, match="Needs OPENAI_API_KEY") as raised,
    ):
        project.view().annotate(["openai/gpt-5-mini"])
    assert "Set OPENAI_API_KEY" in str(raised.value)


class Silent(NoKeyring):
    """A keyring that waits for somebody to type a password, and counts how often it is asked."""

    def __init__(self, done: threading.Event) -> None:
        super().__init__()
        self.asked = 0
        self._done = done

    def get_password(self, _service: str, _username: str) -> str | None:
        self.asked += 1
        self._done.wait(60)
        return None


def test_a_locked_keyring_is_waited_for_once_and_not_in_each_list(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "_PATIENCE", 0.05)
    done = threading.Event()
    ring = Silent(done)
    keyring.set_keyring(ring)
    lr.models()
    lr.models()
    done.set()
    assert ring.asked == 1

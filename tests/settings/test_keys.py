from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from lorairo import config, keys
from lorairo.config.secret import Secret
from lorairo.errors import ConfigError
from lorairo.masking import masked

COLAB = """
class SecretNotFoundError(Exception):
    pass

def get(name):
    if name == {name!r}:
        return {value!r}
    raise SecretNotFoundError(f"Secret {{name}} does not exist.")
"""
KAGGLE = """
class BackendError(Exception):
    pass

class UserSecretsClient:
    def get_secret(self, name):
        if name == {name!r}:
            return {value!r}
        raise BackendError("no secret " + name)
"""


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, held: dict[str, str], wait: threading.Event | None = None) -> None:
        super().__init__()
        self.held = held
        self.wait = wait

    def get_password(self, service: str, username: str) -> str | None:
        if self.wait is not None:
            self.wait.wait(60)
        return self.held.get(username) if service == "lorairo" else None

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[username] = password


@pytest.fixture(autouse=True)
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put a module into a folder that Python imports from."""
    folder = tmp_path / "modules"

    def put(name: str, text: str) -> None:
        *packages, last = name.split(".")
        place = folder
        for package in packages:
            place /= package
            place.mkdir(parents=True, exist_ok=True)
            (place / "__init__.py").touch()
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{last}.py").write_text(text, encoding="utf-8")
        for known in [
            known for known in sys.modules if known.split(".")[0] == name.split(".", maxsplit=1)[0]
        ]:
            monkeypatch.delitem(sys.modules, known)
        monkeypatch.syspath_prepend(folder)
        importlib.invalidate_caches()

    yield put
    for known in ("google", "google.colab", "google.colab.userdata", "kaggle_secrets"):
        if str(folder) in str(getattr(sys.modules.get(known), "__file__", "")):
            del sys.modules[known]


def test_no_key_is_no_error():
    assert keys.find("openai") is None


def test_the_first_place_that_has_it_wins(
    user_file: Path, monkeypatch: pytest.MonkeyPatch, module: Callable[[str, str], None]
):
    def where() -> str:
        found = keys.find("openai")
        assert found is not None
        return f"{found.value.get_secret_value()} {found.where}"

    config.set("api.openai_key", "key-of-the-file")
    assert where() == "key-of-the-file config.toml"
    keyring.set_keyring(Ring({"openai": "key-of-the-ring"}))
    assert where() == "key-of-the-ring system keyring"
    module("kaggle_secrets", KAGGLE.format(name="OPENAI_API_KEY", value="key-of-kaggle"))
    assert where() == "key-of-kaggle Kaggle secret OPENAI_API_KEY"
    module("google.colab.userdata", COLAB.format(name="OPENAI_API_KEY", value="key-of-colab"))
    assert where() == "key-of-colab Colab secret OPENAI_API_KEY"
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    assert where() == "key-of-the-environment OPENAI_API_KEY"
    for key in ("the-file", "the-ring", "kaggle", "colab", "the-environment"):
        assert masked(f"it is key-of-{key}") != f"it is key-of-{key}"


def test_a_host_that_has_no_such_secret_is_passed_by(module: Callable[[str, str], None]):
    module("google.colab.userdata", COLAB.format(name="OTHER", value="x"))
    module("kaggle_secrets", KAGGLE.format(name="OTHER", value="x"))
    config.set("api.google_key", "key-of-the-file")
    found = keys.find("google")
    assert found is not None
    assert found.where == "config.toml"


@pytest.mark.parametrize(
    ("name", "variable", "setting"),
    [
        ("openai", "OPENAI_API_KEY", "api.openai_key"),
        ("anthropic", "ANTHROPIC_API_KEY", "api.claude_key"),
        ("google", "GEMINI_API_KEY", "api.google_key"),
        ("huggingface", "HF_TOKEN", "huggingface.token"),
        ("replicate", "REPLICATE_API_TOKEN", "api.replicate_key"),
    ],
)
def test_each_key_has_a_variable_and_a_setting(
    name: str, variable: str, setting: str, monkeypatch: pytest.MonkeyPatch
):
    config.set(setting, "key-of-the-file")
    assert keys.find(name) == keys.FoundKey(Secret("key-of-the-file"), "config.toml")
    monkeypatch.setenv(variable, "key-of-the-environment")
    assert keys.find(name) == keys.FoundKey(Secret("key-of-the-environment"), variable)


def test_a_setting_from_the_environment_names_its_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_API__OPENAI_KEY", "key-of-the-environment")
    found = keys.find("openai")
    assert found is not None
    assert found.where == "LORAIRO_API__OPENAI_KEY"


def test_a_provider_of_the_settings_names_its_variable(monkeypatch: pytest.MonkeyPatch):
    config.set("providers.cellar.base_url", "http://localhost:1234/v1")
    assert "cellar" in keys.names()
    assert keys.find("cellar") is None
    assert "providers.cellar.api_key_env" in keys.advice("cellar")
    config.set("providers.cellar.api_key_env", "CELLAR_DOOR")
    assert keys.advice("cellar").startswith("set CELLAR_DOOR;")
    monkeypatch.setenv("CELLAR_DOOR", "key-of-the-cellar")
    found = keys.find("cellar")
    assert found is not None
    assert (found.value.get_secret_value(), found.where) == ("key-of-the-cellar", "CELLAR_DOOR")
    with pytest.raises(ConfigError, match="did you mean 'cellar'"):
        keys.find("celar")


def test_a_keyring_that_waits_for_a_password_keeps_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "_PATIENCE", 0.05)
    unlocked = threading.Event()
    keyring.set_keyring(Ring({"openai": "key-of-the-ring"}, unlocked))
    assert keys.find("openai") is None
    unlocked.set()


def test_a_found_key_shows_its_ends_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "abcdefghijklmnopqrstuvwxyz")
    found = keys.find("openai")
    assert "abcd***wxyz" in repr(found)
    assert "efgh" not in repr(found)
    assert keys.mask("abcdefghijklmnopqrstuvwxyz") == "abcd***wxyz"


class Counting(Ring):
    """Counts how often it is asked."""

    def __init__(self, held: dict[str, str], wait: threading.Event | None = None) -> None:
        super().__init__(held, wait)
        self.asked: list[str] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.asked.append(username)
        return super().get_password(service, username)


def test_lists_do_not_ask_slow_places_each_time():
    ring = Counting({"anthropic": "key-of-the-ring"})
    keyring.set_keyring(ring)
    for _ in range(3):
        assert keys.where("openai") is None
        assert keys.where("anthropic") == "system keyring"
    assert ring.asked == ["openai", "anthropic"]
    keyring.set_keyring(Counting({"openai": "key-of-another-ring"}))
    assert keys.where("openai") == "system keyring"


def test_a_key_in_the_environment_or_a_file_counts_at_once(monkeypatch: pytest.MonkeyPatch):
    assert keys.where("openai") is None
    config.set("api.openai_key", "key-of-the-file")
    assert keys.where("openai") == "config.toml"
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    assert keys.where("openai") == "OPENAI_API_KEY"


def test_a_keyring_that_keeps_silent_is_waited_for_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keys, "_PATIENCE", 0.05)
    done = threading.Event()
    ring = Counting({}, done)
    keyring.set_keyring(ring)
    for name in ("openai", "anthropic", "google", "openai"):
        assert keys.where(name) is None
    done.set()
    assert ring.asked == ["openai"]


def test_what_is_asked_for_a_run_is_looked_for_everywhere():
    ring = Counting({})
    keyring.set_keyring(ring)
    assert keys.where("openai") is None
    ring.held["openai"] = "key-that-came-just-now"
    assert keys.find("openai") is not None
    assert keys.where("openai") is None
    keys.forget()
    assert keys.where("openai") == "system keyring"

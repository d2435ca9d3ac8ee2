from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo import config
from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, empty, instead of the real one; no setting in the environment."""
    for key in config.Settings.model_fields:
        monkeypatch.delenv(f"LORAIRO_{key.upper()}", raising=False)
    file = tmp_path / "user" / "config.toml"
    file.parent.mkdir()
    monkeypatch.setenv("LORAIRO_CONFIG", str(file))
    return file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_each_layer_overrides_the_one_before(user_file: Path, project: Path, monkeypatch: pytest.MonkeyPatch):
    assert config.load(project).thumbnail_size == 256
    user_file.write_text("thumbnail_size = 128", encoding="utf-8")
    assert config.load(project).thumbnail_size == 128
    (project / "config.toml").write_text("thumbnail_size = 160", encoding="utf-8")
    assert config.load(project).thumbnail_size == 160
    assert config.load().thumbnail_size == 128
    monkeypatch.setenv("LORAIRO_THUMBNAIL_SIZE", "192")
    assert config.load(project).thumbnail_size == 192
    assert config.load(project, thumbnail_size=224).thumbnail_size == 224
    assert config.load(project, thumbnail_size=None).thumbnail_size == 192


def test_the_module_is_the_object(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_WORKERS", "3")
    assert lr.config.workers == 3
    assert config.config.workers == 3
    with pytest.raises(AttributeError, match="did you mean 'workers'"):
        _ = lr.config.workrs


def test_explain_says_where_a_value_came_from(user_file: Path, monkeypatch: pytest.MonkeyPatch):
    assert "from the default" in config.explain("theme")
    user_file.write_text('theme = "dark"', encoding="utf-8")
    assert f"theme = dark, from {user_file}" in config.explain("theme")
    monkeypatch.setenv("LORAIRO_THEME", "light")
    said = config.explain("theme")
    assert said.startswith("theme = light, from LORAIRO_THEME")
    assert f"{user_file}: dark" in said
    assert "default: auto" in said


def test_unknown_keys_name_the_nearest(user_file: Path, project: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigError, match="did you mean 'workers'"):
        config.explain("worker")
    with pytest.raises(ConfigError, match="did you mean 'theme'"):
        config.load(them="dark")
    (project / "config.toml").write_text("max_byte = 3", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.toml: did you mean 'max_bytes'"):
        config.load(project)
    monkeypatch.setenv("LORAIRO_WORKRS", "3")
    with pytest.warns(UserWarning, match="LORAIRO_WORKRS is no setting: did you mean 'workers'"):
        config.load()


def test_values_that_do_not_fit_name_their_place(user_file: Path):
    user_file.write_text('workers = "many"', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"workers from .*config\.toml"):
        config.load()
    user_file.write_text("not toml", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not TOML"):
        config.load()


def test_keys_live_in_the_users_file_only_and_are_never_shown(
    user_file: Path, project: Path, monkeypatch: pytest.MonkeyPatch
):
    user_file.write_text('[keys]\nopenai = "sk-very-secret"', encoding="utf-8")
    assert config.api_key("openai") == "sk-very-secret"
    assert config.api_key("google") is None
    shown = repr(config.load()) + config.explain("keys") + config.table().to_string()
    assert "very-secret" not in shown
    assert "openai" in shown
    monkeypatch.setenv("LORAIRO_KEYS", '{"google": "from-the-environment"}')
    assert config.api_key("google") is None
    (project / "config.toml").write_text('[keys]\nopenai = "sk-handed-on"', encoding="utf-8")
    with pytest.raises(ConfigError, match="handed on to others") as caught:
        config.load(project)
    assert "sk-" not in str(caught.value)
    user_file.write_text('[keys]\nopenai = ["sk-in-a-list"]', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert "sk-" not in str(caught.value)


def test_the_table_lists_every_setting():
    table = config.table()
    assert set(table["key"]) == set(config.Settings.model_fields)
    assert table["meaning"].str.len().min() > 0

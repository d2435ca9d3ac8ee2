from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import lorairo as lr
from lorairo import config
from lorairo.errors import ConfigError

WRITTEN = """\
# mine
theme   =  "dark"   # easier on the eyes

[log]   # what is written
retention = '2 weeks'
level = "INFO"

[providers.local]
# the one in the cellar
base_url = "http://localhost:1234/v1"
"""


@pytest.fixture
def written(user_file: Path) -> Path:
    user_file.parent.mkdir()
    user_file.write_text(WRITTEN, encoding="utf-8")
    return user_file


def test_a_setting_counts_at_once_and_is_kept(user_file: Path):
    assert str(config.set("theme", "dark")) == f"theme = dark, in {user_file}"
    assert lr.config.theme == "dark"
    lr.config.theme = "light"
    assert lr.config.theme == "light"
    assert user_file.read_text(encoding="utf-8") == 'theme = "light"\n'


def test_everything_else_in_the_file_stays(written: Path):
    config.set("log.level", "DEBUG")
    config.set("limits.workers", 3)
    config.set("providers.local.timeout", 5)
    text = written.read_text(encoding="utf-8")
    rest = text.replace('level = "DEBUG"', 'level = "INFO"').replace("timeout = 5\n", "")
    assert rest.replace("\n[limits]\nworkers = 3\n", "") == WRITTEN
    found = config.load()
    assert (found.log.level, found.limits.workers, found.providers["local"].timeout) == ("DEBUG", 3, 5)


def test_none_takes_a_setting_out(written: Path):
    assert str(config.set("theme", None)) == "theme = auto, from the defaults"
    assert "theme" not in written.read_text(encoding="utf-8")
    before = written.read_text(encoding="utf-8")
    config.set("limits.workers", None)
    assert written.read_text(encoding="utf-8") == before


def test_a_project_has_settings_of_its_own(project: Path, user_file: Path):
    config.set("theme", "dark", project=project)
    assert config.load(project).theme == "dark"
    assert config.config.theme == "auto"
    assert not user_file.exists()
    with pytest.raises(ConfigError, match="handed on to others"):
        config.set("api.openai_key", "sk-aaaaaaaaaaaaaaaaaaaa", project=project)
    assert "sk-" not in (project / "config.toml").read_text(encoding="utf-8")


def test_what_does_not_fit_changes_nothing(written: Path, monkeypatch: pytest.MonkeyPatch):
    for key, value in [("theme", "purple"), ("log.level", "LOUD"), ("limits.workers", 0), ("them", "dark")]:
        with pytest.raises(ConfigError):
            config.set(key, value)
    monkeypatch.setenv("LORAIRO_THEME", "light")  # which would hide the mistake
    with pytest.raises(ConfigError):
        config.set("theme", "purple")
    with pytest.raises(ConfigError, match=r"lr\.config\.set\('log\.level'"):
        lr.config.log.level = "DEBUG"
    assert written.read_text(encoding="utf-8") == WRITTEN


def test_a_stronger_layer_is_named(user_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_THEME", "light")
    said = str(config.set("theme", "dark"))
    assert said == f"theme is written to {user_file}, but LORAIRO_THEME counts more: light"


def test_the_users_file_is_nobody_elses_to_read(written: Path):
    written.chmod(0o644)
    config.set("api.openai_key", "sk-aaaaaaaaaaaaaaaaaaaa")
    assert os.name == "nt" or stat.S_IMODE(written.stat().st_mode) == 0o600  # Windows has no modes
    assert [file.name for file in written.parent.iterdir()] == ["config.toml"]


def test_a_key_that_is_set_is_not_shown(user_file: Path):
    assert "sk-a***aaaa" in repr(config.set("api.openai_key", "sk-aaaaaaaaaaaaaaaaaaaa"))


def test_who_follows_hears_of_it_and_may_refuse(written: Path):
    heard = []

    def follow(key: str) -> None:
        heard.append((key, config.config.theme))
        if config.config.theme == "light":
            raise ConfigError("not that one")

    config.changed.connect(follow)
    try:
        config.set("theme", "auto")
        with pytest.raises(ConfigError, match="not that one"):
            config.set("theme", "light")
    finally:
        config.changed.disconnect(follow)
    assert heard == [("theme", "auto"), ("theme", "light"), ("theme", "auto")]
    assert config.config.theme == "auto"


def test_a_place_that_cannot_be_written_says_so(user_file: Path):
    user_file.parent.write_text("in the way")
    with pytest.raises(ConfigError, match=r"config\.toml cannot be"):
        config.set("theme", "dark")

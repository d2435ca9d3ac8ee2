from __future__ import annotations

from pathlib import Path

import pytest

import lorairo as lr
from lorairo import config
from lorairo.errors import ConfigError


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_each_layer_overrides_the_one_before(user_file: Path, project: Path, monkeypatch: pytest.MonkeyPatch):
    assert config.load(project).thumbnail_size == 256
    write(user_file, "thumbnail_size = 128")
    assert config.load(project).thumbnail_size == 128
    write(project / "config.toml", "thumbnail_size = 160")
    assert config.load(project).thumbnail_size == 160
    assert config.load().thumbnail_size == 128
    monkeypatch.setenv("LORAIRO_THUMBNAIL_SIZE", "192")
    assert config.load(project).thumbnail_size == 192
    assert config.load(project, thumbnail_size=224).thumbnail_size == 224
    assert config.load(project, thumbnail_size=None).thumbnail_size == 192


def test_layers_join_inside_a_table(user_file: Path, project: Path, monkeypatch: pytest.MonkeyPatch):
    write(user_file, '[log]\nlevel = "debug"\n[providers.openai]\ntimeout = 5\n')
    write(project / "config.toml", '[log]\nrotation = "10 MB"\n[providers.openai]\nmodel = "a"\n')
    monkeypatch.setenv("LORAIRO_LOG__RETENTION", "2 days")
    monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__RETRY_ATTEMPTS", "7")
    found = config.load(project, **{"limits": {"workers": 3}, "log.file_path": "x.log"})
    assert found.log.level == "DEBUG"
    assert (found.log.rotation, found.log.retention, found.log.file_path) == (
        "10 MB",
        "2 days",
        Path("x.log"),
    )
    openai = found.providers["openai"]
    assert (openai.timeout, openai.model, openai.retry_attempts) == (5, "a", 7)
    assert openai.api_key_env == "OPENAI_API_KEY"
    assert found.limits.workers == 3


def test_providers_of_ours_are_there_and_others_can_be_added(user_file: Path):
    assert set(config.load().providers) == {"openai", "anthropic", "google"}
    write(user_file, '[providers.lm-studio]\nbase_url = "http://localhost:1234/v1/"\n')
    added = config.load().providers["lm-studio"]
    assert (added.base_url, added.timeout, added.api_key_env) == ("http://localhost:1234/v1", 60, None)


@pytest.mark.parametrize(
    ("variable", "key"),
    [
        ("LORAIRO_MAX_WORKERS", "workers"),
        ("LORAIRO_MAX_MEMORY_MB", "memory_mb"),
        ("LORAIRO_BATCH_SIZE", "batch_size"),
        ("LORAIRO_LIMITS__WORKERS", "workers"),
    ],
)
def test_limits_have_variables_of_their_own(variable: str, key: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(variable, "3")
    assert getattr(config.load().limits, key) == 3
    assert f"limits.{key} = 3, from {variable}" in config.explain(f"limits.{key}")


def test_little_memory_means_few_workers():
    assert config.load(**{"limits.workers": 8, "limits.memory_mb": 1024}).limits.threads == 4
    assert config.load(**{"limits.workers": 8, "limits.memory_mb": 10}).limits.threads == 1
    assert config.load(**{"limits.workers": 2, "limits.memory_mb": 100_000}).limits.threads == 2


def test_the_module_is_the_object(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_MAX_WORKERS", "3")
    assert lr.config.limits.workers == 3
    assert config.config.limits.workers == 3
    with pytest.raises(AttributeError, match=r"did you mean 'limits\.workers'"):
        _ = lr.config.workrs
    assert "limits.workers = 3  (LORAIRO_MAX_WORKERS)" in repr(lr.config)


def test_explain_says_where_a_value_came_from(user_file: Path, monkeypatch: pytest.MonkeyPatch):
    assert config.explain("theme").startswith("theme = auto, from the default\n")
    write(user_file, '[log]\nlevel = "ERROR"')
    assert f"log.level = ERROR, from {user_file}" in config.explain("log.level")
    monkeypatch.setenv("LORAIRO_LOG__LEVEL", "DEBUG")
    assert config.explain("log.level").splitlines() == [
        "log.level = DEBUG, from LORAIRO_LOG__LEVEL",
        f"  {user_file}: ERROR",
        "  default: INFO",
        "  lowest level that is written",
    ]
    assert "providers.openai.api_key_env = OPENAI_API_KEY, from the default" in config.explain(
        "providers.openai.api_key_env"
    )


def test_unknown_keys_name_the_nearest(user_file: Path, project: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigError, match=r"did you mean 'limits\.workers'"):
        config.explain("limits.worker")
    with pytest.raises(ConfigError, match="did you mean 'theme'"):
        config.load(them="dark")
    with pytest.raises(ConfigError, match=r"did you mean 'providers\.lms\.timeout'"):
        config.explain("providers.lms.timout")
    with pytest.raises(ConfigError, match="'log' in the question is a table"):
        config.explain("log")
    write(project / "config.toml", "max_byte = 3")
    with pytest.raises(ConfigError, match=r"config\.toml: did you mean 'max_bytes'"):
        config.load(project)
    monkeypatch.setenv("LORAIRO_LOG__LEVLE", "DEBUG")
    with pytest.raises(ConfigError, match=r"unknown setting 'log\.levle' in the environment.*'log\.level'"):
        config.load()
    monkeypatch.delenv("LORAIRO_LOG__LEVLE")
    monkeypatch.setenv("LORAIRO_THEM", "dark")
    with pytest.warns(UserWarning, match="LORAIRO_THEM is no setting: did you mean 'theme'"):
        config.load()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[limits]\nworkers = 'many'", "limits.workers from "),
        ("[limits]\nworkers = 0", "greater than or equal to 1"),
        ("[log]\nlevel = 'LOUD'", "log.level from "),
        ("[log]\nrotation = 'weekly'", 'a time is written like "1 week", a size like "10 MB"'),
        ("[log]\nretention = '10 MB'", 'a time is written like "1 week"'),
        ("[providers.x]\nbase_url = 'localhost'", "providers.x.base_url from "),
        ("[providers.x]\nbase_url = 'http://me:pass@host/v1'", "an address holds no password"),
        ("[providers.x]\napi_key_env = 'not a name'", "providers.x.api_key_env from "),
        ("not toml", "is not TOML"),
    ],
)
def test_values_that_do_not_fit_name_their_place(user_file: Path, text: str, said: str):
    write(user_file, text)
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert said in str(caught.value)
    assert str(user_file) in str(caught.value)


def test_an_argument_or_variable_that_does_not_fit_names_itself(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigError, match="theme from the argument"):
        config.load(theme="purple")
    monkeypatch.setenv("LORAIRO_MAX_WORKERS", "many")
    with pytest.raises(ConfigError, match=r"limits\.workers from LORAIRO_MAX_WORKERS"):
        config.load()
    monkeypatch.setenv("LORAIRO_MAX_WORKERS", "1")
    monkeypatch.setenv("LORAIRO_LOG", "{not json")
    with pytest.raises(ConfigError, match="the environment"):
        config.load()


def test_the_home_folder_is_spelt_out(user_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write(user_file, '[directories]\nexport_dir = "~/out"')
    assert config.load().directories.export_dir == tmp_path / "out"


def test_a_folder_is_made_where_it_is_used(user_file: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match=r"directories\.export_dir is not set .*lr\.config\.set"):
        config.folder("directories.export_dir")
    place = tmp_path / "new" / "out"
    config.set("directories.export_dir", place)
    assert config.folder("directories.export_dir") == place
    assert place.is_dir()
    place.rmdir()
    place.write_text("in the way")
    with pytest.raises(ConfigError) as caught:
        config.folder("directories.export_dir")
    assert str(caught.value).startswith(f"directories.export_dir from {user_file}: {place}")


def test_what_is_required_says_how_to_set_it(user_file: Path):
    with pytest.raises(ConfigError) as caught:
        config.required("huggingface.repo_name")
    for way in ("lr.config.set('huggingface.repo_name'", "LORAIRO_HUGGINGFACE__REPO_NAME", str(user_file)):
        assert way in str(caught.value)
    assert config.required("theme") == "auto"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[api]\nopenai_key = "sk-handed-on-to-others"', "handed on to others: move it to"),
        ('[huggingface]\ntoken = "hf_handed_on_to_others"', "handed on to others: move it to"),
        ('[providers.openai]\nbase_url = "https://elsewhere.example/v1"', "would be sent your key"),
        ('[models]\nallow_remote_code = ["theirs"]', "would run code of others"),
        ('[log]\nfile_path = "../../outside.log"', "outside the project"),
        ('[log]\nfile_path = "/tmp/outside.log"', "outside the project"),
    ],
)
def test_a_project_may_not_say_everything(project: Path, user_file: Path, text: str, said: str):
    write(project / "config.toml", text)
    with pytest.raises(ConfigError) as caught:
        config.load(project)
    assert said in str(caught.value)
    assert str(user_file) in str(caught.value)
    assert "handed_on_" not in str(caught.value)
    assert "sk-handed" not in str(caught.value)


def test_a_project_may_name_a_server_on_this_machine(project: Path):
    write(project / "config.toml", '[providers.local]\nbase_url = "http://127.0.0.1:1234/v1"')
    assert config.load(project).providers["local"].base_url == "http://127.0.0.1:1234/v1"


def test_a_block_can_be_about_a_project(project: Path):
    write(project / "config.toml", 'theme = "dark"')
    with config.within(project):
        assert config.config.theme == "dark"
        assert str(project) in config.explain("theme")
    assert config.config.theme == "auto"


def test_keys_show_their_ends_alone(user_file: Path):
    write(user_file, '[api]\nopenai_key = "sk-aaaaaaaaaaaaaaaaaaaaaa"\nclaude_key = "short"')
    found = config.load()
    assert found.api.openai_key.get_secret_value() == "sk-aaaaaaaaaaaaaaaaaaaaaa"
    said = (
        repr(found)
        + str(found)
        + config.explain("api.openai_key")
        + config.table().to_string()
        + repr(lr.config)
    )
    assert "sk-a***aaaa" in said
    assert "aaaaaa" not in said
    assert "short" not in said
    write(user_file, '[api]\nopenai_key = ["sk-in-a-list"]')
    with pytest.raises(ConfigError) as caught:
        config.load()
    assert "sk-in" not in str(caught.value)


def test_the_table_lists_every_setting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_MAX_WORKERS", "3")
    table = config.table().set_index("key")
    assert {"theme", "api.openai_key", "log.level", "limits.workers", "providers.google.timeout"} <= set(
        table.index
    )
    assert tuple(table.loc["limits.workers", ["value", "from"]]) == ("3", "LORAIRO_MAX_WORKERS")
    assert table.loc["theme", "from"] == "default"
    assert table["meaning"].str.len().min() > 0

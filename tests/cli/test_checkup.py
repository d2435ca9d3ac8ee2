"""What the doctor sees: cards, providers, packages, hosts, drives; and the line that mends each lack."""

from __future__ import annotations

import os
import socket
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING

import onnxruntime
import pandas as pd
import pytest

import lorairo as lr
from lorairo.checkup import Checkup, Row, access, hosts, machine, packages, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SMI = "#!/bin/sh\necho 'NVIDIA Test 9000, 81920 MiB, 555.55'\n"


def by_part(rows: Iterable[Row]) -> dict[str, Row]:
    return {row.part: row for row in rows}


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put an ``nvidia-smi`` on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def make(text: str) -> None:
        (folder / "nvidia-smi").write_text(text)
        (folder / "nvidia-smi").chmod(0o755)

    return make


def test_a_card_is_named_and_one_that_models_do_not_use_is_a_problem(
    tool: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
):
    tool(SMI)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    rows = by_part(machine.look())
    assert rows["graphics card"][1:3] == ("ok", "NVIDIA: NVIDIA Test 9000, 81920 MiB, 555.55 (driver)")
    assert rows["onnxruntime providers"].state == "problem"
    assert 'pip install "lorairo[local-gpu]"' in rows["onnxruntime providers"].remedy


def test_a_provider_that_is_installed_and_does_not_load_is_a_problem(
    tool: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
):
    tool(SMI)
    there = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    rows = by_part(machine.look())  # this build has no CUDA: it falls back, as where a library is missing
    assert rows["onnxruntime providers"].state == "ok"
    assert rows["execution provider"].state == "problem"
    assert rows["execution provider"].found.startswith("CPUExecutionProvider")
    assert "onnxruntime-gpu" in rows["execution provider"].remedy


def test_a_driver_in_trouble_is_told(tool: Callable[[str], None]):
    tool("#!/bin/sh\nexit 9\n")
    row = by_part(machine.look())["graphics card"]
    assert (row.state, row.remedy) == ("problem", "run nvidia-smi, and do what it says")


def test_without_a_card_models_run_on_the_processor(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(Path, "exists", lambda self: self != Path("/dev/kfd"))
    rows = by_part(machine.look())
    assert rows["graphics card"].state in {"missing", "ok"}  # a Mac has one
    assert rows["execution provider"].state == "ok"
    assert {"processors", "memory"} <= set(rows)


def test_a_broken_build_of_onnxruntime_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", types.ModuleType("onnxruntime"))
    row = by_part(machine.look())["onnxruntime providers"]
    assert (row.state, row.remedy) == ("problem", 'pip install --force-reinstall "lorairo[local]"')


def test_packages_that_lack_or_do_not_fit_have_a_line_that_mends_them(monkeypatch: pytest.MonkeyPatch):
    versions = {"anywidget": "0.12.1", "ipykernel": "6.29.5", "ipywidgets": "8.1", "onnxruntime": "1.2"}
    monkeypatch.setattr(
        packages, "version", lambda name: versions[name] if name in versions else missing(name)
    )
    monkeypatch.setattr(
        packages,
        "requires",
        lambda _name: [
            "anywidget<0.12,>=0.9.18",
            "ipywidgets>=7.6",
            "numpy>=1.26",
            'onnxruntime>=1.18; extra == "local"',
            'ruff; extra == "test"',
        ],
    )
    rows = by_part(packages.look())
    assert rows["anywidget"][1:] == (
        "problem",
        "0.12.1, which does not fit <0.12,>=0.9.18",
        'pip install -U "anywidget<0.12,>=0.9.18"',
    )
    assert rows["numpy"][1:] == ("problem", "not installed", 'pip install -U "numpy>=1.26"')
    assert rows["ipywidgets"].state == "ok"
    assert rows["extra: local"][1:] == ("missing", "without onnxruntime", 'pip install "lorairo[local]"')
    assert rows["subshells"].found == "widgets wait until a cell has ended"
    assert "extra: test" not in rows


def missing(name: str) -> str:
    raise packages.PackageNotFoundError(name)


def test_two_builds_of_one_library_are_a_problem(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packages, "version", lambda _name: "1.20")
    row = next(row for row in packages.look() if row.part == "onnxruntime" and row.state == "problem")
    assert row.remedy == "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu"


@pytest.mark.parametrize(
    ("variables", "name", "rented"),
    [
        ({"COLAB_RELEASE_TAG": "x"}, "Colab", None),
        ({"KAGGLE_KERNEL_RUN_TYPE": "Batch"}, "Kaggle", None),
        ({"RUNPOD_POD_ID": "x"}, "Python", "RunPod"),
        ({"BINDER_SERVICE_HOST": "x", "BINDER_REPO_URL": "y"}, "Python", "Binder"),
        ({}, "Python", None),
    ],
)
def test_hosts_are_named_with_their_limits(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str, rented: str | None
):
    monkeypatch.setattr(hosts, "_shell", lambda: None)
    for variable in ("JPY_PARENT_PID", "VSCODE_PID", "COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    rows = [row.found.partition(": ") for row in hosts.look()]
    assert [row[0] for row in rows] == [name, *([rented] if rented else [])]
    assert all(row[2] for row in rows)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["python", "-m", "jupyterlab", "a.ipynb"], "JupyterLab"),
        (["/usr/bin/python3", "/usr/local/bin/jupyter-lab"], "JupyterLab"),
        (["/usr/bin/python3", "/usr/bin/jupyter-notebook", "--no-browser"], "Notebook 7"),
        (["python", "-m", "notebook"], "Notebook 7"),
        (["/opt/jupyterhub-singleuser"], "Jupyter"),
    ],
)
def test_the_page_of_a_kernel_is_told_by_its_server(
    monkeypatch: pytest.MonkeyPatch, command: list[str], name: str
):
    import ipykernel  # noqa: F401, PLC0415 - a kernel has it loaded
    import psutil  # noqa: PLC0415 - where the answer is planted

    monkeypatch.setenv("JPY_PARENT_PID", "1")
    for variable in ("VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(psutil.Process, "cmdline", lambda _self: command)
    assert hosts.host_name() == name
    monkeypatch.setenv("VSCODE_PID", "1")
    assert hosts.host_name() == "VS Code"


def test_the_drive_of_a_project(tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(photos)
        rows = by_part(lr.doctor(project).rows())
        assert rows["project"].found == str(tmp_path / "p")
        assert {rows[part].state for part in ("project", "disk", "drive", "database")} <= {"ok", "problem"}
        assert rows["database"].state == "ok"
    (tmp_path / "p/database.db").write_bytes(b"damaged" * 1000)
    damaged = by_part(place.look(tmp_path / "p", project=True))["database"]
    assert damaged.state == "problem"
    assert "backups" in damaged.remedy
    nowhere = by_part(place.look(tmp_path / "none/deeper", project=True))["project"]
    assert (nowhere.state, "makes one" in nowhere.remedy) == ("problem", True)
    assert by_part(place.look(tmp_path / "none/deeper", project=False))["folder"].state == "ok"


def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: types.SimpleNamespace(free=2**20, total=2**40))
    assert by_part(place.look(tmp_path, project=False))["disk"].state == "problem"


def test_the_report_reads_well_in_a_terminal_and_in_a_cell():
    report = Checkup.of(
        [
            Row("fine", "ok", "1.0"),
            Row("optional", "missing", "not installed", "pip install optional"),
            Row("broken\x1b[31m", "problem", "<b>bad</b>", "mend it"),
        ]
    )
    assert repr(report).splitlines() == [
        "1 problem; 1 optional part is not there",
        " !  broken\\x1b[31m  <b>bad</b>",
        "                    mend it",
        " -  optional        not installed",
        "                    pip install optional",
        "ok  fine            1.0",
    ]
    html = report._repr_html_()
    assert "&lt;b&gt;bad&lt;/b&gt;" in html
    assert html.index(">broken") < html.index(">optional") < html.index(">fine")
    assert isinstance(report, pd.DataFrame)
    assert "part" in repr(report[["part"]]), "a part of it is a table like any other"
    assert "<table" in report[["part"]]._repr_html_()
    assert Checkup.of([Row("fine", "ok", "1.0")]).summary == "Everything works"


def test_services_are_named_with_their_limits_and_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        lr.config.set("providers.studio.base_url", f"http://127.0.0.1:{port}/v1")
        lr.config.set("providers.studio.concurrency", 2)
        lr.config.set("providers.openai.rate_limit_tokens_per_minute", 200_000)
        rows = by_part(access.settings())
    assert rows["service: studio"][1:3] == ("ok", f"127.0.0.1:{port}: 60 requests a minute, 2 at once")
    assert rows["service: openai"].found == (
        "OpenAI: 60 requests a minute, 200,000 tokens a minute, 8 at once"
    )
    silent = by_part(access.settings())["service: studio"]
    assert silent.state == "missing"
    assert silent.remedy == f"start http://127.0.0.1:{port}/v1"


def test_of_keys_it_is_said_where_they_are_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-that-nobody-shall-see")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    rows = by_part(access.settings())
    assert rows["key: openai"].found == "from OPENAI_API_KEY"
    assert rows["key: anthropic"].state == "missing"
    assert "ANTHROPIC_API_KEY" in rows["key: anthropic"].remedy
    assert "nobody-shall-see" not in str(rows)

from __future__ import annotations

import http.server
import json
import os
import threading
from typing import TYPE_CHECKING

import pytest

from lorairo.checkup import doctor, host_name
from lorairo.servers import running_servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Serve = Callable[..., str]

TOKEN = "only-for-this-server"


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which Jupyter writes down its running servers."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def serve(runtime: Path) -> Iterator[Serve]:
    """Start a server that has some of JupyterLab's extensions, and write it down as Jupyter does."""
    started = []

    def start(*parts: str) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = {f"/base/lab/extensions/{part}/package.json" for part in parts}
                good = self.path in known and self.headers["Authorization"] == f"token {TOKEN}"
                self.send_response(200 if good else 404)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        started.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/base/"
        write_down(runtime, url)
        return url

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def write_down(runtime: Path, url: str, pid: int | None = None) -> None:
    facts = {"url": url, "token": TOKEN, "pid": pid or os.getpid()}
    (runtime / f"jpserver-{len(list(runtime.iterdir()))}.json").write_text(
        json.dumps(facts), encoding="utf-8"
    )


def test_a_server_with_everything(serve: Serve):
    url = serve("anywidget", "@jupyter-widgets/jupyterlab-manager")
    (server,) = running_servers()
    assert (server.url, server.missing) == (url, ())


def test_a_server_of_another_environment_lacks_parts_and_doctor_says_what_to_do(serve: Serve):
    serve("@jupyter-widgets/jupyterlab-manager")
    report = doctor()
    row = report[report["part"].str.startswith("server")].iloc[0]
    assert row["state"] == "problem"
    assert "anywidget" in row["found"]
    assert "reload the page" in row["remedy"]
    assert TOKEN not in report.to_string()


def test_servers_that_are_gone_or_do_not_answer(runtime: Path):
    write_down(runtime, "http://127.0.0.1:9/", pid=2**22 + 1)  # above the largest process id
    write_down(runtime, "http+unix://socket/")
    (runtime / "jpserver-x.json").write_text("{", encoding="utf-8")
    assert running_servers() == []
    write_down(runtime, "http://127.0.0.1:9/")
    assert [server.missing for server in running_servers()] == [None]


@pytest.mark.parametrize(
    ("variable", "host"), [("COLAB_RELEASE_TAG", "Colab"), ("KAGGLE_KERNEL_RUN_TYPE", "Kaggle")]
)
def test_hosts(monkeypatch: pytest.MonkeyPatch, variable: str, host: str):
    monkeypatch.setenv(variable, "x")
    assert host_name() == host

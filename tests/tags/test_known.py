"""The vocabulary the settings name: a file, or a list that was downloaded once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lorairo.config import load
from lorairo.errors import ArgumentError, ConfigError
from lorairo.tags import download_vocabulary, known, known_vocabulary

LIST = "hat,0,9,cap\n"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Serve what stands under each path, in the place of the public lists."""
    served: dict[str, str] = {"/danbooru": LIST}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = served.get(self.path)
            self.send_response(404 if found is None else 200)
            self.end_headers()
            self.wfile.write((found or "").encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    place = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(known, "LISTS", {"danbooru": f"{place}/danbooru", "e621": f"{place}/e621"})
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_list_is_fetched_once(site: dict[str, str], tmp_path: Path):
    kept = download_vocabulary("danbooru", tmp_path / "lists")
    site.clear()
    assert download_vocabulary("danbooru", tmp_path / "lists") == kept
    settings = load(vocabulary="danbooru", vocabulary_dir=tmp_path / "lists")
    vocabulary = known_vocabulary(settings)
    assert vocabulary is not None
    assert vocabulary.resolve("cap") == ("hat",)


def test_what_is_no_list_is_not_kept(site: dict[str, str], tmp_path: Path):
    site["/danbooru"] = "<html>sign in</html>\n"
    with pytest.raises(ConfigError, match="is not 'name,category"):
        download_vocabulary("danbooru", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_fetched_is_said_with_a_way_out(site: dict[str, str], tmp_path: Path):
    with pytest.raises(ConfigError, match=r"404.*put it at"):
        download_vocabulary("e621", tmp_path)


def test_nothing_is_fetched_offline_or_unasked(
    site: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ConfigError, match="HF_HUB_OFFLINE is set"):
        download_vocabulary("danbooru", tmp_path)
    with pytest.raises(ArgumentError, match="danbooru or e621"):
        download_vocabulary("gelbooru", tmp_path)
    with pytest.raises(ConfigError, match="download"):
        known_vocabulary(load(vocabulary="danbooru", vocabulary_dir=tmp_path))
    assert known_vocabulary(load()) is None

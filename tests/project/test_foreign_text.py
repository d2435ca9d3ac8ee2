"""Markup, control characters and turned directions in what somebody else wrote are shown, never obeyed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import lorairo as lr
from lorairo.plaintext import markup, printable
from lorairo.results import Done

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

EVIL = (
    "<img src=x onerror=ran()>",
    '"><svg onload=ran()>',
    "<script>ran()<",  # a name of a file holds no slash
    "evil\u202egpj.exe",
    "zero\u200bwidth",
    "two\nlines\r\x1b[31mred",
    "&lt;b&gt; {x} %s",
)
HARMLESS = {
    "div",
    "p",
    "b",
    "bdi",
    "i",
    "code",
    "span",
    "strong",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "del",
    "ins",
    "style",
}
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\x1b\r]")


class Reader(HTMLParser):
    """Reads HTML as a browser does; collects what it would do, and what it would show."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.bad: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.bad.append(tag)
        for name, value in attributes:
            if name.startswith("on") or name in {"href", "srcdoc", "formaction"}:
                self.bad.append(f"{tag} {name}")
            if name == "src" and not (value or "").startswith("data:image/jpeg;base64,"):
                self.bad.append(f"{tag} src={value}")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def project(tmp_path: Path, draw: Callable[..., Any]) -> Iterator[lr.Project]:
    """A project whose every text is hostile."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, name in enumerate(EVIL):
        draw(number, (64, 48)).save(photos / f"{number}{name}.jpg")
        (photos / f"{number}{name}.txt").write_text(f"{name} tag, dog", encoding="utf-8")
        (photos / f"bad{name}.jpg").write_bytes(b"no picture")
    with lr.open_project(tmp_path / f"project{EVIL[0]}{EVIL[3]}") as project:
        project.add(photos)
        view = project.view()
        for number, text in enumerate(EVIL):
            view.add_to(f"set{number} {text}")
            view.head(1).exclude(reason=text)
            project.view(everything=True).include()
        view.set_caption(f"caption {EVIL[0]} {EVIL[1]} </textarea><script>ran()</script> {EVIL[3]}")
        yield project


def shown(project: lr.Project) -> dict[str, Any]:
    """Everything public that has a look of its own."""
    view = project.view()
    query = project.view(f'caption:"{EVIL[0]}"')
    record = project[int(view.ids[0])]
    return {
        "view": view,
        "query": query,
        "report": project.add(project.location.parent / "photos"),
        "preview": view.edit_captions("caption", EVIL[1]),
        "plan": view.plan_export("kohya", project.location.parent / f"out{EVIL[1]}", trigger=EVIL[0]),
        "done": view.add_tags(EVIL[0]),
        "project": project,
        "record": record,
        "workspace": lr.Workspace(project.location.parent),
    }


def test_nothing_that_is_shown_obeys_a_text(project: lr.Project):
    for name, thing in shown(project).items():
        if hasattr(thing, "_repr_html_"):
            html = thing._repr_html_()
            assert Reader(html).bad == [], name
            assert not TURNS.search(html), name
        text = repr(thing)
        assert not TURNS.search(text), name


def test_the_texts_can_be_read(project: lr.Project):
    things = shown(project)
    assert f"in project{EVIL[0]}evil\\u202egpj.exe" in Reader(things["view"]._repr_html_()).text
    assert EVIL[0] in Reader(things["query"]._repr_html_()).text
    assert f"bad{EVIL[0]}.jpg" in Reader(things["report"]._repr_html_()).text
    assert f"out{EVIL[1]}" in Reader(things["plan"]._repr_html_()).text


@pytest.mark.parametrize("kind", ["Gallery", "TagEditor"])
def test_the_sheet_beside_a_widget_is_text_too(project: lr.Project, kind: str):
    widget = getattr(lr, kind)(project)
    try:
        data, _metadata = widget._repr_mimebundle_()
        assert Reader(data["text/html"]).bad == []
        assert not TURNS.search(data["text/plain"])
    finally:
        widget.close()


def test_tables_escape_what_is_in_them(project: lr.Project):
    view = project.view()
    record = project[int(view.ids[0])]
    tables: dict[str, pd.DataFrame] = {
        "df": view.df,
        "tags": view.tags(),
        "tag_frame": view.tag_frame,
        "history": project.history,
        "datasets": project.datasets,
        "failures": project.failures,
        "evidence": record.evidence,
        "of one": record.history,
        "captions": view.captions("default").to_frame(),
    }
    for name, frame in tables.items():
        reader = Reader(frame._repr_html_())
        assert reader.bad == [], name
    assert EVIL[0] in Reader(project.datasets._repr_html_()).text


def test_a_message_is_one_line():
    assert repr(Done("Tagged\nx\x1b[2J\u202e", 1, None)) == "Tagged\\nx\\x1b[2J\\u202e"


@pytest.mark.parametrize(
    "text", ["猫の写真", "תמונה", "café", "🐶🏽\u200d🦰", "a b\u00a0c\u3000d", "नमस्ते", "क्\u200cष"]
)
def test_writing_of_every_people_is_left_alone(text: str):
    assert printable(text) == text
    assert markup(text) == f"<bdi>{text}</bdi>"

"""Whatever was decided before: a preview says what applying does, and undo takes all of it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import lorairo as lr
from lorairo.cleaning.clean import clean_tags
from lorairo.tags import Implications, Vocabulary, VocabularyEntry

NAMES = ["1girl", "a", "b", "c", "x", "y", "z"]
KNOWN = Vocabulary(
    [VocabularyEntry("b", 4, 9, ("a",)), VocabularyEntry("c", 3, 8)], Implications({"x": ["y"], "y": ["z"]})
)
some = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True)
DECISIONS = st.lists(
    st.tuples(st.sampled_from(["add_tags", "remove_tags", "order_tags"]), st.sampled_from([0, 1, 2]), some),
    max_size=6,
)
RULES = st.fixed_dictionaries(
    {
        "rename": st.sampled_from([{}, {"a": "c"}, {"x": "b", "a": "b"}, {"1girl": "a", "a": "y"}]),
        "aliases": st.booleans(),
        "blacklist": st.sampled_from([[], ["z"], ["category:copyright", "1*"]]),
        "prune_constants": st.sampled_from([None, 1.0, 0.5]),
        "implications": st.sampled_from([None, "strip", "expand"]),
        "order": st.sampled_from([None, "category", ["z", "c"]]),
    }
)


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, draw: Callable[..., Image.Image]
) -> Iterator[lr.Project]:
    """Three pictures, one of them with tags from a file, as evidence."""
    folder: Path = tmp_path_factory.mktemp("pictures")
    for seed in range(3):
        draw(seed, (32, 24)).save(folder / f"{seed}.png")
    (folder / "0.txt").write_text("a, x, 1girl, c", encoding="utf-8")
    with lr.open_project(tmp_path_factory.mktemp("project")) as project:
        project.add(folder)
        yield project


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(decisions=DECISIONS, rules=RULES)
def test_what_is_shown_is_what_comes(
    project: lr.Project, decisions: list[tuple[str, int, list[str]]], rules: dict[str, Any]
):
    project.view().clear_tags(*NAMES)
    for verb, place, names in decisions:
        getattr(project.view()[place : place + 1], verb)(*names)
    view = project.view()
    before = view["tags"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(project.vocabulary), "known", KNOWN)
        preview = clean_tags(view, **rules)
    expected = before.copy()
    expected.update(preview.frame["after"])
    done = preview.apply()
    assert view["tags"].to_dict() == expected.to_dict()
    assert done.count == len(preview) == int((before != expected).sum())
    if done.operation_id is not None:
        project.undo()
    assert view["tags"].to_dict() == before.to_dict()

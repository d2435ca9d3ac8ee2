from __future__ import annotations

import ast
import threading
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, StoreError
from lorairo.recipes.companion import Companion, beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = [
    "it's",
    'say "hi"',
    '"""',
    "\\",
    "\\N{DEL}",
    "two\nlines\r\n",
    "\u202eerecalp",
    "שלום",
    "{braces} {texts}",
    "\x00\x1b[31m",
    "日本語 🐕",
    "# no comment",
    "') or project.close() or ('",
]


def body(project: lr.Project) -> list[str]:
    """Return the statements of a recipe, without comments."""
    text = project.recipe().text
    ast.parse(text)
    lines = text[text.index("in the order they were made") :].split("\n\nif __name__")[0].splitlines()[1:]
    return [line.removeprefix("    ") for line in lines if line.strip() and not line.strip().startswith("#")]


def test_calls_read_as_they_were_typed(here: lr.Project, say: Callable[..., None]):
    say(here, "local/wd", {1: {"hat": 0.6}, 2: {"hat": 0.2}})
    here.view("dog -smile").add_tags("sunny", "big hat")
    here.view("hat OR cat").sort("-width").head(2).stars(4)
    here.view().threshold("local/wd", general=0.1)
    here.view("tags:>1").sample(2, seed=7).exclude("too many")
    here.view("is:excluded").include()
    here.set_dataset("train", profile="sdxl", trigger="xyz dog")
    here.view("park").add_to("train")
    found = body(here)
    assert found[0] == "recorded.evidence(1)  # local/wd on 2 images"
    shapes = [
        ('recorded(1, project.view("dog -smile"), 1, "', '").add_tags("sunny", "big_hat")'),
        ('recorded(2, project.view("hat OR cat").sort("-width")[0:2], 2, "', '").stars(4)'),
        ('project.view().threshold("local/wd", general=0.1)', ""),
        ('recorded(4, project.view("tags:>1").sample(2, seed=7), 2, "', '").exclude(reason="too many")'),
        ('recorded(5, project.view("is:excluded"), 2, "', '").include()'),
        ('project.set_dataset("train", profile="sdxl", trigger="xyz dog")', ""),
        ('recorded(7, project.view("park"), 1, "', '").add_to("train")'),
    ]
    assert len(found) == len(shapes) + 1
    for line, (start, end) in zip(found[1:], shapes, strict=True):
        assert line.startswith(start)
        assert line.endswith(end)


def test_images_chosen_one_by_one_are_named_by_their_files(here: lr.Project):
    view = here.view()
    view[[3, 1]].set_caption("a dog")
    view[[1, 2, 3, 4]].mark_reviewed()
    here.view("id:2").stars(5)  # an id means nothing elsewhere
    assert body(here) == [
        'recorded(1).set_caption("a dog")  # a.png, c.png',
        "recorded(2).mark_reviewed()  # 4 images",
        "recorded(3).stars(5)  # b.png",
    ]


def test_captions_of_many_images_lie_in_the_companion(here: lr.Project):
    here.view()[[1, 2]].set_caption({1: "one", 2: "two"}, variant="short")
    here.view("dog").set_caption(lambda image: image.name)
    here.view()[[1]].set_caption("long " * 500)
    assert [line.split("  #")[0] for line in body(here)] == [
        'recorded(1).set_caption(recorded.texts(1), variant="short")',
        "recorded(2).set_caption(recorded.texts(2))",
        "recorded(3).set_caption(recorded.texts(3))",
    ]


def test_lists_of_tags_are_written_out_where_they_are_few(here: lr.Project):
    view = here.view()
    view.set_tags(["dog", "hat"])
    view.set_tags({1: ["cat"], 2: [], 3: ["cat"]})
    view.set_tags({n: [f"tag {n}", "dog"] for n in range(1, 7)})
    digest = 'recorded(1, project.view(), 6, "'
    assert str(here.recipe()).count(digest) == 1
    text = here.recipe().text
    for line in (
        '").set_tags(["dog", "hat"])',
        'recorded(2).set_tags(["cat"])',
        "recorded(3).set_tags([])",
        "recorded(4).set_tags(recorded.lists(4))",
    ):
        assert line in text


def test_a_batch_is_a_block(here: lr.Project):
    with here.batch("my cleanup"):
        here.view("dog").remove_tags("park")
        here.view("dog").replace_tags({"smile": "grin"})
    here.view("cat").stars(1)
    found = body(here)
    assert found[0] == 'with project.batch("my cleanup"):'
    assert [line.startswith("    ") for line in found[1:]] == [True, True, False]


def test_a_batch_about_images_that_were_deleted_for_good_does_nothing(here: lr.Project):
    with here.batch("cleanup"):
        here.view("hat").stars(1)
        here.view("hat").add_tags("x")
    here.view("hat").delete(confirm=True)
    assert body(here) == ['with project.batch("cleanup"):', "    pass"]


def test_what_was_taken_back_leaves_nothing(here: lr.Project):
    here.view("dog").stars(2)
    here.view("cat").add_tags("x")
    with here.batch("several"):
        here.view("dog").add_tags("y")
        here.view("cat").add_tags("y")
    here.undo()
    here.undo()
    (line,) = body(here)
    assert line.endswith(".stars(2)")


def test_what_was_done_again_is_one_call(here: lr.Project):
    here.view("dog").stars(2)
    here.undo()
    here.redo()
    here.undo()
    here.redo()
    (line,) = body(here)
    assert line.endswith(".stars(2)")


def test_several_undone_at_once_and_done_again_at_once_leave_only_their_calls(here: lr.Project):
    one, other = here.view("dog").stars(2), here.view("cat").stars(3)
    with here.batch("both"):
        here.undo(other.operation_id)
        here.undo(one.operation_id)
    here.redo()
    assert [line.rpartition(".")[2] for line in body(here)] == ["stars(2)", "stars(3)"]


def test_an_undo_that_had_later_changes_above_it_is_a_call(here: lr.Project):
    first = here.view("dog").add_tags("x")
    here.view("cat").stars(3)
    undone = here.undo(first.operation_id)
    here.view("cat").stars(4)
    here.undo(undone.operation_id)
    assert [line.split("(")[0] for line in body(here)] == [
        "change_1 = recorded",
        "recorded",
        "undo_1 = recorded.undo",
        "recorded",
        "recorded.redo",
    ]


def test_a_batch_with_clicks_in_between_is_written_one_by_one(here: lr.Project):
    with here.batch("cleanup"):
        here.view("dog").stars(1)
        click = threading.Thread(target=lambda: here.view("cat").stars(2))
        click.start()
        click.join()
        here.view("dog").add_tags("x")
    assert [line.startswith("recorded(") for line in body(here)] == [True, True, True]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_others_stays_text(here: lr.Project, text: str):
    with here.batch(text):
        here.view()[[1]].set_caption(text)
        here.view("dog").exclude(text)
    here.set_dataset("train", trigger=text)
    tree = ast.parse(here.recipe().text)
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert text in said
    assert all(line.isprintable() for line in here.recipe().text.splitlines())


def test_a_project_with_a_hostile_name_has_a_recipe_that_runs(tmp_path: Path):
    with lr.open_project(tmp_path / 'a "\'\'\' """ \\N{x}') as project:
        project.set_dataset("train")
        recipe = project.recipe()
    ast.parse(recipe.text)
    assert "set_dataset" in recipe.text


def test_no_key_is_in_a_recipe_or_beside_it(
    here: lr.Project, there: lr.Project, tmp_path: Path, say: Callable[..., None]
):
    key = "sk-" + "abcdefgh12345678"
    say(here, "local/captioner", {1: {}}, caption=f"it said {key}")
    here.view()[[1, 2]].set_caption({1: f"one {key}", 2: "two"}, variant="short")
    here.view("dog").exclude(key)
    recipe = here.recipe()
    place = recipe.save(tmp_path / "keys.py")
    assert key not in recipe.text
    lr.replay(place, there)
    assert key not in there.recipe().text
    with Companion(beside(place)) as companion:
        assert key not in "\n".join(companion.lines())
        assert key not in str([part["caption"] for part in companion.parts("answers", 0)])
        assert key not in str(companion.texts(1))


def test_a_recipe_prints_as_its_text_and_is_saved_as_python(here: lr.Project, tmp_path: Path):
    here.view("dog").stars(1)
    recipe = here.recipe()
    assert str(recipe) == repr(recipe) == recipe.text
    with pytest.raises(ArgumentError, match=r'such as "dogs\.py"'):
        recipe.save(tmp_path / "dogs.txt")
    assert recipe.save(tmp_path / "dogs.py").read_text(encoding="utf-8") == recipe.text
    assert sorted(place.name for place in tmp_path.glob("dogs*")) == ["dogs.evidence", "dogs.py"]


def test_where_nothing_can_be_written_nothing_is(here: lr.Project, tmp_path: Path):
    place = tmp_path / "dogs.py"
    place.with_suffix(".evidence").mkdir()
    with pytest.raises(StoreError, match=r"dogs\.py cannot be written"):
        here.recipe().save(place)
    assert [found.name for found in tmp_path.iterdir() if "dogs" in found.name] == ["dogs.evidence"]


def test_nothing_done_is_a_recipe_too(here: lr.Project):
    assert body(here) == []

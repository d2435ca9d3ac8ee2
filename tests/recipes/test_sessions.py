"""Random sessions, replayed where the same pictures have other names and came in another order."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

import lorairo as lr
from lorairo.errors import NotFoundError
from lorairo.store import log, pairing
from lorairo.store.logged import newest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAGS = ["dog", "cat", "smile", "hat", "park", "rex", 'o\'neil "q"', "köln"]
SEARCHES = [
    "",
    "dog",
    "-hat",
    "smile OR cat",
    "stars:>2",
    "is:excluded",
    "dataset:train",
    "caption:park",
    "tags:>2",
]
TEXTS = ["a dog", "", 'it\'s "two"\nlines\u202e', "  ", None]
MODELS = ["local/wd", "local/other"]

tags = st.lists(st.sampled_from(TAGS), min_size=1, max_size=3, unique=True)
views = st.one_of(
    st.tuples(st.just("search"), st.sampled_from(SEARCHES), st.sampled_from(["", "sort", "head", "sample"])),
    st.tuples(st.just("chosen"), st.lists(st.integers(1, 7), min_size=1, max_size=4, unique=True)),
)
about_images = st.tuples(
    st.one_of(
        st.tuples(
            st.sampled_from(["add_tags", "remove_tags", "reject_tags", "clear_tags", "order_tags"]), tags
        ),
        st.tuples(
            st.sampled_from(["accept_sentences", "strike_sentences", "clear_sentences"]),
            st.lists(st.sampled_from(["Said in the park.", "by a POND"]), min_size=1, max_size=2),
        ),
        st.tuples(
            st.just("replace"), st.dictionaries(st.sampled_from(TAGS), st.sampled_from(TAGS), max_size=2)
        ),
        st.tuples(st.just("list"), st.lists(st.sampled_from(TAGS), max_size=3)),
        st.tuples(
            st.just("lists"), st.lists(st.lists(st.sampled_from(TAGS), max_size=4), min_size=6, max_size=6)
        ),
        st.tuples(st.just("table"), st.lists(st.integers(0, 5), min_size=6, max_size=6)),
        st.tuples(st.just("stars"), st.integers(0, 5)),
        st.tuples(st.just("exclude"), st.sampled_from([None, "blurry"])),
        st.tuples(st.just("include")),
        st.tuples(st.just("caption"), st.sampled_from(TEXTS), st.sampled_from(["default", "short"])),
        st.tuples(st.just("captions"), st.lists(st.sampled_from(TEXTS), min_size=6, max_size=6)),
        st.tuples(st.sampled_from(["add_to", "remove_from"]), st.sampled_from(["train", 'te"st'])),
        st.tuples(
            st.sampled_from(["mark_different", "mark_different", "mark_variants", "unmark_duplicates"]),
            st.just(()),
        ),
    ),
    views,
)
about_all = st.one_of(
    st.tuples(st.just("threshold"), st.sampled_from(MODELS), st.sampled_from([0.1, 0.5, 0.95])),
    st.tuples(st.just("gaps"), st.sampled_from(MODELS), st.sampled_from([None, 0.3])),
    st.tuples(st.just("combine"), st.sampled_from(["union", "intersection", "vote"]), st.just(0.6)),
    st.tuples(st.just("dataset"), st.sampled_from(["train", 'te"st']), st.sampled_from(["sdxl", "flux"])),
    st.tuples(
        st.just("answer"),
        st.sampled_from(MODELS),
        st.lists(st.integers(1, 6), min_size=1, unique=True),
        st.dictionaries(st.sampled_from(TAGS), st.sampled_from([0.2, 0.4, 0.6, 0.9]), max_size=4),
    ),
    st.tuples(st.just("import")),
)
back_and_forth = st.tuples(
    st.sampled_from(["undo", "redo"]), st.sampled_from(["mine", "anyone", "named"]), st.integers(0, 5)
)
steps = st.one_of(
    about_images,
    about_images,
    about_all,
    back_and_forth,
    back_and_forth,
    st.tuples(
        st.just("batch"),
        st.lists(st.one_of(about_images, about_images, about_all, back_and_forth), min_size=1, max_size=4),
    ),
)


class Session:
    """Does what was drawn."""

    def __init__(self, project: lr.Project, say: Callable[..., None], late: Path) -> None:
        self.project = project
        self.say = say
        self.late = late
        self.answered: set[tuple[str, int]] = set()

    def view(self, drawn: tuple[Any, ...]) -> lr.View:
        if drawn[0] == "chosen":
            return self.project.view(everything=True)[drawn[1]]
        view = self.project.view(drawn[1])
        match drawn[2]:
            case "sort":
                return view.sort("-width")
            case "head":
                return view.sort("width").head(2)
            case "sample":
                return view.sample(2, seed=3)
            case _:
                return view

    def do(self, step: tuple[Any, ...]) -> None:
        if isinstance(step[0], tuple):
            self.change(step[0], self.view(step[1]))
        elif step[0] == "batch":
            with self.project.batch("a 'batch' \"of\"\n several"):
                for inner in step[1]:
                    self.do(inner)
        else:
            with contextlib.suppress(
                NotFoundError
            ):  # nothing of the kind is there yet, or it is undone already
                self.other(step)

    def change(self, what: tuple[Any, ...], view: lr.View) -> None:
        match what:
            case ("replace", pairs):
                view.replace_tags(pairs)
            case ("lists" | "captions" | "table" as kind, values):
                self.each(kind, view, dict(zip(view.ids.tolist(), values, strict=False)))
            case ("list", names):
                view.set_tags(names)
            case ("stars", value):
                view.stars(value)
            case ("exclude", reason):
                view.exclude(reason)
            case ("include",):
                view.include()
            case ("caption", text, variant):
                view.set_caption(text, variant=variant)
            case ("add_to" | "remove_from" as verb, name):
                getattr(view, verb)(name)
            case (verb, names):
                getattr(view, verb)(*names)

    def each(self, kind: str, view: lr.View, values: dict[int, Any]) -> None:
        if kind == "lists":
            view.set_tags(values)
        elif kind == "captions":
            view.set_caption(values)
        else:
            table = view[list(values)].to_frame(["stars", "excluded"])
            table["stars"] = list(values.values())
            table["excluded"] = [value > 3 for value in values.values()]
            view.update(table)

    def other(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("threshold" | "gaps" | "combine", *_):
                self.policy(step)
            case ("dataset", name, profile):
                self.project.set_dataset(name, profile=profile)
            case ("import",):
                self.project.add(self.late)
            case ("answer", model, images, scores):
                new = [n for n in images if (model, n) not in self.answered]
                self.answered.update((model, n) for n in new)
                if new:
                    said = {"caption": "Said in the park. By a pond."} if len(scores) == 1 else {}
                    self.say(self.project, model, dict.fromkeys(new, scores), **said)
            case (way, whose, back):
                self.turn(way, whose, back)

    def policy(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("threshold", model, value):
                self.project.view().threshold(model, general=value)
            case ("gaps", model, value):
                self.project.view().threshold(model, method="mcut", per_tag={"dog": value})
            case ("combine", "vote", share):
                self.project.combine("vote", weights={MODELS[0]: 2}, at_least=share)
            case (_, how, _share):
                self.project.combine(how)

    def turn(self, way: str, whose: str, back: int) -> None:
        if whose == "named":
            with self.project.database.read() as c:
                number = max(1, newest(c) - back)
            log.undo(self.project.database, author="me", operation_id=number)
            return
        turn = log.undo if way == "undo" else log.redo
        author = self.project.author if whose == "mine" else "them"
        turn(self.project.database, author=author, anyone=whose == "anyone")


Machines = tuple[lr.Project, lr.Project]


def replayed_alike(machines: Machines, session: Session, drawn: list[tuple[Any, ...]], place: Path) -> None:
    """Do what was drawn on one machine, replay it on the other, and compare."""
    here, there = machines
    for step in drawn:
        session.do(step)
    if len(here) > len(there):
        there.add(session.late)
    recipe = here.recipe()
    undos, redos = (recipe.text.count(f"recorded.{way}(") for way in ("undo", "redo"))
    event(f"{min(undos, 2)} undos, {min(redos, 1)} redos")
    report = lr.replay(recipe.save(place), there)
    assert report.differences.empty, f"{report.differences}\n{recipe}"
    assert report.fingerprint == report.expected == here.fingerprint() == there.fingerprint()
    assert marks(here) == marks(there), recipe


def marks(project: lr.Project) -> dict[bytes, frozenset[str]]:
    """Return what is ruled about duplicates, by content."""
    with project.database.read() as c:
        found = pairing.marks(c)
    return {project.index.sha256(image_id): marks for image_id, marks in found.items()}


SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=25, suppress_health_check=SLOW)
@given(drawn=st.lists(steps, min_size=1, max_size=12))
def test_a_session_replayed_ends_the_same_without_being_put_right(
    machines: Callable[[], Machines],
    say: Callable[..., None],
    late: Path,
    tmp_path: Path,
    drawn: list[tuple[Any, ...]],
):
    both = machines()
    replayed_alike(both, Session(both[0], say, late), drawn, tmp_path / "session.py")


named = st.tuples(st.just("undo"), st.just("named"), st.integers(0, 4))
few = st.tuples(st.just("chosen"), st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
edits = st.tuples(
    st.one_of(
        st.tuples(st.sampled_from(["add_tags", "remove_tags", "order_tags"]), tags),
        st.tuples(
            st.just("lists"), st.lists(st.lists(st.sampled_from(TAGS), max_size=4), min_size=6, max_size=6)
        ),
        st.tuples(
            st.just("replace"), st.dictionaries(st.sampled_from(TAGS), st.sampled_from(TAGS), min_size=1)
        ),
        st.tuples(st.just("stars"), st.integers(0, 5)),
        st.tuples(st.just("add_to"), st.just("train")),
        st.tuples(st.sampled_from(["mark_different", "mark_variants", "unmark_duplicates"]), st.just(())),
    ),
    few,
)


# one operation that is written as two calls is turned back, and done again, at two places of an undo
AT_TWO_PLACES = [
    (
        "batch",
        [
            (("add_tags", ["dog"]), ("chosen", [1])),
            (("lists", [[], ["dog"], [], [], [], []]), ("chosen", [1, 2, 3])),
        ],
    ),
    ("undo", "named", 2),
    ("undo", "named", 3),
    ("undo", "named", 2),
    (("add_tags", ["dog"]), ("chosen", [1, 2, 3])),
    ("undo", "named", 1),
]


@settings(max_examples=10, suppress_health_check=SLOW)
@example(drawn=AT_TWO_PLACES)
@given(
    drawn=st.lists(
        st.one_of(edits, edits, named, st.tuples(st.just("batch"), st.lists(edits, min_size=2, max_size=3))),
        min_size=8,
        max_size=14,
    )
)
def test_changes_taken_back_from_under_later_ones_are_taken_back_so_again(
    machines: Callable[[], Machines],
    say: Callable[..., None],
    late: Path,
    tmp_path: Path,
    drawn: list[tuple[Any, ...]],
):
    both = machines()
    replayed_alike(both, Session(both[0], say, late), drawn, tmp_path / "session.py")

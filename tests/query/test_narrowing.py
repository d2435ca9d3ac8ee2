"""What brushes and facets do to a search: their own term, and nothing else of what a person typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.query import narrowing, orders, parse, unparse
from lorairo.query.tree import Node, Not, Number, Range, Tag

SCORES = frozenset({"sharpness", "skin tone"})
COLUMNS = ("sharpness", "skin tone", "width", "tags")


def narrowed(text: str, *change: object) -> str:
    """Change a search as a brush does."""
    return unparse(narrowing.with_range(parse(text, SCORES), *change))  # type: ignore[arg-type]  # (column, low, high)


def tagged(text: str, *change: object) -> str:
    """Change a search as a facet does."""
    return unparse(narrowing.with_tag(parse(text, SCORES), *change))  # type: ignore[arg-type]  # (name, state)


def test_one_more_thing_is_asked_for_once_and_before_the_order() -> None:
    also = parse("refused:openai OR refused:google")
    for text, expected in (
        ("", "refused:openai OR refused:google"),
        ("dog order:name", "dog ( refused:openai OR refused:google ) order:name"),
        ("( refused:openai OR refused:google ) -cat", "( refused:openai OR refused:google ) -cat"),
    ):
        assert unparse(narrowing.with_term(parse(text), also)) == expected


def test_more_than_a_limit_is_asked_for_in_the_place_of_what_was_asked_before() -> None:
    for text, expected in (
        ("dog order:name", "dog tokens:>75 order:name"),
        ("tokens:5..9 -cat", "tokens:>75 -cat"),
    ):
        assert unparse(narrowing.with_above(parse(text, SCORES), "tokens", 75)) == expected


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("", ("sharpness", 0.4, None), "sharpness:>=0.4"),
        ("", ("sharpness", 0.4, 0.72), "sharpness:0.4..0.72"),
        ("", ("sharpness", None, 0.72), "sharpness:<=0.72"),
        ("", ("tags", 4, 4), "tags:4"),
        ("dog -blurry", ("sharpness", 0.4, None), "dog -blurry sharpness:>=0.4"),
        ("dog order:-width", ("sharpness", 0.4, None), "dog sharpness:>=0.4 order:-width"),
        ("dog sharpness:>0.1 -blurry", ("sharpness", 0.4, None), "dog sharpness:>=0.4 -blurry"),
        ("sharpness:>0.1 dog sharpness:<0.9", ("sharpness", 0.2, 0.8), "sharpness:0.2..0.8 dog"),
        ("sharpness:>=90% dog", ("sharpness", 0.2, None), "sharpness:>=0.2 dog"),
        ("dog sharpness:>0.1", ("sharpness", None, None), "dog"),
        ("sharpness:>0.1", ("sharpness", None, None), ""),
        ("dog OR cat", ("width", 512, None), "( dog OR cat ) width:>=512"),
        ("( sharpness:>0.1 OR dog )", ("sharpness", 0.4, None), "( sharpness:>0.1 OR dog ) sharpness:>=0.4"),
        ("-sharpness:>0.9", ("sharpness", 0.4, None), "-sharpness:>0.9 sharpness:>=0.4"),
        ("", ("skin tone", 2, None), "skin_tone:>=2"),
        ("", ("width", 900, 100), "width:100..900"),
    ],
)
def test_a_brush_writes_its_range_where_it_stood(
    text: str, change: tuple[object, ...], expected: str
) -> None:
    assert narrowed(text, *change) == expected


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("", ("dog", "include"), "dog"),
        ("dog", ("dog", "exclude"), "-dog"),
        ("-dog cat", ("dog", "include"), "dog cat"),
        ("dog cat", ("dog", None), "cat"),
        ("dog", ("dog", None), ""),
        ("dog -cat width:>100 order:name", ("bird", "only"), "bird width:>100 order:name"),
        ("dog ( cat OR bird )", ("cat", "exclude"), "dog ( cat OR bird ) -cat"),
        ("blue_*", ("blue_eyes", "exclude"), "blue_* -blue_eyes"),
        ("order:name", ("dog", "include"), "dog order:name"),
        ("", ("re:zero", "include"), "re:zero"),
    ],
)
def test_a_facet_writes_its_tag_where_it_stood(text: str, change: tuple[object, ...], expected: str) -> None:
    assert tagged(text, *change) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dog", None),
        ("sharpness:>0.4", Range(low=0.4, low_open=True)),
        ("sharpness:>0.3 sharpness:<=0.8", Range(0.3, 0.8, low_open=True)),
        ("sharpness:>=0.3 sharpness:>0.3", Range(low=0.3, low_open=True)),
        ("sharpness:0.1..0.2,0.8..0.9", None),
        ("sharpness:>90%", None),
        ("( sharpness:>0.4 OR dog )", None),
        ("-sharpness:>0.4", None),
    ],
)
def test_a_brush_reads_only_what_it_could_have_written(text: str, expected: Range | None) -> None:
    assert narrowing.range_of(parse(text, SCORES), "sharpness") == expected


def test_a_range_of_whole_numbers_has_its_ends_inside() -> None:
    assert narrowing.in_whole_numbers(Range(4, 9, low_open=True, high_open=True)) == Range(5, 8)
    assert narrowing.in_whole_numbers(Range(3.2, 8.7)) == Range(4, 8)


def test_tags_say_whether_they_are_in_the_search() -> None:
    node = parse("dog -cat ( bird OR fish ) blue_* -width:>100")
    assert narrowing.tag_states(node) == {"dog": "include", "cat": "exclude"}


def test_clearing_keeps_the_order() -> None:
    assert unparse(narrowing.without_terms(parse("dog -cat width:>100 order:-width"))) == "order:-width"
    assert len(narrowing.terms(parse("dog -cat width:>100 order:-width"))) == 3
    assert narrowing.terms(parse("")) == ()


TERMS = (
    *("dog", "-cat", "blue_*", "-blurry", "re:zero", "is:untagged", "name:a*", "rating:general"),
    *("sharpness:>0.1", "skin_tone:1..2", "-width:>100", "width:1,2", "tags:0", "tags:>90%"),
    *("(a OR b)", "-(a b)", "(sharpness:>1 OR dog)", "order:-width", "order:name"),
)


searches = st.lists(st.sampled_from(TERMS), max_size=8).map(" ".join)


def rest(node: Node, column: str) -> list[Node]:
    """Return the terms that a brush on a column must leave alone."""
    return [part for part in narrowing.terms(node) if not (isinstance(part, Number) and part.field == column)]


NUMBERS = st.none() | st.floats(-1e6, 1e6).map(lambda value: float(f"{value:.3g}"))


@given(searches, st.sampled_from(COLUMNS), NUMBERS, NUMBERS)
def test_a_brush_changes_no_other_term(text: str, column: str, low: float | None, high: float | None) -> None:
    before = parse(text, SCORES)
    after = narrowing.with_range(before, column, low, high)
    assert parse(unparse(after), SCORES) == after
    assert rest(after, column) == rest(before, column)
    assert orders(after) == orders(before)
    ends = sorted(end for end in (low, high) if end is not None)
    expected = None if not ends else Range(*ends) if len(ends) == 2 else Range(low, high)
    assert narrowing.range_of(after, column) == expected


@given(
    searches,
    st.sampled_from(["dog", "cat", "new_tag", "re:zero"]),
    st.sampled_from(["include", "exclude", None]),
)
def test_a_facet_changes_no_other_term(text: str, name: str, state: narrowing.Wanted | None) -> None:
    before = parse(text, SCORES)
    after = narrowing.with_tag(before, name, state)
    mine = (Tag(name), Not(Tag(name)))
    assert parse(unparse(after), SCORES) == after
    assert [part for part in narrowing.terms(after) if part not in mine] == [
        part for part in narrowing.terms(before) if part not in mine
    ]
    assert orders(after) == orders(before)
    assert narrowing.tag_states(after).get(name) == state

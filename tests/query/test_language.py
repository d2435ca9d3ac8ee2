"""The search language: what text means, how a tree is written, what a mistake says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.errors import QueryError
from lorairo.query import Node, conjunction, orders, parse, unparse
from lorairo.query.fields import FLAGS, NUMBERS, ORDERS, TEXTS
from lorairo.query.tree import (
    And,
    Choice,
    Everything,
    Flag,
    Not,
    Number,
    Or,
    Order,
    Range,
    Tag,
    TagScore,
    Text,
    disjunction,
)
from lorairo.tags import CATEGORIES, KAOMOJI, RATINGS, canonical

SCORES = frozenset({"sharpness", "aesthetic", "skin tone", "clip:iqa"})

# ---------------------------------------------------------------------------------------- meaning

FACES = [
    *sorted(KAOMOJI),
    ":d",
    ";d",
    ":)",
    ";)",
    ";(",
    ">:(",
    ">:)",
    r"\m/",
    r"\||/",
    r"\(^o^)/",
    ":>",
    "d:",
]
ODD = [
    "re:zero",
    "reverse:1999",
    "autumn_yarofes:2023",
    "saber_(fate)",
    'don\'t_say_"lazy"',
    '"rouhou"_ore',
    "score_9",
]


@pytest.mark.parametrize("name", [*FACES, *ODD, "a_(b)_(c)", "fate/stay_night", "nier:automata"])
@pytest.mark.parametrize("frame", ["{}", "-{}", "x {} y", "( {} OR y )", "(x OR {})", "-({} y)"])
def test_odd_names_are_tags(name: str, frame: str):
    leaves = [node for node in _leaves(parse(frame.format(name), SCORES)) if node not in {Tag("x"), Tag("y")}]
    assert leaves == [Tag(name)]


def _leaves(node: Node) -> list[Node]:
    if isinstance(node, And | Or):
        return [leaf for part in node.parts for leaf in _leaves(part)]
    return _leaves(node.part) if isinstance(node, Not) else [node]


def test_structure():
    a, b, c = Tag("a"), Tag("b"), Tag("c")
    assert parse("") == parse("  \n") == Everything()
    assert parse("a b OR c") == Or((And((a, b)), c))
    assert parse("a (b or c)") == parse("a AND ( b OR c )") == And((a, Or((b, c))))
    assert parse("-a NOT b --c") == And((Not(a), Not(b), Not(Not(c))))
    assert parse("((a) (b c))") == And((a, b, c))
    assert parse('Red_Hat "OR" "red hat"') == And((Tag("red_hat"), Tag("or"), Tag("red_hat")))
    assert parse('a* "a*"') == And((Tag("a*", glob=True), Tag("a*")))


def test_fields():
    assert parse("Width:>=1024") == Number("width", (Range(low=1024),))
    assert parse("sharpness:>0.4", SCORES) == Number("sharpness", (Range(low=0.4, low_open=True),))
    assert parse("Skin_Tone:<1e3", SCORES) == Number("skin tone", (Range(high=1000, high_open=True),))
    assert parse("clip:iqa:..-.5", SCORES) == Number("clip:iqa", (Range(high=-0.5),))
    assert parse("stars:4..5") == Number("stars", (Range(4, 5),))
    assert parse("aesthetic:>=90%", SCORES) == Number("aesthetic", (Range(low=90, percent=True),))
    assert parse("id:1,3..,<=2") == Number("id", (Range(1, 1), Range(low=3), Range(high=2)))
    assert parse(r'caption:"a \"b\" \\ c:\d" x') == And((Text("caption", r'a "b" \ c:\d'), Tag("x")))
    assert parse("score(saber_(fate)):>0.8") == TagScore("saber_(fate)", (Range(low=0.8, low_open=True),))
    assert parse("rating:g,questionable") == Choice("rating", ("general", "questionable"))
    assert parse("-is:excluded") == Not(Flag("excluded"))
    assert parse("hash:AB") == Text("hash", "ab")


def test_only_known_names_are_fields():
    assert parse("sharpness:0.4") == Tag("sharpness:0.4")
    assert parse("sharpness:0.4", SCORES) == Number("sharpness", (Range(0.4, 0.4),))
    with pytest.raises(QueryError, match=r"before :>0\.4, got sharpness"):
        parse("sharpness:>0.4")


def test_orders():
    node = parse("dog order:-sharpness order:name", SCORES)
    assert orders(node) == (Order("sharpness", descending=True), Order("name"))
    assert orders(parse("order:random")) == (Order("random:0"),)
    assert orders(parse("order:-skin_tone", SCORES)) == (Order("skin tone", descending=True),)


# --------------------------------------------------------------------------------------- mistakes

MISTAKES = {
    "dog sharpness:>hi": ("Expected a number after sharpness:>, got hi", "hi"),
    "sharpness:": ("Expected a number after sharpness:, got nothing", ""),
    "id:1,x": ("Expected a number after id:, got x", "x"),
    "stars:5..4": ("Expected the smaller number first after stars:, got 5..4", "5..4"),
    "a sharpnes:>1": (
        "Expected a field or a score before :>1, got sharpnes (did you mean sharpness?)",
        "sharpnes",
    ),
    'captoin:"red hat"': (
        'Expected a field or a score before :"red, got captoin (did you mean caption?)',
        "captoin",
    ),
    "is:cute": (
        "Expected excluded, duplicate, untagged, missing, reviewed or disputed after is:, got cute",
        "cute",
    ),
    "rating:g,x": ("Expected general, sensitive, questionable or explicit after rating:, got x", "x"),
    "order:-sharpnes": (
        "Expected a column or a score after order:, got sharpnes (did you mean sharpness?)",
        "sharpnes",
    ),
    "a OR order:name": (
        "Expected a filter inside -, ( ) and OR, got order:name: an order sorts the whole search",
        "order:name",
    ),
    "caption:": ("Expected text after caption:, got nothing", ""),
    "hash:xy": ("Expected the start of a SHA-256 in hex after hash:, got xy", "xy"),
    "score():>1": ("Expected a tag after score(, got nothing", ")"),
    "(a b": ("Expected ), got the end", ""),
    "a b)": ("Expected ( before ), got none", ")"),
    "()": ("Expected a tag or a field, got )", ")"),
    "a OR": ("Expected a tag or a field, got the end", ""),
    "OR a": ("Expected a tag or a field, got OR", "OR"),
    "a -": ("Expected a tag after -, got nothing", "-"),
    'a "red hat': ('Expected a closing ", got the end', '"red hat'),
    'caption:"a"b': ("Expected a space after the closing quote, got b", "b"),
    "__": ("Expected a tag, got __", "__"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_say_where_and_what(text: str):
    message, marked = MISTAKES[text]
    with pytest.raises(QueryError) as caught:
        parse(text, SCORES)
    error = caught.value
    assert str(error) == message
    assert text[error.position : error.position + error.length] == marked
    assert error.length > 0
    assert error.expected


@given(st.text(alphabet='ab_:()"-><.,0123*\\ ORis', max_size=25))
def test_any_text_is_a_search_or_a_mistake_in_it(text: str):
    node = _parsed(text)
    if isinstance(node, QueryError):
        assert 0 <= node.position <= len(text)
    else:
        assert parse(unparse(node), SCORES) == node


def _parsed(text: str) -> Node | QueryError:
    try:
        return parse(text, SCORES)
    except QueryError as error:
        return error


# ------------------------------------------------------------------------------------- round trip

names = st.text('abz09_:()"-><.,*\\ é^;=|~[]{}', min_size=1, max_size=12).map(canonical).filter(bool)
numbers = st.floats(-1e6, 1e6).map(lambda number: number + 0.0)


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(numbers), draw(numbers)))
    kind = draw(st.sampled_from(["between", "low", "high", "exact"]))
    opened, percent = draw(st.booleans()), draw(st.booleans())
    if kind == "low":
        return Range(low=low, low_open=opened, percent=percent)
    if kind == "high":
        return Range(high=high, high_open=opened, percent=percent)
    return Range(low, high if kind == "between" else low, percent=percent)


several = st.lists(ranges(), min_size=1, max_size=3).map(tuple)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=10)
leaves = st.one_of(
    names.filter(lambda name: "*" not in name).map(Tag),
    names.map(lambda name: Tag(name, glob="*" in name and not set(name) & set('()"'))),
    st.builds(Number, st.sampled_from([*NUMBERS, *sorted(SCORES)]), several),
    st.builds(TagScore, names, several),
    st.builds(Text, st.sampled_from([name for name in TEXTS if name != "hash"]), texts),
    st.text("0123456789abcdef", min_size=1, max_size=64).map(lambda text: Text("hash", text)),
    st.sampled_from(RATINGS).map(lambda name: Choice("rating", (name,))),
    st.sampled_from(sorted(CATEGORIES)).map(lambda name: Choice("category", (name,))),
    st.sampled_from(FLAGS).map(Flag),
)


def _joined(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    groups = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.one_of(groups.map(conjunction), groups.map(disjunction), children.map(Not))


filters = st.recursive(leaves, _joined, max_leaves=8)
sorting = st.lists(
    st.builds(Order, st.sampled_from([*ORDERS, *sorted(SCORES), "random:7"]), st.booleans()), max_size=2
)


@given(filters, sorting)
def test_a_tree_written_and_read_is_the_same(node: Node, order: list[Order]):
    whole = conjunction((node, *order))
    assert parse(unparse(whole), SCORES) == whole


@given(filters)
def test_the_canonical_text_is_a_fixed_point(node: Node):
    text = unparse(node)
    assert unparse(parse(text, SCORES)) == text

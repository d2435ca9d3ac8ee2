"""From text to tree: a small LALR grammar over the words of the lexer."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from lark import Lark, Token, Tree, UnexpectedToken
from lark.lexer import Lexer

from lorairo.errors import QueryError
from lorairo.query.fields import read_term
from lorairo.query.lexer import tokens
from lorairo.query.tree import Everything, Node, Not, Order, conjunction, disjunction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_GRAMMAR = """
query: [either]
either: both (OR both)*
both: unary (AND? unary)*
?unary: NOT unary -> negation
      | LPAR either RPAR -> group
      | TERM -> term
%declare LPAR RPAR NOT OR AND TERM
"""
_WANTED = {
    "TERM": "a tag or a field",
    "RPAR": ")",
    "LPAR": "(",
    "NOT": "-",
    "OR": "OR",
    "AND": "AND",
    "$END": "the end",
}


class _Given(Lexer):
    """Hands the grammar the words that were cut before."""

    def __init__(self, lexer_conf: Any) -> None:
        """Take no configuration."""

    def lex(self, data: list[Token]) -> Iterator[Token]:  # type: ignore[override]  # lark's custom lexers take any data
        return iter(data)


@functools.cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer=_Given, start="query")


def parse(text: str, scores: Collection[str] = frozenset()) -> Node:
    """Parse a search.

    Parameters
    ----------
    text
        What a person types: ``dog -blurry ( park OR beach ) sharpness:>0.4``.
    scores
        Names of the scores the project has: these are fields too.

    Returns
    -------
    Node
        The tree; `Everything` for an empty text.

    Raises
    ------
    QueryError
        Where the text has a mistake; it says the place, what stood there and what was expected.
    """
    return _remembered(text, frozenset(scores))


def read(text: str, scores: frozenset[str]) -> Node:
    """Parse without remembering: what a search costs the first time."""
    words = tokens(text, scores)
    try:
        tree = _parser().parse(words)
    except UnexpectedToken as error:
        raise _mistake(error, text) from error
    (inner,) = tree.children
    return Everything() if inner is None else _node(inner, scores, top=True)


_remembered = functools.lru_cache(maxsize=512)(read)


def _node(tree: Any, scores: frozenset[str], *, top: bool) -> Node:
    assert isinstance(tree, Tree)
    inner = [child for child in tree.children if isinstance(child, Tree)]
    if tree.data == "either":
        return disjunction(tuple(_node(child, scores, top=top and len(inner) == 1) for child in inner))
    if tree.data == "both":
        return conjunction(tuple(_node(child, scores, top=top) for child in inner))
    if tree.data == "group":
        return _node(inner[0], scores, top=top)
    if tree.data == "negation":
        return Not(_node(inner[0], scores, top=False))
    return _term(cast("Token", tree.children[0]), scores, top=top)


def _term(token: Token, scores: frozenset[str], *, top: bool) -> Node:
    position = token.start_pos or 0
    node = read_term(str(token), position, scores)
    if isinstance(node, Order) and not top:
        raise QueryError(
            f"Expected a filter inside -, ( ) and OR, got {token}: an order sorts the whole search",
            position=position,
            length=len(token),
            expected=("a tag or a field",),
        )
    return node


def _mistake(error: UnexpectedToken, text: str) -> QueryError:
    token = error.token
    at_end = token.type == "$END"
    names = set(error.expected)
    # What begins a term is several things to the grammar and one to a person.
    wanted = ")" if at_end and "RPAR" in names else "a tag or a field"
    return QueryError(
        f"Expected {wanted}, got {'the end' if at_end else token}",
        position=len(text) if at_end else token.start_pos or 0,
        length=1 if at_end else len(token),
        expected=tuple(sorted(_WANTED[name] for name in names)),
    )

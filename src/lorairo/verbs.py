"""What the verbs of a view have in common: each is one operation of the log, told by whom and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from lorairo.results import Done

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.view import View


def told(of: object) -> dict[str, Any]:
    """Return what an operation is told of a view: author, search, and the view as Python.

    Parameters
    ----------
    of
        A `View`, or what is mixed into one.

    Raises
    ------
    ReadOnlyError
        When its project takes no changes.
    """
    view = cast("View", of)
    view.project.writable()
    return {
        "author": view.project.author,
        "query": view.query or None,
        "expression": view.expression,
    }


def carried_out(of: object, verb: Callable[..., Any], *arguments: Any, **named: Any) -> Done:
    """Carry out a verb of the log on the images of a view, and return what it did."""
    view = cast("View", of)
    return Done.of(verb(view.project.database, view.ids, *arguments, **named, **told(view)))

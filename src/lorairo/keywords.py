"""Calls that do not fit what is called: an error of ours that names the nearest keyword."""

from __future__ import annotations

import inspect
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Function = Callable[..., Any]

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)

Call = TypeVar("Call", bound="Function")
Kind = TypeVar("Kind", bound=type)


def checked(function: Call) -> Call:
    """Let a function say of a call that does not fit what it takes; a TypeError from inside stays as it is.

    Whether a call fits is asked only after it failed, so that one that does costs nothing more.
    """

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except TypeError:
            told = _misfit(function, given, named)
            if told is None:
                raise
        raise ArgumentError(told)  # here, as Python's own words would be shown above it otherwise

    return cast("Call", call)


def checked_class(kind: Kind) -> Kind:
    """Do so for the constructor and the public methods of a class, those it inherits from ours too."""
    for name in dir(kind):
        method = inspect.getattr_static(kind, name)
        ours = isinstance(method, FunctionType) and method.__module__.startswith("lorairo.")
        if ours and (name == "__init__" or not name.startswith("_")):
            setattr(kind, name, checked(method))
    return kind


def _misfit(function: Function, given: Sequence[Any], named: Mapping[str, Any]) -> str | None:
    """Say why arguments do not fit; None where they do."""
    from lorairo.config import nearest  # noqa: PLC0415 - decoders' processes start without the settings

    signature = inspect.signature(function)
    try:
        signature.bind(*given, **named)
    except TypeError as error:
        problem = str(error)
    else:
        return None
    method = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]
    parameters = signature.parameters.values()
    takes = [part.name for part in parameters if part.kind in _BY_NAME and part.name != "self"]
    unknown = next((word for word in named if word not in takes), None)
    if unknown is None or any(part.kind is inspect.Parameter.VAR_KEYWORD for part in parameters):
        return f"{method}({', '.join(takes)}): {problem}"
    return f"{method}() has no argument {unknown!r}: {nearest(unknown, takes) if takes else 'it takes none'}"

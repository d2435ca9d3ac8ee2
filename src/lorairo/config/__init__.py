"""Layered settings: defaults < user's file < project's ``config.toml`` < environment < argument.

The module is the object: ``lr.config.theme`` is a value, ``lr.config.explain("theme")`` says where from, and
``lr.config.set("theme", "dark")`` or ``lr.config.theme = "dark"`` changes it at once and for later.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from lorairo.config.layers import load, user_file, within
from lorairo.config.names import known_keys, nearest
from lorairo.config.schema import Settings
from lorairo.config.telling import explain, folder, required, table
from lorairo.config.writing import changed
from lorairo.config.writing import save as set  # noqa: A004 - what it does: lr.config.set("theme", "dark")

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from psygnal import SignalInstance

    from lorairo.config.writing import Saved

__all__ = [
    "Settings",
    "changed",
    "config",
    "explain",
    "folder",
    "load",
    "nearest",
    "required",
    "set",
    "table",
    "user_file",
    "within",
]


class _Module(ModuleType):
    """A module whose settings can be read and assigned."""

    def __getattr__(self, name: str) -> Any:
        if name in Settings.model_fields:
            return getattr(load(), name)
        if name.startswith("__"):  # the import machinery and inspect ask for dunders
            raise AttributeError(name)
        raise AttributeError(f"unknown setting {name!r}: {nearest(name, list(known_keys([])))}")

    def __setattr__(self, name: str, value: object) -> None:
        if name in Settings.model_fields:
            set(name, value)
        else:
            super().__setattr__(name, value)

    def __repr__(self) -> str:
        rows = table()
        return "\n".join(
            f"{key} = {value}  ({source})"
            for key, value, source in rows[["key", "value", "from"]].itertuples(index=False)
        )


if TYPE_CHECKING:

    class _Live(Settings):
        """How the module looks to a type checker: every setting, as it is now."""

        changed: SignalInstance

        def explain(self, key: str, project: Path | str | None = None, **arguments: object) -> str: ...
        def folder(self, key: str, project: Path | str | None = None) -> Path: ...
        def load(self, project: Path | str | None = None, **arguments: object) -> Settings: ...
        def required(self, key: str, project: Path | str | None = None) -> Any: ...
        def set(self, key: str, value: Any, *, project: Path | str | None = None) -> Saved: ...
        def table(self, project: Path | str | None = None) -> pd.DataFrame: ...


sys.modules[__name__].__class__ = _Module
# Importing this module makes `lr.config` the module, whatever the package says: so the two are one.
config = cast("_Live", sys.modules[__name__])

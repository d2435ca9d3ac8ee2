"""Plain TOML for sd-scripts' dataset config: readable by the old ``toml`` 0.10 package that it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = bool | int | float | str | tuple[int, int]


def dataset_config(
    general: Mapping[str, Value], dataset: Mapping[str, Value], subset: Mapping[str, Value]
) -> str:
    """Write a config with one dataset of one subset.

    Unknown keys and wrong types abort the trainer, so callers give known keys only; a float is written with
    its point, as ``validation_split = 0`` is refused.

    Raises
    ------
    ExportError
        For text that ``toml`` 0.10 would read as something else.
    """
    blocks = [("[general]", general), ("[[datasets]]", dataset), ("[[datasets.subsets]]", subset)]
    return "\n".join(
        "".join([f"{head}\n", *(f"{key} = {_value(value)}\n" for key, value in keys.items())])
        for head, keys in blocks
    )


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        # repr may give 1e-05, which toml 0.10 reads, and always keeps a point or an exponent.
        return repr(value)
    if isinstance(value, tuple):
        return f"[{', '.join(str(int(side)) for side in value)}]"
    return str(value)


def _text(value: str) -> str:
    if not value.isprintable():
        raise ExportError(f"{value!r} has characters that cannot stand in the dataset config: leave them out")
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    # TOML could escape it, but `toml` 0.10 reads several escapes wrongly, and it is what the trainer uses.
    raise ExportError(f"the trainer cannot read {value!r} from its config: leave out one kind of quotes")

"""Models that stay loaded for the next run, until somebody frees them or others need their place."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from lorairo.config import load
from lorairo.inference.memory import give_back, memory_free, memory_needed
from lorairo.inference.registry import find
from lorairo.keywords import checked
from lorairo.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.inference.loading import Model
    from lorairo.inference.specs import ModelSpec

_MOST = 4  # models; a run has few, and a GPU seldom room for more


class _Key(NamedTuple):
    """What makes a model another one: its row, its weights, and where it runs; not what it is asked."""

    row: str
    revision: str
    device: str
    dtype: str


class _Held(NamedTuple):
    model: Model
    name: str
    batch: int


_held: OrderedDict[_Key, _Held] = OrderedDict()
_turn = threading.RLock()


def kept(spec: ModelSpec, revision: str, make: Callable[[], Model]) -> Model:
    """Return a loaded model: the one of an earlier run, or a new one, for which the oldest may have to go.

    Parameters
    ----------
    spec
        Its row.
    revision
        Of its weights; empty where only the model itself knows it.
    make
        Loads it.
    """
    settings = load().models
    key = _Key(spec.model_dump_json(exclude={"generation"}), revision, settings.device, settings.dtype)
    with _turn:  # two runs of one model load it once
        found = _held.get(key)
        if found is None:
            _make_room(spec)
            model = make()
            found = _held[key] = _Held(model, spec.name, model.batch)
        _held.move_to_end(key)
        found.model.batch = found.batch  # not the one of an earlier run
        return found.model


def _make_room(spec: ModelSpec) -> None:
    needed = memory_needed(spec) or 0
    while _held and (len(_held) >= _MOST or memory_free() < needed):
        _, dropped = _held.popitem(last=False)
        logger.info("{} is unloaded to make room for {}", dropped.name, spec.name)
        del dropped
        _free()


@checked
def unload(name: str | Path | None = None) -> list[str]:
    """Free the memory of models that stayed loaded after a run.

    A run under way keeps its model until it ends.

    Parameters
    ----------
    name
        Of the model, or its folder; None for all.

    Returns
    -------
    list of str
        Names of those that are let go; none where it was not loaded.

    Raises
    ------
    NotFoundError
        When there is no such model; the nearest is named.
    """
    with _turn:
        loaded = {held.name for held in _held.values()}
        going = loaded if name is None else {str(name) if name in loaded else find(name).name}
        gone = [key for key, held in _held.items() if held.name in going]
        names = [_held.pop(key).name for key in gone]
    _free()
    return names


def drop(model: Model) -> None:
    """Let a model go that failed: the next run loads it anew."""
    with _turn:
        for key in [key for key, held in _held.items() if held.model is model]:
            del _held[key]


def _free() -> None:
    gc.collect()  # networks hold themselves in circles
    give_back()

"""Which exporters there are. Listing reads names only; `find` imports the one that is asked for."""

from __future__ import annotations

import difflib
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from lorairo.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lorairo.exporters.plan import ExportItem, ExportResult, Plan

GROUP = "lorairo.exporters"

# Named here too, so that they are found where the package runs from its source and has no metadata.
_SHIPPED = (
    EntryPoint("kohya", "lorairo.exporters.kohya:KohyaExporter", GROUP),
    EntryPoint("sidecars", "lorairo.exporters.sidecars:SidecarsExporter", GROUP),
)


class Exporter(Protocol):
    """What a plug-in of the group ``lorairo.exporters`` provides: a class without parameters.

    Attributes
    ----------
    wants_places
        Whether items shall come with the places they lie at and the texts beside them.
    """

    wants_places: ClassVar[bool]

    def plan(
        self,
        items: Sequence[ExportItem],
        out: str | Path,
        *,
        record: Callable[[ExportResult], None] | None = None,
        workers: int | None = None,
        **options: Any,
    ) -> Plan:
        """Say what would be written; write nothing."""
        ...


def exporters() -> list[str]:
    """Names of all exporters, sorted; imports none of them."""
    return sorted(_known())


def find(name: str) -> Exporter:
    """Load an exporter by name.

    Raises
    ------
    NotFoundError
        When there is none of that name; the message names the nearest.
    """
    known = _known()
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
        raise NotFoundError(f"no exporter is called {name!r}: {hint}")
    exporter: Exporter = known[name].load()()
    return exporter


def _known() -> dict[str, EntryPoint]:
    return {point.name: point for point in (*_SHIPPED, *entry_points(group=GROUP))}

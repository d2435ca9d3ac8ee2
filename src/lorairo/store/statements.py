"""Running Core statements over many rows without the cost of a Python object per row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Connection, Select
    from sqlalchemy.sql.dml import Delete, Insert, Update

CHUNK = 900
"""Values in one IN list; every database takes that many."""

_DENSE = 8


def bulk(
    connection: Connection,
    statement: Insert | Update | Delete,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Run a statement once per row.

    Parameters
    ----------
    statement
        With a `bindparam` of each name, or an insert of the columns `names`.
    names
        What stands at each place of a row.
    rows
        Values as the driver takes them (JSON as text).
    """
    if not rows:
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(names))
    if compiled.positional:
        places = [names.index(name) for name in cast("Any", compiled).positiontup]
        in_order = places == list(range(len(names)))
        ordered = list(rows) if in_order else [tuple(row[place] for place in places) for row in rows]
        connection.exec_driver_sql(str(compiled), ordered)
    else:
        connection.exec_driver_sql(str(compiled), [dict(zip(names, row, strict=True)) for row in rows])


def fetch(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Return rows as the driver gives them: plain tuples; JSON stays text, booleans may be 0 and 1."""
    result = connection.execute(query)
    rows = cast("list[tuple[Any, ...]]", result.cursor.fetchall())
    result.close()
    return rows


def fetch_of(
    connection: Connection, query: Select[Any], column: ColumnElement[int], ids: NDArray[np.int64] | None
) -> list[tuple[Any, ...]]:
    """Run a query for some images; the first column selected must be the id that `column` names.

    Few ids are asked for by IN lists; many that lie close together by one range, filtered here. Where the
    query orders by id and the ids are sorted, so are the rows.
    """
    if ids is None:
        return fetch(connection, query)
    if not len(ids):
        return []
    low, high = int(ids.min()), int(ids.max())
    if len(ids) > CHUNK and high - low < _DENSE * len(ids):
        rows = fetch(connection, query.where(column.between(low, high)))
        if len(ids) == high - low + 1:
            return rows
        wanted = np.zeros(high - low + 1, dtype=bool)
        wanted[ids - low] = True
        return [row for row in rows if wanted[row[0] - low]]
    return [row for part in chunks(ids.tolist()) for row in fetch(connection, query.where(column.in_(part)))]


def chunks(values: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Cut a sequence into parts that fit an IN list."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def delete_of(
    connection: Connection, statement: Callable[[Sequence[Any]], Delete], values: Iterable[Any]
) -> None:
    """Run a delete for parts of the values."""
    for part in chunks(list(values)):
        connection.execute(statement(part))


def as_ids(ids: Iterable[int]) -> NDArray[np.int64]:
    """Return image ids sorted and without repetition."""
    array = ids if isinstance(ids, np.ndarray) else np.fromiter(ids, dtype=np.int64)
    array = array.astype(np.int64, copy=False)
    return array if len(array) < 2 or (array[1:] > array[:-1]).all() else np.unique(array)  # noqa: PLR2004

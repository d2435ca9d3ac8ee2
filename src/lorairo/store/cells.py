"""Curated values by name: how each is read and written. Only deltas call this."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from sqlalchemy import bindparam, delete, func, insert, select, update

from lorairo.store import changes, dialect, sheet
from lorairo.store import state as folded
from lorairo.store.schema import annotation, caption, dataset, membership, model, policy, ruling, state
from lorairo.store.statements import as_ids, bulk, fetch, fetch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Ids = NDArray[np.int64]


class Field(Protocol):
    """One value per image."""

    @property
    def change(self) -> str:
        """What is announced."""
        ...

    def existing(self, c: Connection, ids: Ids) -> Ids:
        """Return those of the sorted ids that exist."""
        ...

    def read(self, c: Connection, ids: Ids) -> list[Any]:
        """Return values of sorted, existing ids."""
        ...

    def write(self, c: Connection, ids: Ids, values: Sequence[Any]) -> None:
        """Set values."""
        ...


def existing(c: Connection, ids: Ids) -> Ids:
    """Return those of the sorted ids that are images."""
    rows = fetch_of(c, select(state.c.image_id).order_by(state.c.image_id), state.c.image_id, ids)
    return np.array([row[0] for row in rows], dtype=np.int64)


@dataclass(frozen=True)
class _Flag:
    """Columns of `state`; more than one make a list."""

    columns: tuple[str, ...]
    booleans: tuple[bool, ...]
    change: str

    def existing(self, c: Connection, ids: Ids) -> Ids:
        return existing(c, ids)

    def read(self, c: Connection, ids: Ids) -> list[Any]:
        query = select(state.c.image_id, *(state.c[name] for name in self.columns)).order_by(state.c.image_id)
        rows = fetch_of(c, query, state.c.image_id, ids)
        plain = [[bool(v) if b else v for v, b in zip(row[1:], self.booleans, strict=True)] for row in rows]
        return plain if len(self.columns) > 1 else [row[0] for row in plain]

    def write(self, c: Connection, ids: Ids, values: Sequence[Any]) -> None:
        rows = [
            (*(value if len(self.columns) > 1 else (value,)), n)
            for n, value in zip(ids.tolist(), values, strict=True)
        ]
        statement = update(state).where(state.c.image_id == bindparam("of"))
        with dialect.writer(c):
            bulk(c, statement.values({n: bindparam(n) for n in self.columns}), [*self.columns, "of"], rows)


@dataclass(frozen=True)
class _Caption:
    """Text of one variant, or None."""

    variant: str
    change: str = "captions"

    def existing(self, c: Connection, ids: Ids) -> Ids:
        return existing(c, ids)

    def read(self, c: Connection, ids: Ids) -> list[Any]:
        query = select(caption.c.image_id, caption.c.text).where(caption.c.variant == self.variant)
        texts = dict(fetch_of(c, query, caption.c.image_id, ids))
        return [texts.get(n) for n in ids.tolist()]

    def write(self, c: Connection, ids: Ids, values: Sequence[Any]) -> None:
        pairs = list(zip(ids.tolist(), values, strict=True))
        gone = delete(caption).where(
            caption.c.image_id == bindparam("i"), caption.c.variant == bindparam("v")
        )
        with dialect.writer(c):
            bulk(
                c,
                dialect.upsert(caption, ("image_id", "variant")),
                ["image_id", "variant", "text"],
                [(n, self.variant, text) for n, text in pairs if text is not None],
            )
            bulk(c, gone, ["i", "v"], [(n, self.variant) for n, text in pairs if text is None])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class _Ruling:
    """A list, or None; see `lorairo.store.sentencing` and `lorairo.store.pairing`."""

    field: str
    change: str

    def existing(self, c: Connection, ids: Ids) -> Ids:
        return existing(c, ids)

    def read(self, c: Connection, ids: Ids) -> list[Any]:
        query = select(ruling.c.image_id, ruling.c.value).where(ruling.c.field == self.field)
        texts = dict(fetch_of(c, query, ruling.c.image_id, ids))
        return [json.loads(texts[n]) if n in texts else None for n in ids.tolist()]

    def write(self, c: Connection, ids: Ids, values: Sequence[Any]) -> None:
        pairs = list(zip(ids.tolist(), values, strict=True))
        gone = delete(ruling).where(ruling.c.image_id == bindparam("i"), ruling.c.field == bindparam("f"))
        with dialect.writer(c):
            new = dialect.upsert(ruling, ("image_id", "field"))
            rows = [(n, self.field, _json(said)) for n, said in pairs if said is not None]
            bulk(c, new, ["image_id", "field", "value"], rows)
            bulk(c, gone, ["i", "f"], [(n, self.field) for n, said in pairs if said is None])


@dataclass(frozen=True)
class _Membership:
    """Whether the image is in a dataset."""

    name: str
    change: str = "datasets"

    def existing(self, c: Connection, ids: Ids) -> Ids:
        return existing(c, ids) if self._number(c) is not None else ids[:0]

    def read(self, c: Connection, ids: Ids) -> list[Any]:
        query = select(membership.c.image_id).where(membership.c.dataset_id == self._number(c))
        inside = {row[0] for row in fetch_of(c, query, membership.c.image_id, ids)}
        return [n in inside for n in ids.tolist()]

    def write(self, c: Connection, ids: Ids, values: Sequence[Any]) -> None:
        number = self._number(c)
        pairs = list(zip(ids.tolist(), values, strict=True))
        gone = delete(membership).where(
            membership.c.image_id == bindparam("i"), membership.c.dataset_id == bindparam("d")
        )
        with dialect.writer(c):
            new = dialect.upsert(membership, ("dataset_id", "image_id"))
            bulk(c, new, ["dataset_id", "image_id"], [(number, n) for n, inside in pairs if inside])
            bulk(c, gone, ["i", "d"], [(n, number) for n, inside in pairs if not inside])

    def _number(self, c: Connection) -> int | None:
        return c.execute(select(dataset.c.id).where(dataset.c.name == self.name)).scalar()


_FLAGS = {
    "stars": _Flag(("stars",), (False,), "stars"),
    "excluded": _Flag(("excluded", "reason"), (True, False), "excluded"),
    "reviewed": _Flag(("reviewed",), (True,), "reviewed"),
}
_RULINGS = {
    "sentences": _Ruling("sentences", "captions"),
    "duplicates": _Ruling("duplicates", "duplicates"),
}


def field_named(name: str) -> Field:
    """Return how stars, excluded, reviewed, a list of rulings, a caption or a dataset's images are kept."""
    kind, _, rest = name.partition(":")
    if kind == "caption":
        return _Caption(rest)
    if kind == "dataset":
        return _Membership(rest)
    return _RULINGS[name] if name in _RULINGS else _FLAGS[name]


class Record(Protocol):
    """A row that belongs to no image."""

    def read(self, c: Connection, key: str) -> dict[str, Any] | None:
        """Return the row, or None."""
        ...

    def write(self, c: Connection, key: str, value: dict[str, Any] | None) -> int:
        """Set or delete the row; return how many images have other tags for it."""
        ...

    def used(self, c: Connection, key: str) -> bool:
        """Whether other rows hang on it."""
        ...


class _Policy:
    """What people set about a model, by ``provider/model``; about all of them under `state.COMBINING`."""

    def read(self, c: Connection, key: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = c.execute(
            select(policy.c.thresholds).where(policy.c.model_key == key)
        ).scalar()
        return found

    def write(self, c: Connection, key: str, value: dict[str, Any] | None) -> int:
        with dialect.writer(c):
            c.execute(delete(policy).where(policy.c.model_key == key))
            if value is not None:
                c.execute(insert(policy).values(model_key=key, thresholds=value))
        changes.tell(c, {"policy"}, ())
        answered = select(annotation.c.image_id).join(model, model.c.id == annotation.c.model_id).distinct()
        provider, _, name = key.partition("/")
        if key == folded.COMBINING:
            answered = answered.where(model.c.provider != "file", annotation.c.tags.is_not(None))
        else:
            answered = answered.where(model.c.provider == provider, model.c.model == name)
        return len(sheet.refresh(c, as_ids([row[0] for row in fetch(c, answered)])))

    def used(self, c: Connection, key: str) -> bool:  # noqa: ARG002 - nothing refers to a policy
        return False


class _Dataset:
    """Settings of a dataset, by name."""

    def read(self, c: Connection, key: str) -> dict[str, Any] | None:
        row = c.execute(select(dataset).where(dataset.c.name == key)).mappings().one_or_none()
        return None if row is None else {name: row[name] for name in ("id", "profile", "variant", "trigger")}

    def write(self, c: Connection, key: str, value: dict[str, Any] | None) -> int:
        known = self.read(c, key)
        with dialect.writer(c):
            if value is None:
                c.execute(delete(dataset).where(dataset.c.name == key))
            elif known is None:
                c.execute(insert(dataset).values(name=key, **value))
            else:
                c.execute(
                    update(dataset)
                    .where(dataset.c.name == key)
                    .values({n: v for n, v in value.items() if n != "id"})
                )
        changes.tell(c, {"datasets"}, ())
        return 0

    def used(self, c: Connection, key: str) -> bool:
        query = (
            select(func.count())
            .select_from(membership)
            .join(dataset, dataset.c.id == membership.c.dataset_id)
        )
        return bool(c.execute(query.where(dataset.c.name == key)).scalar_one())


_RECORDS: dict[str, Record] = {"policy": _Policy(), "dataset": _Dataset()}


def record_named(name: str) -> Record:
    """Return how a ``policy`` or ``dataset`` is kept."""
    return _RECORDS[name]

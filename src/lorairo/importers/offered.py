"""What an import expects of a source; `lorairo.sources` fulfils it without either knowing the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    Bytes = bytes  # a property below has the type's name


class Readable(Protocol):
    """Something with bytes, by its place."""

    def read(self) -> Bytes:
        """Read the bytes; OSError when that fails."""
        ...

    @property
    def path(self) -> str:
        """Where it is."""

    @property
    def name(self) -> str:
        """Last part of the path."""

    @property
    def kind(self) -> str:
        """``file``, ``zip``, ``memory``; of texts ``txt``, ``caption`` and so on."""

    @property
    def bytes(self) -> int:
        """Size."""

    @property
    def mtime_ns(self) -> int:
        """Time of the last change, in nanoseconds since 1970."""


class Item(Readable, Protocol):
    """A candidate for import."""

    @property
    def beside(self) -> Sequence[Readable]:
        """Texts that belong to it alone."""


class Table(Readable, Protocol):
    """A file that describes many pictures."""

    @property
    def base(self) -> str:
        """What names in it are relative to; ends with a separator."""


class Offer(Protocol):
    """Everything a source holds."""

    @property
    def items(self) -> Sequence[Item]:
        """Pictures, sorted by path."""

    @property
    def tables(self) -> Sequence[Table]:
        """Files that describe many of them."""

    @property
    def problems(self) -> Sequence[tuple[str, str]]:
        """Path and reason of what could not be looked at."""

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Path and what is odd about it."""

    @property
    def skipped(self) -> int:
        """How many files were passed over."""

    @property
    def folders(self) -> Sequence[str]:
        """Where the search began."""

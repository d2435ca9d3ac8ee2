"""Sources that plug-ins bring, by the scheme of the addresses they take; listing imports none of them."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol, cast

from lorairo.config import nearest
from lorairo.errors import ArgumentError, Error, NotFoundError

GROUP = "lorairo.sources"


class Source(Protocol):
    """What a plug-in of the group ``lorairo.sources`` provides, named by the scheme it takes."""

    def __call__(self, address: str, /) -> Any:
        """Return what lies at an address such as ``booru://query``.

        Parameters
        ----------
        address
            Whole, with the scheme.

        Returns
        -------
        paths, a DataFrame with a ``path`` column, PIL images, or a list of these.
        """


def schemes() -> list[str]:
    """Name the schemes that installed plug-ins take, sorted."""
    return sorted(_known())


def fetch(address: str) -> Any:
    """Ask the plug-in for the scheme of an address.

    Raises
    ------
    NotFoundError
        When there is none; the nearest is named.
    ArgumentError
        When it cannot be loaded, or fails.
    """
    known = _known()
    scheme = address.partition("://")[0].lower()
    if scheme not in known:
        raise NotFoundError(f"nothing here adds {scheme}:// addresses: {nearest(scheme, list(known))}")
    point = known[scheme]
    try:
        return cast("Source", point.load())(address)
    except Error:
        raise
    except Exception as error:  # whatever code of others raises
        raise ArgumentError(
            f"{address}: the plug-in {point.value} failed: {type(error).__name__}: {error}"
        ) from error


def _known() -> dict[str, EntryPoint]:
    return {point.name.lower(): point for point in entry_points(group=GROUP)}

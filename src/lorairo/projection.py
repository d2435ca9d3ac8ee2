"""From a space of many dimensions to two: alike images stay near each other, as far as that goes."""

from __future__ import annotations

import warnings
from importlib import metadata
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lorairo.errors import ArgumentError, MissingExtra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float32]

METHODS: Final = ("umap", "pca")
_FEWEST = 8  # images that have neighbours worth the name
_KEPT = 64  # dimensions that neighbours are looked for in: more take longer and say the same
_SPREAD = 10.0  # of the start that UMAP expects


class Wanted(NamedTuple):
    """How a map is made: what makes it another one."""

    method: str
    version: str
    neighbours: int = 0
    seed: int = 0


def wanted(method: str | None, neighbours: int, seed: int) -> Wanted:
    """Return how a map will be made.

    Parameters
    ----------
    method
        ``umap`` keeps neighbours together and shows groups; ``pca`` is the flattest view of the whole. None
        is the first that is installed.
    neighbours
        How many each image stays near to, for UMAP: few show small groups, many the large picture.
    seed
        The same one gives the same map.

    Raises
    ------
    ArgumentError
        When there is no such method.
    MissingExtra
        When it is not installed.
    """
    if method is None:
        method = "umap" if find_spec("umap") else "pca"
    if method not in METHODS:
        raise ArgumentError(f"there is no map by {method!r}: {' or '.join(METHODS)}")
    if method == "pca":
        return Wanted(method, "1")
    if find_spec("umap") is None:
        raise MissingExtra("umap-learn", extra="map")
    return Wanted(method, metadata.version("umap-learn"), neighbours, seed)


def project(places: Places, how: Wanted) -> Places:
    """Return places in a plane.

    Parameters
    ----------
    places
        float32[n, dimensions], rows of length 1.
    how
        From `wanted`.

    Returns
    -------
    numpy.ndarray
        float32[n, 2] within -1 to 1; both axes have one scale.
    """
    if how.method == "umap" and len(places) >= _FEWEST:
        near = _principal(places, _KEPT)
        return _fitted(_neighbourly(near, min(how.neighbours, len(places) - 1), how.seed))
    return _fitted(_principal(places, 2))


def _principal(places: Places, count: int) -> Places:
    """Return places in the directions in which they differ most, that one first (Pearson 1901)."""
    if not len(places):
        return np.zeros((0, count), np.float32)
    centred = places - places.mean(axis=0)
    _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    few = directions[:, ::-1][:, :count]
    few = few * np.sign(few[np.abs(few).argmax(axis=0), np.arange(few.shape[1])])  # libraries disagree on it
    flat = np.zeros((len(places), count), np.float32)
    flat[:, : few.shape[1]] = centred @ few.astype(np.float32)
    return flat


def _neighbourly(places: Places, neighbours: int, seed: int) -> Places:
    """Return the map of UMAP (McInnes 2018); one thread, as its threads do not repeat themselves."""
    import umap  # noqa: PLC0415 - optional, and slow to import

    start = places[:, :2]
    width = float(np.abs(start).max()) or 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of duplicates, and of what its libraries will change
        made = umap.UMAP(
            n_neighbors=neighbours,
            init=start * (_SPREAD / width),
            random_state=seed,
            n_jobs=1,
        ).fit_transform(places)
    return np.nan_to_num(np.asarray(made, np.float32))


def _fitted(flat: Places) -> Places:
    if not len(flat):
        return flat
    low, high = flat.min(axis=0), flat.max(axis=0)
    half = float((high - low).max()) / 2 or 1.0
    fitted: Places = ((flat - (low + high) / 2) / half).astype(np.float32)
    return fitted

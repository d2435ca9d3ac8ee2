"""A map of a view: alike images lie near each other, in two dimensions."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from lorairo import projection
from lorairo.annotating import embedder_number
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.store import embeddings, maps

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from lorairo.view import View

    Ids = NDArray[np.int64]


class Mapped:
    """Mixed into `View`: where its images lie on a map."""

    def map(
        self, model: str | Path, *, method: str | None = None, neighbours: int = 15, seed: int = 0
    ) -> pd.DataFrame:
        """Lay the images of the view out in two dimensions, alike ones near each other.

        Distances across the map say little; what lies together does. A map is kept with what it was made of,
        so the second time costs nothing.

        Parameters
        ----------
        model
            An embedder that has run here: ``view.annotate("dinov2-base")``.
        method
            ``umap`` (``pip install "lorairo[map]"``) shows groups and takes a minute or two for 100,000
            images; ``pca`` needs nothing and takes seconds. By default the first that is installed.
        neighbours
            How many images each one stays near to, for ``umap``: 5 shows small groups, 50 the large picture.
        seed
            Another one gives another map; the same one the same.

        Returns
        -------
        pandas.DataFrame
            ``x`` and ``y`` within -1 to 1, by image_id, in the order of the view; images that the model has
            not placed are left out. ``attrs["method"]`` names what made it.

        Raises
        ------
        NotFoundError
            When the model has placed no image of the view.
        """
        view = cast("View", self)
        for name, value, least in (("neighbours", neighbours, 2), ("seed", seed, 0)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise ArgumentError(f"{name}={value!r} means nothing: give a whole number, {least} or more")
        wanted = projection.wanted(method, int(neighbours), int(seed))
        ids, flat = _flat(view, model, wanted)
        order = view.ids[np.isin(view.ids, ids)]
        frame = pd.DataFrame(
            flat[np.searchsorted(ids, order)], index=pd.Index(order, name="image_id"), columns=["x", "y"]
        )
        frame.attrs["method"] = wanted.method
        return frame


def _flat(view: View, model: str | Path, wanted: projection.Wanted) -> tuple[Ids, NDArray[np.float32]]:
    """Return ids, sorted, and places in the plane: those kept, or made now and kept."""
    from lorairo.inference.registry import find  # noqa: PLC0415 - models load on use

    spec, project = find(model), view.project
    with project.database.read() as connection:
        number = embedder_number(connection, view, spec)
        ids = embeddings.known(connection, number, view.ids)
        made_by = embeddings.made_by(connection, number)
    if not len(ids):
        raise NotFoundError(
            f"{spec.name} has placed no image of this view: view.annotate([{spec.id!r}]) does"
        )
    told = json.dumps([spec.provider, spec.name, *made_by, *wanted]).encode()
    key = hashlib.sha256(told + ids.astype("<i8").tobytes()).hexdigest()[:32]
    file = project.location / maps.MAPS
    kept = maps.read(file, key)
    if kept is not None and kept.shape == (len(ids), 2):
        return ids, kept
    with project.database.read() as connection:
        ids, places = embeddings.vectors(connection, number, ids)
    flat = projection.project(places, wanted)
    if not project.readonly:
        maps.write(file, key, flat)
    return ids, flat

"""Search by likeness: images like another one, or like what words say."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from PIL import Image as PILImage

from lorairo import images
from lorairo.errors import ArgumentError, ModelError, NotFoundError
from lorairo.store import embeddings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.inference.specs import ModelSpec
    from lorairo.view import View

    Place = NDArray[np.float32]
    Example = int | str | Path | PILImage.Image

_WHITE = (255, 255, 255)


class Liking:
    """Mixed into `View`: images like an example."""

    def like(self, example: Example, model: str | Path, *, count: int = 50) -> View:
        """Search by an example: the images of the view that are most like it, the most alike first.

        Parameters
        ----------
        example
            The id of an image; a PIL image or the path of a file, which need not belong to the project; or
            words, ``"a red hat"``, for a model that reads them, such as CLIP or SigLIP.
        model
            An embedder that has run here: ``view.annotate("clip-vit-base-patch32")``.
        count
            How many, at most. Images that the model has not placed are left out.

        Returns
        -------
        View
            `likeness` says how much alike they are.
        """
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
            raise ArgumentError(f"count={count!r} means nothing: give a number of images, 1 or more")
        found = self.likeness(example, model)
        return cast("View", cast("View", self)[found.index[: int(count)].tolist()])

    def likeness(self, example: Example, model: str | Path) -> pd.Series:
        """Return how much alike the images of the view are to an example, the most alike first.

        Parameters
        ----------
        example, model
            As of `like`.

        Returns
        -------
        pandas.Series
            Cosines, -1 to 1, by image_id. Those of words are low, and say something only beside each other.
        """
        view = cast("View", self)
        places = view.embeddings(model)
        place = _place(view, example, model)
        if len(place) != places.shape[1]:
            raise ModelError(
                f"{model} places this in {len(place):,} dimensions, the images here lie in "
                f"{places.shape[1]:,}: view.annotate([{str(model)!r}]) places them again"
            )
        cosines = places.to_numpy(np.float32) @ place
        order = np.argsort(-cosines, kind="stable")
        return pd.Series(cosines[order], index=places.index[order], name="likeness")


def _place(view: View, example: Example, model: str | Path) -> Place:
    """Return where an example lies, of length 1: stored, or worked out now."""
    if isinstance(example, int | np.integer) and not isinstance(example, bool):
        return _of_image(view, int(example), model)
    if isinstance(example, PILImage.Image):
        return _embedded(view, example, model)
    if isinstance(example, Path) or (isinstance(example, str) and _names_a_file(example)):
        file = Path(example).expanduser()
        try:
            return _embedded(view, file.read_bytes(), model)
        except OSError as error:
            raise NotFoundError(f"{file} cannot be read: {error.strerror or error}") from error
    if isinstance(example, str) and example.strip():
        return _read(view, example, model)
    raise ArgumentError(
        "view.like takes an image id, a PIL image, the path of a file or some words, "
        f"not {'an empty text' if isinstance(example, str) else type(example).__name__}"
    )


def _names_a_file(text: str) -> bool:
    return Path(text).suffix.lower() in images.PICTURE_SUFFIXES


def _of_image(view: View, image_id: int, model: str | Path) -> Place:
    """Return the place of an image of the project, of this view or not."""
    from lorairo.inference.registry import find  # noqa: PLC0415 - models load on use

    spec = find(model)
    with view.project.database.read() as connection:
        number = embeddings.newest(connection, spec.provider, spec.name)
        if number is not None:
            ids, places = embeddings.vectors(connection, number, np.array([image_id]))
            if len(ids):
                return cast("Place", places[0])
    return _embedded(view, view.project.read(image_id), model)


def _embedded(view: View, picture: PILImage.Image | bytes, model: str | Path) -> Place:
    """Place a picture with the model itself."""
    from lorairo.inference.loading import Loader  # noqa: PLC0415
    from lorairo.inference.registry import find  # noqa: PLC0415

    loader = Loader(find(model))
    _same_revision(view, loader.spec, loader.revision)
    if isinstance(picture, PILImage.Image):
        buffer = io.BytesIO()
        images.flatten(picture, _WHITE).save(buffer, "PNG")
        picture = buffer.getvalue()
    embedder = loader.load()
    try:
        prepared = embedder.prepare(picture)
    except images.Rejected as error:
        raise ArgumentError(f"the example cannot be looked at: {error}") from error
    return cast("Place", np.asarray(embedder.infer([prepared]), np.float32)[0])


def _read(view: View, words: str, model: str | Path) -> Place:
    """Place words with the half of the model that reads."""
    from lorairo.inference.kept import kept  # noqa: PLC0415
    from lorairo.inference.registry import find  # noqa: PLC0415
    from lorairo.inference.weights import fetch  # noqa: PLC0415
    from lorairo.scorers.reader import Reader  # noqa: PLC0415

    spec = find(model)
    if spec.backend != "embedder":
        raise ArgumentError(f"{spec.name} reads no words: take a CLIP or a SigLIP, or give it a picture")
    weights = fetch(spec)
    _same_revision(view, spec, weights.revision)
    row = spec.model_copy(update={"backend": "reader"})  # kept beside the half that looks
    reader = kept(row, weights.revision, lambda: Reader(spec, weights=weights))
    found: Any = reader.infer([reader.prepare(words.encode())])
    return cast("Place", found[0])


def _same_revision(view: View, spec: ModelSpec, revision: str) -> None:
    """Refuse to compare places of two revisions of a model."""
    with view.project.database.read() as connection:
        number = embeddings.newest(connection, spec.provider, spec.name)
        stored = revision if number is None else embeddings.made_by(connection, number)[0]
    if stored != revision:
        raise ModelError(
            f"{spec.name} has another revision than the one that placed the images here: "
            f"view.annotate([{spec.id!r}]) places them again"
        )

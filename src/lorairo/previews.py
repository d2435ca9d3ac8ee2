"""Thumbnails of a project's images: from the cache, made again where it lost them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from lorairo import images
from lorairo.errors import NotFoundError, StoreError
from lorairo.log import logger

if TYPE_CHECKING:
    from lorairo.project import Project


def thumbnails_of(project: Project, ids: list[int]) -> dict[int, bytes]:
    """Return thumbnails by image id; those that cannot be made are left out.

    Parameters
    ----------
    project
        Whose images.
    ids
        Known to its index.
    """
    index = project.index
    hashes = {image_id: index.sha256(image_id) for image_id in ids}
    cached = project.thumbnails.get_many(list(hashes.values()))
    made: dict[bytes, bytes] = {}
    size = project.config.thumbnail_size
    for image_id, sha256 in hashes.items():
        if sha256 not in cached:
            with contextlib.suppress(NotFoundError, images.Rejected):  # the caller names what is missing
                made[sha256] = images.encode_preview(project.read(image_id), size)[0]
    if made and not project.readonly:
        _keep(project, made)
    cached.update(made)
    return {image_id: cached[sha256] for image_id, sha256 in hashes.items() if sha256 in cached}


def _keep(project: Project, made: dict[bytes, bytes]) -> None:
    """Put thumbnails into the cache; they are shown all the same where it takes none."""
    try:
        project.thumbnails.put_many(list(made.items()))
    except StoreError as error:
        logger.warning("thumbnails of {} are not kept: {}", project.location, error)

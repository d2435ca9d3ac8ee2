"""The verbs of a view about pictures that show the same: finding them, ruling what each is to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from lorairo.duplicated import Duplicates
from lorairo.errors import ArgumentError
from lorairo.store import log
from lorairo.verbs import carried_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.results import Done
    from lorairo.store.pairing import Verdict
    from lorairo.view import View

_MOST_BITS = 16


class Duplicating:
    """Mixed into `View`: pictures that show the same."""

    def find_duplicates(
        self,
        radius: int = 6,
        *,
        mirrored: bool = True,
        model: str | Path | None = None,
        likeness: float = 0.97,
        progress: Callable[[int, int, int], None] | None = None,
    ) -> Duplicates:
        """Group the pictures of the view that show the same.

        Hashes that are near each other are candidates; a second look at the thumbnails decides. It catches
        margins that were cut off and mirror images, and throws out pictures that only look alike to a hash.
        Copies with the same bytes are one image with several paths: ``is:duplicate`` finds those. Pictures
        that somebody ruled to be different ones are not put together again.

        Parameters
        ----------
        radius
            Bits of 64 in which perceptual hashes may differ, 0..16. 0 finds copies in other sizes and
            qualities, 6 slight crops and brightness too.
        mirrored
            Whether mirror images count.
        model
            An embedder that has run here, such as ``dinov2-base``: what lies near in its space belongs
            together too, such as strong crops and other shots of a scene. Those are of the kind ``alike``,
            and never excluded unasked. Images without a place are looked for by their hashes alone.
        likeness
            Cosine from which on two are near to the model, above 0 to 1.
        progress
            Called with steps done, all steps, and how many pictures were looked at. What it raises ends the
            search.

        Returns
        -------
        Duplicates
            ``.df`` lists them, ``.keep_best()`` excludes what a better copy stands for, ``.mark()`` keeps
            what they are to each other. Nothing is deleted.
        """
        if isinstance(radius, bool) or not isinstance(radius, int) or not 0 <= radius <= _MOST_BITS:
            raise ArgumentError(f"radius={radius!r} means nothing: it is a number of bits, 0 to {_MOST_BITS}")
        if not 0 < likeness <= 1:
            raise ArgumentError(f"likeness={likeness!r} means nothing: it is a cosine above 0, up to 1")
        view = cast("View", self)
        places = None
        if model is not None:
            frame = view.embeddings(model)
            places = (frame.index.to_numpy(), frame.to_numpy(np.float32))
        return Duplicates(
            view, radius, mirrored=mirrored, places=places, likeness=likeness, progress=progress
        )

    def mark_different(self, *, mark: str | None = None) -> Done:
        """Rule that the images of the view are different pictures, each from each other.

        `find_duplicates` puts no two of them together again, in this project, wherever their files are.

        Parameters
        ----------
        mark
            Makes them different from those that have this mark already, as a recipe writes it.
        """
        return self._rule("different", mark)

    def mark_variants(self, *, mark: str | None = None) -> Done:
        """Rule that the images of the view show the same and are all wanted: they stay together, and in.

        Parameters
        ----------
        mark
            Makes them variants of those that have this mark already, as a recipe writes it.
        """
        return self._rule("variant", mark)

    def unmark_duplicates(self) -> Done:
        """Take back what was ruled about the images of the view and others."""
        return carried_out(self, log.unmark_pairs)

    def _rule(self, verdict: Verdict, mark: str | None) -> Done:
        return carried_out(self, log.mark_pairs, verdict, mark=mark)

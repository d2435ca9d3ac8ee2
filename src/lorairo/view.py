"""A view: a fixed query over a project, with live contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from psygnal import EmitLoopError, SignalInstance

from lorairo import frames
from lorairo.annotating import Annotating
from lorairo.captioning import Captioning
from lorairo.choosing import Choosing
from lorairo.cleaning import Cleaning
from lorairo.duplicating import Duplicating
from lorairo.edits import Edits
from lorairo.errors import ArgumentError
from lorairo.exporting import Exporting
from lorairo.keywords import checked_class
from lorairo.laboratory import Trying
from lorairo.lens import Lens
from lorairo.liking import Liking
from lorairo.log import logger
from lorairo.mapping import Mapped
from lorairo.plaintext import printable
from lorairo.query import Snapshot, parse
from lorairo.ranking import Ranking
from lorairo.reviewing import Reviewing
from lorairo.showing import Showing
from lorairo.steps import Chosen, Part, Sample, Sort, Step, Where, expression, lifted, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image as PILImage

    from lorairo.project import Project
    from lorairo.query import Index
    from lorairo.record import ImageRecord
    from lorairo.reporting import Report
    from lorairo.store import Change


@checked_class
class View(
    Annotating,
    Captioning,
    Choosing,
    Cleaning,
    Duplicating,
    Edits,
    Exporting,
    Liking,
    Mapped,
    Ranking,
    Reviewing,
    Showing,
    Trying,
):
    """Images of a project that match a query, in an order.

    The query never changes; the contents follow the project. Made by `Project.view`, narrowed by the methods
    here, each of which returns another view. What linked widgets narrow and select is `shown` and `selected`.
    """

    def __init__(self, project: Project, steps: tuple[Step, ...], lens: Lens | None = None) -> None:
        self.project = project
        self._steps = steps
        self._snapshot: Snapshot | None = None
        self._lens = lens
        self._changed: SignalInstance | None = None

    # ------------------------------------------------------------------------------------- contents

    @property
    def snapshot(self) -> Snapshot:
        """The contents now: immutable ids in order, with the version of the index they come from."""
        return self.held()[1]

    def held(self) -> tuple[Index, Snapshot]:
        """Return the index now and the contents in it: whoever needs both takes them at once."""
        index = self.project.index
        snapshot = self._snapshot
        if snapshot is None or snapshot.version != index.version:
            snapshot = self._snapshot = Snapshot.of(index, run(self._steps, index), self.query)
        return index, snapshot

    @property
    def ids(self) -> np.ndarray:
        """Image ids in order, int64, read-only."""
        return self.snapshot.ids

    @property
    def query(self) -> str:
        """The search this view stands for, in canonical form."""
        texts = [text for text in (step.text() for step in self._steps) if text]
        if len(texts) > 1:  # OR binds less than the blank between two terms
            texts = [f"({text})" if " OR " in text else text for text in texts]
        return " ".join(texts)

    @property
    def expression(self) -> str | None:
        """The view as a cell says it, or None when images in it were chosen one by one."""
        return expression(self._steps)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[ImageRecord]:
        for image_id in self.ids.tolist():
            yield self.project[image_id]

    def __contains__(self, image_id: object) -> bool:
        return isinstance(image_id, int | np.integer) and bool(np.any(self.ids == image_id))

    def __repr__(self) -> str:
        count = len(self)
        noun = "image" if count == 1 else "images"
        query = f" · {self.query}" if self.query else ""
        return f"<View of {count:,} {noun} in {printable(self.project.name)}{printable(query)}>"

    @property
    def changed(self) -> SignalInstance:
        """Signal with the change, emitted after the contents of the project changed."""
        if self._changed is None:
            self._changed = SignalInstance((object,), name="changed")
            self.project.live.published.connect(self._relay)
        self.project.keep(self)
        return self._changed

    @property
    def followed(self) -> bool:
        """Whether anybody listens to `changed`."""
        return self._changed is not None and len(self._changed) > 0

    def _relay(self, change: Change) -> None:
        if self._changed is None:
            return
        try:
            self._changed.emit(change)
        except EmitLoopError:  # one listener that fails must not keep the news from the others
            logger.exception("a listener to changes of {!r} failed", self.query)

    # ------------------------------------------------------------------------------------- narrowing

    def _with(self, *steps: Step) -> View:
        return View(self.project, self._steps + steps)

    def where(self, query: str) -> View:
        """Narrow by a search (design section 5).

        Parameters
        ----------
        query
            For example ``"dog -blurry sharpness:>0.4"``.

        Raises
        ------
        QueryError
            Where the search has a mistake; it says where and what was expected.
        """
        node = parse(query, scores=self.project.index.score_names)
        return View(self.project, (*lifted(self._steps, node), Where(node)))

    def sort(self, key: str) -> View:
        """Order by a column or score; a leading minus is descending: ``view.sort("-sharpness")``."""
        step = Sort(key)
        step.apply(self.project.index, np.arange(0))  # a wrong name is an error here, not at the first look
        return self._with(step)

    def sample(self, count: int, *, seed: int = 0) -> View:
        """Choose up to `count` images by hash of `seed` and content: the same on every machine."""
        return self._with(Sample(count, seed))

    def head(self, count: int = 20) -> View:
        """Take the first images."""
        if count < 0:
            raise ArgumentError(f"head() takes a number of images, not {count}")
        return self._with(Part(slice(0, count)))

    def __getitem__(self, key: Any) -> Any:
        """``view[ids_or_mask]`` and ``view[10:20]`` are views, ``view["sharpness"]`` is a Series."""
        if isinstance(key, slice):
            return self._with(Part(key))
        if isinstance(key, str):
            return frames.column(self, key)
        if isinstance(key, int | np.integer):
            raise ArgumentError(
                f"view[{key}] is unclear: project[{key}] is the image with that id, "
                f"view[{key}:{int(key) + 1}] a view of one"
            )
        return self._with(Chosen(self._chosen_ids(key)))

    def _chosen_ids(self, key: Any) -> np.ndarray:
        if isinstance(key, View):
            self.same_project(str(key.project.location))
            return key.ids
        if isinstance(key, pd.DataFrame):
            self.same_project(key.attrs.get("lorairo"))
            key = key.index
        elif isinstance(key, pd.Series) and key.dtype == bool:
            key = key.index[key]
        array = np.asarray(key)
        if array.dtype == bool:
            if len(array) != len(self):
                raise ArgumentError(f"the mask has {len(array):,} values, the view {len(self):,} images")
            masked: np.ndarray = self.ids[array]
            return masked
        if array.size and not np.issubdtype(array.dtype, np.integer):
            raise ArgumentError(
                f"a view is indexed by ids, a mask, a slice or a column name, not by {type(key).__name__}"
            )
        return array.astype(np.int64).reshape(-1)

    def same_project(self, location: str | None) -> None:
        """Refuse images of another project, where the same ids are other images."""
        if location is not None and location != str(self.project.location):
            raise ArgumentError(f"these are images of the project {location}, not of {self.project.location}")

    # ------------------------------------------------------------------------------------- tables

    @property
    def df(self) -> pd.DataFrame:
        """A copy of the contents as a DataFrame indexed by ``image_id``."""
        return frames.to_frame(self)

    def to_frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the contents as a DataFrame with chosen columns."""
        return frames.to_frame(self, columns)

    def tags(self, top: int | None = 50) -> pd.DataFrame:
        """Count tags: a DataFrame with tag, category, images and share, most frequent first."""
        return frames.tag_counts(self, top)

    @property
    def tag_frame(self) -> pd.DataFrame:
        """One row per image and tag: image_id, tag, state, source, model, score."""
        return frames.tag_frame(self)

    def captions(self, variant: str = "default") -> pd.Series:
        """Captions of a variant by image_id; images without one are left out."""
        return frames.captions(self, variant)

    @property
    def annotations(self) -> pd.DataFrame:
        """Every model run on these images: provider, model, revision, caption, rating, time, tokens, cost."""
        return frames.model_runs(self)

    def describe(self, *, duplicates: bool = False) -> Report:
        """Report what the images are, and what they lack: text in a console, a page in a notebook.

        Counts, sizes, shapes, how scores lie, captions and their tokens, the most frequent tags, tags that
        nearly all have, and gaps: no caption, no tag, no rating, groups of tags without one.

        Parameters
        ----------
        duplicates
            Look for duplicates too, as `find_duplicates` does; that opens the thumbnails of candidates.

        Returns
        -------
        Report
            ``.df`` has the quartiles, ``.save("report.html")`` writes the page to a file.
        """
        from lorairo.reporting import Report  # noqa: PLC0415 - a report is seldom asked for

        return Report(self, duplicates=duplicates)

    # ------------------------------------------------------------------------------------- pictures

    def image(self, image_id: int) -> PILImage.Image:
        """Open one image, upright and sRGB.

        Raises
        ------
        NotFoundError
            When no source of the image can be read; it says which were tried.
        """
        return self.project.open_image(image_id)

    def thumbnail(self, image_id: int) -> bytes:
        """Return the encoded thumbnail (JPEG, 256 px long side)."""
        return self.project.thumbnail(image_id)

    # ------------------------------------------------------------------------------------- widgets' state

    @property
    def lens(self) -> Lens:
        """What widgets linked to this view narrowed and selected."""
        if self._lens is None:
            self._lens = Lens()
        return self._lens

    @property
    def shown(self) -> View:
        """What the linked widgets show: this view narrowed by the search box."""
        lens = self.lens
        if not lens.query:
            return View(self.project, self._steps, lens)
        node = parse(lens.query, scores=self.project.index.score_names)
        return View(self.project, (*lifted(self._steps, node), Where(node)), lens)

    @shown.setter
    def shown(self, query: str) -> None:
        if not isinstance(query, str):
            raise ArgumentError(f'view.shown is set to a search, such as "dog -blurry", not to {query!r}')
        parse(query, scores=self.project.index.score_names)
        self.lens.show(query)

    @property
    def selected(self) -> View:
        """What is selected in the linked widgets, in the order it is shown."""
        return View(self.project, (Chosen(self.lens.selected),))

    @selected.setter
    def selected(self, chosen: Any) -> None:
        self.lens.select(self._chosen_ids(chosen))

    def link(self, other: View) -> Self:
        """Share what is shown and selected with another view of the same project."""
        self.same_project(str(other.project.location))
        self._lens = other.lens
        return self

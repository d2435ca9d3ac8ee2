"""The words of a project: tags given last, pinned, in groups, and what is known of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

from lorairo.cleaning import clean_tags
from lorairo.errors import ArgumentError
from lorairo.groups import TagGroups, breaches
from lorairo.store import recent, settings
from lorairo.tags import canonical_names
from lorairo.view import View
from lorairo.vocabulary import ProjectVocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from lorairo.cleaning import TagPreview
    from lorairo.project import Project
    from lorairo.store import Database

PINNED = "tags.pinned"
_RECENT = 20


class Words:
    """Mixed into `Project`: its tags as words to choose from."""

    database: Database

    @property
    def recent_tags(self) -> list[str]:
        """The tags this author gave last by hand, the newest first, from the log; 20 at most."""
        return self.recently(_RECENT)

    def recently(self, limit: int) -> list[str]:
        """Return as many of the tags this author gave last."""
        author = cast("Project", self).author
        with self.database.read() as connection:
            return recent.recent_tags(connection, author, limit)

    @property
    def pinned_tags(self) -> list[str]:
        """The tags that are kept at hand, in the order of being pinned.

        A setting of the project, outside the log: it says nothing about any image.
        """
        with self.database.read() as connection:
            return list(settings.get(connection, PINNED, []))

    def pin_tags(self, *tags: str) -> list[str]:
        """Keep tags at hand, behind those pinned before; returns all that are pinned."""
        names = canonical_names(tags)
        return self._pin(lambda pinned: [*pinned, *names])

    def unpin_tags(self, *tags: str) -> list[str]:
        """Let go of pinned tags; returns those that stay pinned."""
        names = canonical_names(tags)
        return self._pin(lambda pinned: [name for name in pinned if name not in names])

    @cached_property
    def vocabulary(self) -> ProjectVocabulary:
        """What is known of tags: those in use, words from files, the list the settings name."""
        return ProjectVocabulary(cast("Project", self))

    @cached_property
    def tag_groups(self) -> TagGroups:
        """Named groups of tags, with a rule each; `check_groups` finds the images that break one."""
        return TagGroups(cast("Project", self))

    def check_groups(self, view: View | None = None) -> pd.DataFrame:
        """Return where images break the rule of a group: image_id, group, tags.

        Parameters
        ----------
        view
            The images to look at; all that are not excluded when None.
        """
        return breaches(self.tag_groups, self._own(view))

    def clean_tags(
        self,
        *,
        rename: Mapping[str, str] | None = None,
        aliases: bool | None = None,
        blacklist: Iterable[str] = (),
        prune_constants: float | None = None,
        implications: Literal["strip", "expand"] | None = None,
        order: str | Sequence[str] | None = None,
        view: View | None = None,
        keep: Iterable[str] = (),
    ) -> TagPreview:
        """Clean tags by rules, used in the order named here; nothing changes before ``.apply()``.

        Parameters
        ----------
        rename
            New names of tags; several may get the same.
        aliases
            Whether other words for a tag are replaced by it, as the vocabulary says; None does so where it
            knows any. A word for several tags is left alone and named.
        blacklist
            Tags to take away: names, patterns (``*_background``), categories (``category:meta``).
        prune_constants
            Take away what at least this share of the images has, such as 0.9.
        implications
            ``strip`` takes away what follows from another tag of the image, ``expand`` adds it.
        order
            ``category``, or the tags that come first, see `View.arrange_tags`.
        view
            The images; all that are not excluded when None.
        keep
            Tags that no rule takes away or renames. Triggers of datasets are kept, too, but from the rules
            that name tags: rename and blacklist.

        Returns
        -------
        TagPreview
            ``frame`` shows each image before and after, ``changes`` how often each tag changes.
        """
        return clean_tags(
            self._own(view),
            rename=rename,
            aliases=aliases,
            blacklist=blacklist,
            prune_constants=prune_constants,
            implications=implications,
            order=order,
            keep=keep,
        )

    def _own(self, view: View | None) -> View:
        project = cast("Project", self)
        if view is None:
            return project.view()
        if not isinstance(view, View):
            raise ArgumentError(f"view= is a view, such as project.view({str(view)!r}), not {view!r}")
        view.same_project(str(project.location))
        return view

    def _pin(self, change: Callable[[list[str]], list[str]]) -> list[str]:
        cast("Project", self).writable()
        with self.database.write() as connection:
            pinned = list(dict.fromkeys(change(settings.get(connection, PINNED, []))))
            settings.put(connection, PINNED, pinned)
        return pinned

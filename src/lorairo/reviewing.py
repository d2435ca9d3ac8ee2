"""A view looked through by a person: side by side, by one question, image by image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from lorairo.view import View
    from lorairo.widgets.compare import Compare
    from lorairo.widgets.passes import GuidedPass, TagPass


class Reviewing:
    """Mixed into `View`: the widgets that go through its images."""

    def compare(self, **options: Any) -> Compare:
        """Compare two to four images side by side: those selected, else all of a small view, else two."""
        from lorairo.widgets.compare import Compare  # noqa: PLC0415 - widgets load on use

        return Compare(cast("View", self), **options)

    def tag_pass(
        self,
        tag: str,
        *,
        model: str | None = None,
        order: str = "uncertain",
        again: bool = False,
        **options: Any,
    ) -> TagPass:
        """Ask about one tag, image by image, one key each: yes, no or skip.

        Parameters
        ----------
        tag
            What is asked.
        model
            Whose scores order the questions and are judged by the answers; without one, the model that named
            the tag most often.
        order
            ``uncertain``: nearest to the model's threshold first. ``score``: highest first. ``random``: a
            fair sample, after which the precision holds for the whole view.
        again
            Ask about those too that were answered before.
        options
            Of the widget: ``height`` and ``theme``.

        Returns
        -------
        TagPass
            The widget; its ``report`` says how right the model is, and which threshold suits the answers.

        Examples
        --------
        >>> asked = project.view().tag_pass("smile")
        >>> asked.report
        """
        from lorairo.widgets.passes import TagPass  # noqa: PLC0415 - widgets load on use

        return TagPass(cast("View", self), tag, model=model, order=order, again=again, **options)

    def review(self, *, again: bool = False, **options: Any) -> GuidedPass:
        """Go through the view image by image, with caption and tags at hand; goes on where it stopped.

        Parameters
        ----------
        again
            Show those too that are marked as reviewed.
        options
            Of the widget: ``height`` and ``theme``.
        """
        from lorairo.widgets.passes import GuidedPass  # noqa: PLC0415 - widgets load on use

        return GuidedPass(cast("View", self), again=again, **options)

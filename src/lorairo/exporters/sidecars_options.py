"""What can be said to the exporter of texts beside pictures."""

from __future__ import annotations

from typing import Any, Literal

from lorairo.exporters.options import ExportOptions, Extension, Form
from lorairo.tags.render import Target  # noqa: TC001 - pydantic reads the annotation


class SidecarsOptions(ExportOptions):
    """Options of ``view.plan_export("sidecars", ...)``.

    Attributes
    ----------
    preserve
        Write the texts that were imported as they were, byte for byte, and where something was edited since
        change that alone: encoding, line ends, separators and the spelling of other tags stay. False writes
        every text anew.
    images
        ``none`` writes texts only, ``copy`` puts the pictures beside them as they are, ``link`` links to
        those that are files, and still hold what was imported, and copies the others.
    style
        What a text written anew holds: ``tags``, ``prose`` (the caption variant) or ``both``; by the profile
        when not given. With `preserve`, tags and captions that no text had get files of their own.
    target, separator
        How tags are written, and what stands between them, where no imported text shows it.
    extension
        Of texts written anew.
    trigger
        Put first in texts written anew, with ``preserve=False``.
    profile, variant, overwrite
        As for every exporter.
    """

    preserve: bool = False
    images: Literal["none", "copy", "link"] = "none"
    style: Form | None = None
    target: Target = "kohya"
    separator: str = ", "
    extension: Extension = ".txt"

    @property
    def form(self) -> Form:
        """What a text written anew holds."""
        return self.form_of(self.style)

    def for_manifest(self) -> dict[str, Any]:
        """Everything that shapes the files, JSON-ready."""
        return {**self.model_dump(mode="json", exclude={"overwrite"}, exclude_none=True), "style": self.form}

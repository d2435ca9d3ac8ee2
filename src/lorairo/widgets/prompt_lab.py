"""The prompt laboratory as a widget: which answer is better, without names; then the figures, and the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from lorairo.errors import ArgumentError
from lorairo.laboratory.lab import Laboratory
from lorairo.widgets import trying
from lorairo.widgets.linked import Linked

if TYPE_CHECKING:
    from lorairo.widgets.wire import Route


class PromptLab(Linked):
    """Asks which of two answers is better, blind; then shows prompts by models with their figures.

    Votes are kept as they are given: the widget may be closed at any time, and goes on in another kernel.

    Examples
    --------
    >>> lab = view.prompt_lab(["caption", "Describe the dog alone."], ["openai/gpt-5-mini"])
    >>> lr.PromptLab(lab)         # a bare `lab` as the last line of a cell shows the same
    """

    _bundle = "laboratory"

    height = traitlets.Int(640, min=240, max=4000).tag(sync=True)
    """Height in pixels."""

    def __init__(self, lab: Laboratory, **options: Any) -> None:
        if not isinstance(lab, Laboratory):
            raise ArgumentError(
                f"a PromptLab shows what view.prompt_lab(...) returns, not {type(lab).__name__}"
            )
        self._lab = lab
        super().__init__(lab.view, **options)

    def _more_routes(self) -> dict[str, Route]:
        return trying.routes(self.session, self._lab)

    def _still(self) -> str:
        return self._lab.still()

    def __repr__(self) -> str:
        return f"<PromptLab of {self._lab!r}>"

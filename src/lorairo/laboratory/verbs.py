"""What a view does about prompts: a laboratory that compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from lorairo.laboratory.cells import Prompts
    from lorairo.laboratory.lab import Laboratory
    from lorairo.view import View


class Trying:
    """Mixed into `View`: trying prompts out."""

    def prompt_lab(
        self,
        prompts: Prompts,
        models: Sequence[str | Path],
        *,
        sample: int = 12,
        seed: int = 0,
        parameters: Mapping[str, Any] | None = None,
        dataset: str | None = None,
    ) -> Laboratory:
        """Compare prompts by models on a few images that stand for the view.

        Parameters
        ----------
        prompts
            Names from ``lr.prompts()``, texts of your own, or texts by the name they go by:
            ``{"plain": "Describe it.", "lavish": "Describe it in detail."}``.
        models
            Services and captioners of this machine alike, as ``view.annotate`` takes them.
        sample
            Images; chosen so that ratings, datasets, common tags and shapes come as often as in the view.
        seed
            Another one chooses other images, and another order of the ballots.
        parameters
            Other ways to ask, as of ``view.annotate``: for all models, or by model.
        dataset
            Whose target and trigger the figures are by; by default the one the view is about. Services are
            told the trigger of one that is named.

        Returns
        -------
        Laboratory
            ``run()``, ``frame``, ``summary()``, ``ballots()``, ``prefer()``, ``best``; in a cell by itself,
            the widget that asks which answers you prefer.

        Examples
        --------
        >>> lab = view.prompt_lab(["caption", "Describe the dog alone."], ["openai/gpt-5-mini"])
        >>> lab.run(budget=0.50).wait()
        >>> lab.best.annotate(view, budget=5.00)
        """
        from lorairo.laboratory.lab import Laboratory  # noqa: PLC0415 - models load on use

        return Laboratory(
            cast("View", self),
            prompts,
            models,
            sample=sample,
            seed=seed,
            parameters=parameters,
            dataset=dataset,
        )

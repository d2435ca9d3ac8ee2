"""What a run of models over a view would take, before it is started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lorairo.config import load
from lorairo.config.schema import Provider
from lorairo.errors import ArgumentError
from lorairo.prompting import asked_for, facts_source
from lorairo.services import reach
from lorairo.services.estimating import Asked, quoted
from lorairo.services.offered import takes_batches
from lorairo.services.quote import ModelQuote, Quote
from lorairo.services.wishes import wishes_of
from lorairo.store import answers, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from PIL import Image as PILImage
    from sqlalchemy import Connection

    from lorairo.inference.specs import ModelSpec
    from lorairo.services.asking import Service
    from lorairo.services.wishes import Wishes
    from lorairo.view import View


class Quoting:
    """Mixed into `View`: what runs of models would take."""

    def quote(
        self,
        models: str | Path | Sequence[str | Path] | Mapping[str, Callable[[PILImage.Image], Any]],
        *,
        parameters: Mapping[str, Any] | None = None,
        refused: str = "skip",
        unknown: str = "skip",
        withhold: str | Sequence[str] = (),
        batch: int | bool | None = None,
    ) -> Quote:
        """Say what ``annotate`` would send and take; nothing is sent, no picture is read, no key is needed.

        Parameters
        ----------
        models, parameters, refused, unknown, withhold, batch
            As of `annotate`. Models that run here are listed too: they cost nothing but time.

        Returns
        -------
        Quote
            ``cost`` and ``at_most`` in USD, None where a price is unknown; ``send``, ``answered``,
            ``refused``, ``tokens_in``, ``seconds``; ``leaves`` says what leaves this machine, ``models`` has
            the same for each model.
        """
        from lorairo.inference import functions, run  # noqa: PLC0415 - models load on use

        wishes = wishes_of(
            refused=refused,
            unknown=unknown,
            withhold=(withhold,) if isinstance(withhold, str) else tuple(withhold),
            batch=batch is True,
        )
        view = cast("View", self)
        named: list[Any] = [models] if isinstance(models, str | Path) else list(models)
        if not named:
            raise ArgumentError("name at least one model; lr.models() lists them")
        if isinstance(models, Mapping):
            specs = [functions.spec_of(name, "annotator") for name in named]
        else:
            specs = run.wanted(named, asked_for(view.project, parameters))
        return quote_of(view, specs, wishes)


def quote_of(view: View, specs: Sequence[ModelSpec], wishes: Wishes) -> Quote:
    """Work out what models would take, each as its row asks it."""
    index, snapshot = view.held()
    widths, heights = (
        index.column(name)[snapshot.positions].astype(np.int64) for name in ("width", "height")
    )
    facts = facts_source(view.project)
    with view.project.database.read() as connection:
        parts = [
            _local(connection, spec, snapshot.ids)
            if spec.service is None
            else quoted(
                connection,
                snapshot.ids,
                widths,
                heights,
                _asked(connection, spec, spec.service, view.project.location, wishes),
                wishes,
                facts,
            )
            for spec in specs
        ]
    return Quote.of(len(snapshot.ids), parts)


def _asked(c: Connection, spec: ModelSpec, service: Service, folder: Path, wishes: Wishes) -> Asked:
    from lorairo.inference.registry import obstacle  # noqa: PLC0415 - as above

    limits = load(folder).providers.get(spec.provider) or Provider.model_validate({})
    why_not = [part for part in obstacle(spec) if part]
    if wishes.batch and not takes_batches(spec.provider, service):
        why_not.append("It takes no batches: leave batch=True out")
    return Asked(
        id=spec.id,
        provider=spec.provider,
        model=spec.name,
        place=reach.place_of(spec.provider),
        service=service,
        model_id=evidence.known_model_id(c, spec.provider, spec.name, None, spec.parameters(evidence.FLOOR)),
        limits=limits,
        obstacle=". ".join(why_not),
    )


def _local(c: Connection, spec: ModelSpec, ids: NDArray[np.int64]) -> ModelQuote:
    """Say how long a model of this machine has left to run."""
    from lorairo.inference.registry import obstacle  # noqa: PLC0415 - as above
    from lorairo.inference.remaining import remaining  # noqa: PLC0415 - as above

    (left,) = remaining(c, [spec], ids)
    each = answers.seconds_each(c, [(spec.provider, spec.name)]).get((spec.provider, spec.name))
    return ModelQuote(
        id=spec.id,
        provider=spec.provider,
        answered=len(ids) - left,
        send=left,
        seconds=0.0 if not left else None if each is None else each * left,
        obstacle=". ".join(part for part in obstacle(spec) if part),
    )

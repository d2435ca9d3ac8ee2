"""Questions as they are sent: the words, with what they say of the image filled in, and the picture."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING

from lorairo.images import Rejected
from lorairo.jobs import Failure, parallel
from lorairo.services import tokens
from lorairo.services.answer import schema_of
from lorairo.services.calls import Request
from lorairo.services.pictures import Prepared
from lorairo.store.statements import chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from lorairo.captions.pieces import Facts
    from lorairo.config.schema import Limits as Machine
    from lorairo.images import Limits
    from lorairo.services.asking import Service
    from lorairo.services.calls import Usage
    from lorairo.services.run import FactsSource

_AT_ONCE = 64  # images whose facts are asked for together

_prepared = Prepared()


class Questions:
    """Makes questions to one model, asked one way.

    Parameters
    ----------
    provider, model
        Who is asked.
    service
        How.
    source
        Gives the bytes of images by id, or why they cannot be read.
    facts
        Gives what prompts say of images; None where the prompt may not say anything of them.
    limits
        What is opened at all.
    """

    def __init__(
        self,
        provider: str,
        model: str,
        service: Service,
        source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
        *,
        facts: FactsSource | None,
        limits: Limits | None = None,
    ) -> None:
        self._who = (provider, model)
        self._service = service
        self._source = source
        self._facts = facts
        self._limits = limits
        self._schema = schema_of(service.prompt, service.structured)
        self._schema_tokens = tokens.of_schema(self._schema)

    def about(
        self, ids: Sequence[int], machine: Machine | None = None
    ) -> Generator[tuple[int, Request | Failure | None]]:
        """Make the questions about images, in their order, as many ahead as there are workers.

        Parameters
        ----------
        machine
            What may be taken of it.

        Yields
        ------
        image, question
            Why there is none where the picture cannot be sent; None where the image was deleted meanwhile.
        """
        for part in chunks(ids, _AT_ONCE):
            yield from parallel(partial(self._about, self._said(part)), part, limits=machine)

    def most(self, request: Request) -> Usage:
        """Return what a question takes at most."""
        words = tokens.of_text(request.system) + tokens.of_text(request.prompt) + self._schema_tokens
        return tokens.most(self._service, request.picture.width, request.picture.height, words)

    def _said(self, ids: Sequence[int]) -> dict[int, Facts] | None:
        templates = self._service.templates
        return self._facts(templates, ids) if templates and self._facts is not None else None

    def _about(self, said: dict[int, Facts] | None, image_id: int) -> tuple[int, Request | Failure | None]:
        facts = None if said is None else said.get(image_id)
        if said is not None and facts is None:
            return image_id, None
        system, words = self._service.words(facts)
        if not words:
            return image_id, self._failure(image_id, "bad_request", "the prompt says nothing of this image")
        ((_, data),) = self._source([image_id])
        if isinstance(data, Exception):
            return image_id, self._failure(image_id, "unreadable", str(data))
        try:
            picture = _prepared.of(data, self._service.long_edge, self._limits)
        except Rejected as error:
            return image_id, self._failure(image_id, "rejected", error.reason)
        except Exception as error:  # noqa: BLE001 - whatever one picture does, the others go on
            return image_id, self._failure(image_id, "rejected", f"{type(error).__name__}: {error}")
        return image_id, Request(self._who[1], self._service, system, words, picture, self._schema)

    def _failure(self, image_id: int, kind: str, message: str) -> Failure:
        return Failure(image_id, *self._who, kind, message)


def digest_of(request: Request) -> bytes:
    """Return the SHA-256 of the words of a question."""
    told = json.dumps([request.system, request.prompt, request.schema], sort_keys=True)
    return hashlib.sha256(told.encode(errors="surrogatepass")).digest()

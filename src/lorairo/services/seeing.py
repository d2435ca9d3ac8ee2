"""Whether a model looks at pictures: some servers drop the picture, and their models make something up."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from lorairo.masking import masked
from lorairo.services import loop
from lorairo.services.calls import Request
from lorairo.services.endpoint import client_of, endpoint_of
from lorairo.services.pictures import prepare

if TYPE_CHECKING:
    from lorairo.services.asking import Service
    from lorairo.services.calls import Outcome
    from lorairo.services.endpoint import Endpoint

_SIDE = 64  # pixels; some models take nothing smaller than one patch of 28
_SHOWN = 60  # characters of an answer
_QUESTION = "Which colour is this picture? Answer with one word."


def unseen(provider: str, model: str, backend: str, service: Service) -> str:
    """Show a model a red square; say why it does not see it, or nothing where it does.

    Parameters
    ----------
    service
        How it is asked.

    Raises
    ------
    ModelError
        When it needs a key and there is none.
    """
    outcome = loop.call(_asked(endpoint_of(provider, backend), model, service))
    if outcome.ending != "ok":
        return outcome.message
    said = masked(" ".join(outcome.text.split()))  # a server may repeat the key that it was sent
    if "red" in said.lower():
        return ""
    shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
    return f"it was shown a red square and says {shown!r}: it looks at no pictures"


async def _asked(endpoint: Endpoint, model: str, service: Service) -> Outcome:
    buffer = io.BytesIO()
    Image.new("RGB", (_SIDE, _SIDE), "red").save(buffer, "PNG")
    client = client_of(endpoint)
    try:
        return await client.ask(Request(model, service, "", _QUESTION, prepare(buffer.getvalue(), _SIDE)))
    finally:
        await client.close()

"""OpenAI, and every server that speaks like it: chat completions, and OpenAI's own responses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from openai import AsyncOpenAI, omit

from lorairo.annotators import openai_questions as questions
from lorairo.annotators.openai_endings import of_answer, of_raised
from lorairo.errors import ModelError
from lorairo.services.adapter import Adapter
from lorairo.services.calls import CallError, Outcome, Request
from lorairo.services.exchange import headers_of, key_of, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from lorairo.services.endpoint import Endpoint

_ADDRESS = "https://api.openai.com/v1"
_NO_KEY = "none"  # the SDK wants one, servers of one's own do not


class OpenAI(Adapter[AsyncOpenAI]):
    """Asks OpenAI, or a server that speaks like it.

    Parameters
    ----------
    endpoint
        Where it is. Of the environment, ``OPENAI_ORG_ID`` and ``OPENAI_PROJECT_ID`` count for OpenAI itself,
        where the settings give it no address; ``OPENAI_BASE_URL`` and ``OPENAI_CUSTOM_HEADERS``, which may
        be meant for another program, never do.

    Raises
    ------
    ModelError
        When the settings give a server no address.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._cap: questions.Cap = "max_completion_tokens" if endpoint.own else "max_tokens"

    async def ask(self, request: Request, /) -> Outcome:
        """Ask about one picture. Whatever happens is an outcome; only cancelling raises."""
        cap, outcome = self._cap, await super().ask(request)
        if cap == "max_tokens" and _names_other_cap(outcome):
            self._cap = "max_completion_tokens"  # OpenAI stands behind this address, or a model of its kind
            outcome = await super().ask(request)
        return outcome

    async def models(self) -> list[str]:
        """Name the models of the server, but for those it says of that they do not look at pictures.

        Raises
        ------
        CallError
            When it does not answer.
        """
        with self._calling() as client:
            async with asyncio.timeout(self.endpoint.timeout):
                response = (await client.models.with_raw_response.list()).http_response
        rows = _rows(parsed(response.content))
        if rows is None:
            raise CallError(of_answer(response.content, response.headers, self.endpoint.provider))
        return [row["id"] for row in rows if _may_see(row)]

    def body(self, request: Request) -> dict[str, Any]:
        """Return a question as it is sent."""
        if request.service.api == "responses":
            return questions.responses(request)
        return questions.chat(request, self._cap)

    def failure(self, error: Exception) -> Outcome:
        """Say how a call ended that raised."""
        return of_raised(error, self.endpoint)

    async def _sent(self, client: AsyncOpenAI, request: Request) -> Outcome:
        by_responses = request.service.api == "responses"
        api: Any = client.responses if by_responses else client.chat.completions
        raw = await api.with_raw_response.create(**self.body(request))
        response: httpx2.Response = raw.http_response
        return of_answer(response.content, response.headers, self.endpoint.provider)

    def _made(self) -> AsyncOpenAI | None:
        endpoint = self.endpoint
        address = _ADDRESS if endpoint.own else endpoint.base_url
        if address is None:
            setting = f"providers.{endpoint.provider}.base_url"
            raise ModelError(f"{endpoint.provider} has no address: lr.config.set({setting!r}, ...)")
        key = _NO_KEY if endpoint.key is None else key_of(endpoint)
        if key is None:
            return None
        client = AsyncOpenAI(
            api_key=key,
            base_url=address,
            timeout=self._http.timeout,
            max_retries=0,
            http_client=self._http,
            default_headers=headers_of(key, "OPENAI_CUSTOM_HEADERS", omit),
        )
        if not endpoint.own:
            client.organization = client.project = client.admin_api_key = None
        return client


def _names_other_cap(outcome: Outcome) -> bool:
    return outcome.ending == "bad_request" and "max_completion_tokens" in outcome.message


def _rows(listed: Any) -> list[dict[str, Any]] | None:
    """Return the rows of a list of models; None where it is none. Ollama has null for no models."""
    rows = (listed["data"] or []) if isinstance(listed, dict) and "data" in listed else None
    if isinstance(rows, list) and all(
        isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows
    ):
        return rows
    return None


def _may_see(row: Mapping[str, Any]) -> bool:
    """Whether a model may look at pictures; OpenRouter and Mistral say so, most servers say nothing."""
    architecture, capabilities = row.get("architecture"), row.get("capabilities")
    taken = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    if isinstance(taken, list):
        return "image" in taken
    return not (isinstance(capabilities, dict) and capabilities.get("vision") is False)

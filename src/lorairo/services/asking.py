"""How a service is asked: what a row says of it, and what a run may set otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lorairo.captions.pieces import Facts
from lorairo.captions.render import single_line
from lorairo.services.answer import schema_of, shape_in_words
from lorairo.services.prompts import Prompt, filled, omission_of, prompt_of, templates_of

if TYPE_CHECKING:
    from lorairo.captions.template import Template

SETTABLE = ("prompt", "trigger", "omit", "max_tokens", "temperature", "effort", "detail", "long_edge")
"""What ``parameters=`` of a run may set."""

_OF_THE_BILL = ("batch", "vision", "vision_factor", "vision_most", "cache_off")  # they change no answer


class Service(BaseModel):
    """How a model of a service is asked.

    Attributes
    ----------
    prompt
        The name of a prompt or of a target it is tuned for, a text of one's own, or a `Prompt`.
    trigger
        What calls up what is learnt; prompts take it as ``{trigger}``.
    omit
        What captions leave out: ``character``, ``style``, ``concept``, or in words of one's own.
    max_tokens
        Longest answer; thoughts count too.
    temperature
        None for models that take none.
    effort
        How long a model thinks, in its own words, or for Gemini as a number of tokens, at most half of
        `max_tokens`; None for what it does by itself.
    detail
        How closely OpenAI looks: ``low``, ``high``, ``auto`` or ``original``.
    long_edge
        Longer side of the picture that is sent, pixels; a smaller picture is sent as it is.
    api
        Of OpenAI: ``chat`` or ``responses``; servers that speak like it know ``chat``.
    structured
        How the shape of the answer is fixed: by a ``schema``, by a ``tool`` that must be called, by
        ``json`` without a schema, or only in words, ``text``.
    batch
        Whether the service takes many questions at once for half the price.
    vision
        How pictures become tokens; see `lorairo.services.tokens`.
    vision_factor
        What a token of a picture counts on the bill.
    cache_off
        Whether OpenAI is told to keep nothing of a question for the next one: newer models bill what they
        keep, and no picture comes twice.
    vision_most
        Most tokens of one picture, before the factor; None where there is no such limit.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    prompt: Prompt = Field(default_factory=lambda: prompt_of("caption"))
    trigger: str = ""
    omit: str = ""
    max_tokens: int = Field(default=1024, ge=16, le=20_000)
    temperature: float | None = Field(default=None, ge=0, le=2)
    effort: str | None = None
    detail: Literal["low", "high", "auto", "original"] | None = None
    long_edge: int = Field(default=1024, ge=64, le=8000)
    api: Literal["chat", "responses"] = "chat"
    structured: Literal["schema", "tool", "json", "text"] = "schema"
    batch: bool = False
    vision: Literal["tiles", "patches", "squares28", "tiles768", "fixed", "unknown"] = "unknown"
    vision_factor: float = Field(default=1.0, gt=0)
    vision_most: int | None = Field(default=None, ge=1)
    cache_off: bool = False

    @field_validator("prompt", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return prompt_of(value) if isinstance(value, str) else value

    @field_validator("omit")
    @classmethod
    def _omitted(cls, value: str) -> str:
        return omission_of(value)

    @field_validator("trigger")
    @classmethod
    def _on_one_line(cls, value: str) -> str:
        return single_line(value)

    @property
    def templates(self) -> list[Template]:
        """What its words ask of an image."""
        return templates_of(self.prompt.system, self.prompt.text, self.omit)

    def words(self, facts: Facts | None = None) -> tuple[str, str]:
        """Return what is said before the picture, and of it; the latter is empty where nothing is.

        Parameters
        ----------
        facts
            Of the image, as `templates` ask for them.
        """
        known = replace(facts or Facts(), trigger=self.trigger)
        said = filled(self.prompt.text, known)
        parts = [said, filled(self.omit, known)]
        if schema_of(self.prompt, "text") is not None or self.structured == "json":
            parts.append(shape_in_words(self.prompt))  # also beside a schema: some servers look at none
        return filled(self.prompt.system, known), "\n".join(filter(None, parts)) if said else ""

    def told(self) -> dict[str, Any]:
        """Return what changes the answers; stored with them. Where it differs, all is asked anew."""
        left_out: dict[str, Any] = dict.fromkeys(_OF_THE_BILL, True)
        left_out["prompt"] = {"targets"}  # by which it is found, and no word of the question
        return self.model_dump(mode="json", exclude=left_out, exclude_none=True)

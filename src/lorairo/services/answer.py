"""What a service is to answer, as a JSON schema, and what it did answer, read with some patience.

Nothing is invented: what was asked for and does not stand in the answer makes it unreadable.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from lorairo.captions.spoken import plain, refuses, sees_nothing, unfenced, unwrapped
from lorairo.errors import Error
from lorairo.masking import masked_values
from lorairo.tags import LONGEST_NAME, RATINGS, canonical, rating_name, split_tag_text

if TYPE_CHECKING:
    from lorairo.services.calls import Ending
    from lorairo.services.prompts import Prompt

_SHOWN = 60  # characters of an answer in a message
_PLACES = 32  # where an object may begin
_CUT = "unterminated string"
_THINKING, _THOUGHT = "<think>", "</think>"
_TRAILING = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
_BEGUN = re.compile(r'(?:```\w*\s*)?\{\s*"')
_SENTENCES = re.compile(r"[a-z]{3}(?:[!?]\s|\.\s+[A-Z])|^(?:[^\s,]+ ){8}[^\s,]")
_NUMBER = re.compile(
    r"\s*([-+]?\d{1,12}(?:[.,]\d{1,12})?)\s*(?:(?:/|out of)\s*10(?:\.0)?)?\s*", re.IGNORECASE
)
_MOST = 1e9
_ENDS = (".", "!", "?", "…", "。", "！", "？")  # noqa: RUF001 - how sentences end elsewhere
_WORDS = {"sfw": "general", "suggestive": "sensitive"}


class Unreadable(Error):  # noqa: N818 - what the answer is
    """An answer that is none.

    Attributes
    ----------
    ending
        Which of `lorairo.services.calls.Ending`: refusal, unparseable, schema_invalid or empty.
    """

    def __init__(self, ending: Ending, message: str) -> None:
        super().__init__(message)
        self.ending: Ending = ending


@dataclass(frozen=True)
class Answer:
    """What a service said of one picture.

    Attributes
    ----------
    captions
        By variant.
    tags
        Tag to score, as written, in the order given; 1.0 where the model gave none. None where none were
        asked for.
    rating
        One of `lorairo.tags.RATINGS`.
    score
        As the model gave it.
    """

    captions: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, float] | None = None
    rating: str | None = None
    score: float | None = None


def free(prompt: Prompt) -> bool:
    """Whether all that is asked for is one caption."""
    return len(prompt.captions) == 1 and not (prompt.tags or prompt.rating or prompt.score)


def schema_of(prompt: Prompt, structured: str = "schema") -> dict[str, Any] | None:
    """Return the JSON schema of what a prompt asks for, in plain JSON schema; adapters write it their way.

    Parameters
    ----------
    structured
        As of `lorairo.services.asking.Service`.

    Returns
    -------
    dict or None
        None where an answer in free words will do: one caption that nothing fixes the shape of, or one
        that is a document itself.
    """
    if prompt.document or (structured == "text" and free(prompt)):
        return None
    asked: dict[str, Any] = {}
    if len(prompt.captions) == 1:
        asked["caption"] = {"type": "string"}
    elif prompt.captions:
        asked["captions"] = _object({variant: {"type": "string"} for variant in prompt.captions})
    if prompt.tags:
        asked["tags"] = {"type": "array", "items": {"type": "string"}}
    if prompt.rating:
        asked["rating"] = {"anyOf": [{"type": "string", "enum": list(RATINGS)}, {"type": "null"}]}
    if prompt.score:
        asked["score"] = {"anyOf": [{"type": "number"}, {"type": "null"}]}
    return _object(asked)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def shape_in_words(prompt: Prompt) -> str:
    """Say what the object of an answer looks like, for services that no schema binds."""
    parts = []
    if len(prompt.captions) == 1:
        parts.append('"caption": "..."')
    elif prompt.captions:
        inner = ", ".join(f"{json.dumps(variant)}: " + '"..."' for variant in prompt.captions)
        parts.append(f'"captions": {{{inner}}}')
    if prompt.tags:
        parts.append('"tags": ["...", "..."]')
    if prompt.rating:
        parts.append(f'"rating": one of {", ".join(json.dumps(rating) for rating in RATINGS)}, or null')
    if prompt.score:
        parts.append('"score": a number, or null')
    return f"Answer with one JSON object and nothing else: {{{', '.join(parts)}}}"


def parse(text: str, prompt: Prompt) -> Answer:
    """Read an answer.

    Parameters
    ----------
    text
        As it came.
    prompt
        What was asked.

    Raises
    ------
    Unreadable
        When it is empty, a refusal in words, no object where one was asked for, or lacks something.
    """
    said = _spoken(storable(masked_values(text))).strip()  # a server may repeat the key that it was sent
    _check(unfenced(said))
    found, written = _outermost(said)
    if prompt.document:
        return _document(said, found, written, prompt)
    if found is None or (free(prompt) and not _BEGUN.match(said) and not _speaks_of_captions(found, prompt)):
        found = _alone(said, prompt)
    return _read(found, prompt)


def _check(text: str) -> None:
    """Raise where a text says nothing, or instead of an answer, that there is none."""
    if not text:
        raise Unreadable("empty", "the answer is empty")
    if sees_nothing(text):
        raise Unreadable("empty", f"the model says that it sees no picture: {_start(text)}")
    if refuses(text):
        raise Unreadable("refusal", f"the model declines in words: {_start(text)}")


def storable(text: str) -> str:
    """Return a text that every database takes: without NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _spoken(text: str) -> str:
    """Return an answer without what was thought aloud before it; nothing where the thoughts were cut."""
    before, mark, after = text.rpartition(_THOUGHT)
    if mark or not after.lstrip().startswith(_THINKING):
        return after
    return before


def _start(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _SHOWN else line[:_SHOWN] + "…")


def _outermost(text: str) -> tuple[dict[str, Any] | None, str]:
    """Return the outermost object of a text, and how it is written; None where it is cut, too."""
    for attempt in (text, _TRAILING.sub(lambda found: found[1] or "", text)):
        place = attempt.find("{")
        for _ in range(_PLACES):
            if place < 0:
                break
            try:
                found, end = _DECODER.raw_decode(attempt, place)
            except json.JSONDecodeError as error:
                if error.msg.lower().startswith(_CUT) or error.pos >= len(attempt):
                    break
            except (ValueError, RecursionError):
                break
            else:
                return cast("dict[str, Any]", found), attempt[place:end]
            place = attempt.find("{", place + 1)
    return None, ""


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


_DECODER = json.JSONDecoder(strict=False, parse_constant=_no_number)


def _alone(text: str, prompt: Prompt) -> dict[str, Any]:
    """Return a text without an object as the one thing that was asked for."""
    asked = [name for name in ("tags", "rating", "score") if getattr(prompt, name)]
    if len(asked) + len(prompt.captions) != 1 or _BEGUN.match(text):
        raise Unreadable("unparseable", f"the answer is no JSON object: {_start(text)}")
    found = _bare(unfenced(text))
    if asked == ["tags"] and isinstance(found, str):
        found = unwrapped(found)
        if _SENTENCES.search(found):
            raise Unreadable("schema_invalid", f"the answer has sentences, not tags: {_start(found)}")
    if not found:
        raise Unreadable("empty", "the answer is empty")
    return {asked[0] if asked else "caption": found}


def _bare(text: str) -> Any:
    """Return what a text holds that is a JSON list or string, None for null; else the text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if found is None or isinstance(found, list | str) else text


def _document(text: str, found: dict[str, Any] | None, written: str, prompt: Prompt) -> Answer:
    """Keep a caption that is JSON as it is, without what stands around it."""
    if found is None:
        raise Unreadable("unparseable", f"the caption is no JSON object: {_start(text)}")
    if not found:
        raise Unreadable("empty", "the answer is an empty object")
    return Answer({prompt.captions[0]: written})


def _speaks_of_captions(found: Mapping[str, Any], prompt: Prompt) -> bool:
    return bool({"caption", "captions", prompt.captions[0].lower()} & {name.lower() for name in found})


def _read(found: Mapping[str, Any], prompt: Prompt) -> Answer:
    said = {name.lower(): value for name, value in found.items()}
    asked = {
        name: said[name] for name in ("tags", "rating", "score") if getattr(prompt, name) and name in said
    }
    captions = _by_variant(said, prompt)
    try:
        shape = _Shape.model_validate({**asked, "captions": captions})
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        message = problem["msg"].removeprefix("Value error, ")
        raise Unreadable("schema_invalid", f"the answer does not fit: {message}") from None
    for caption in shape.captions.values():
        _check(caption)
    if not (shape.captions or shape.tags or shape.rating or shape.score is not None):
        if asked or captions:
            raise Unreadable("empty", "the answer says nothing of what was asked for")
        raise Unreadable("schema_invalid", f"the answer holds {_names(said)} and nothing that was asked for")
    lacking = [f"the caption {variant!r}" for variant in prompt.captions if variant not in shape.captions]
    lacking += ["tags"] if prompt.tags and shape.tags is None else []
    if lacking:
        raise Unreadable("schema_invalid", f"the answer lacks {' and '.join(lacking)}")
    return Answer(shape.captions, shape.tags, shape.rating, shape.score)


def _names(said: Mapping[str, Any]) -> str:
    return _start(", ".join(said)) if said else "nothing"


def _by_variant(said: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
    """Find captions wherever models put them: in ``captions``, under their variant, as ``caption``."""
    held = said.get("captions")
    if not isinstance(held, Mapping):
        held = {} if held is None else {"caption": held}
    others = {
        name
        for name in ("captions", "tags", "rating", "score")
        if name == "captions" or getattr(prompt, name)
    }
    places = {name: value for name, value in said.items() if name not in others}
    places.update({name.lower(): value for name, value in held.items()})
    found = {variant: places.get(variant.lower()) for variant in prompt.captions}
    if len(found) == 1 and None in found.values():
        found = dict.fromkeys(prompt.captions, places.get("caption"))
    return {variant: caption for variant, caption in found.items() if caption is not None}


def _captions(value: Mapping[str, Any]) -> dict[str, str]:
    said = {variant: plain(storable(_joined(caption))) for variant, caption in value.items()}
    return {variant: text for variant, text in said.items() if any(map(str.isalnum, text))}


def _joined(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        parts = [part.strip() for part in value if part.strip()]
        return (" " if any(part.endswith(_ENDS) for part in parts) else ", ").join(parts)
    raise ValueError(f"a caption is a text, not {type(value).__name__}")


def _tags(value: Any) -> dict[str, float] | None:
    found: dict[str, float] = {}
    for name, score in _named(value):
        for part in split_tag_text(storable(name)):
            tag = part.strip(" \"'#").rstrip(".")
            canon = canonical(tag)
            if len(canon) > LONGEST_NAME:
                raise ValueError(f"a text of {len(tag):,} characters is no tag")
            if canon:
                found[tag] = max(score, found.get(tag, 0.0))
    return found


def _named(value: Any) -> list[tuple[str, float]]:
    """Return tags with scores from a text, a list of texts or pairs, an object of scores or lists."""
    if isinstance(value, str):
        return [(unfenced(value), 1.0)]
    if isinstance(value, list):
        return [
            pair for part in value for pair in ([(part, 1.0)] if isinstance(part, str) else [_pair(part)])
        ]
    if not isinstance(value, Mapping):
        raise ValueError(f"tags are a list of texts, not {type(value).__name__}")  # noqa: TRY004 - pydantic
    parts = list(value.values())
    if any(isinstance(part, list) for part in parts) and all(isinstance(part, list | str) for part in parts):
        return [pair for part in parts for pair in _named(part)]  # by category
    return [(name, _certainty(score)) for name, score in value.items()]


def _pair(value: Any) -> tuple[str, float]:
    if isinstance(value, Mapping):
        said = {str(name).lower(): part for name, part in value.items()}
        name = said.get("tag", said.get("name"))
        if isinstance(name, str):
            return name, _certainty(said.get("score", said.get("confidence")))
    raise ValueError(f"a tag is a text, not {type(value).__name__}")


def _certainty(value: Any) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("the score of a tag lies between 0 and 1")
    return float(value)


def _rating(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"a rating is a word, not {type(value).__name__}")  # noqa: TRY004 - pydantic
    word = unfenced(value).strip(" .\"'*").lower()
    rating = _WORDS.get(word) or (rating_name(word) if len(word) > 1 else None)
    if rating is None:
        raise ValueError(f"{word[:_SHOWN]!r} is no rating: there are {', '.join(RATINGS)}")
    return rating


def _score(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        written = _NUMBER.fullmatch(unfenced(value).strip(" .\"'*"))
        if written is None:
            raise ValueError(f"{value[:_SHOWN]!r} is no number")
        return float(written[1].replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a score is a number, not {type(value).__name__}")  # noqa: TRY004 - pydantic
    if not abs(value) < _MOST or not math.isfinite(value):
        raise ValueError("a number as large is no score")
    return float(value)


class _Shape(BaseModel):
    """What an answer holds once it is read."""

    model_config = ConfigDict(extra="forbid")

    captions: Annotated[dict[str, str], BeforeValidator(_captions)] = {}
    tags: Annotated[dict[str, float] | None, BeforeValidator(_tags)] = None
    rating: Annotated[str | None, BeforeValidator(_rating)] = None
    score: Annotated[float | None, BeforeValidator(_score)] = None

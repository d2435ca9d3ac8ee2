"""Templates: what is empty vanishes with its separator, nothing is said twice, mistakes say where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.captions.pieces import Facts
from lorairo.captions.template import Template
from lorairo.errors import ArgumentError, TemplateError

DOG = Facts(
    trigger="sks dog",
    captions={"default": "a red\n hat", "long": "A photo of sks dog in a hat."},
    tags=[("saber_(fate)", 4), ("long_hair", 0), ("hat", 0), ("sks_dog", 0), ("highres", 5)],
    rating="general",
    scores={"aesthetic": 0.7, "stars": 4.0},
)
BARE = Facts()


def mistake_in(text: str) -> TemplateError | None:
    """Return what is wrong with a template."""
    try:
        Template(text)
    except TemplateError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{trigger}, {caption}", "sks dog, a red hat"),
        (
            "{trigger}, {caption}, {tags:general} {score:aesthetic>0.6?masterpiece}",
            "sks dog, a red hat, long hair, hat masterpiece",
        ),
        ("{tags}", "saber (fate), long hair, hat, sks dog"),
        ("{tags:all}", "saber (fate), long hair, hat, sks dog, highres"),
        ("{tags:general limit 1}; {tags limit 1}", "long hair; saber (fate)"),
        ("{tags:character, meta}", "saber (fate), highres"),
        ("{tags:character}, {caption}, {tags}", "saber (fate), a red hat, long hair, hat, sks dog"),
        ("{score:aesthetic>=0.8?a|>=0.6?best quality, b|c}", "best quality, b"),
        ("{score:aesthetic>=0.8?a|c}", "c"),
        ("{score:aesthetic < 0.5 ? low}, {rating}", "general"),
        ("{score:stars=4?four stars}", "four stars"),
        ("{{{rating}}}", "{general}"),
        ("plain words.", "plain words."),
        ("{rating}\n{tags:character}", "general\nsaber (fate)"),
    ],
)
def test_pieces(template: str, line: str):
    assert Template(template).render(DOG) == line


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{trigger}, {caption:short}, {rating}", "sks dog, general"),
        ("{caption:short}, {rating}", "general"),
        ("{caption}. {caption:short}; {rating}", "a red hat. general"),
        ("{caption}. {caption:short}", "a red hat"),
        ("{caption:short}.", ""),
        ("{caption}.", "a red hat."),
        ("- {caption:short}, {rating}", "- general"),
        ("photo of {trigger}, {caption:short} outdoors", "photo of sks dog, outdoors"),
        ("{score:sharpness>1?sharp|soft}, {rating}", "general"),
    ],
)
def test_what_is_empty_vanishes_with_its_separator(template: str, line: str):
    assert Template(template).render(DOG) == line


def test_the_trigger_is_said_once():
    assert Template("{trigger}, {caption:long}").render(DOG) == "A photo of sks dog in a hat."
    assert Template("{trigger}, {tags}").render(DOG) == "sks dog, saber (fate), long hair, hat"


def test_nothing_to_say_is_empty():
    assert Template("photo of {trigger}, {caption}. {tags}").render(BARE) == ""


def test_tags_are_written_for_the_target():
    assert Template("{tags:character}", target="prompt").render(DOG) == r"saber \(fate\)"
    with pytest.raises(ArgumentError, match="underscores"):
        Template("{tags}", target="else")  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(ArgumentError, match="a template is a text"):
        Template(None)  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize(
    ("template", "message", "place"),
    [
        ("{trigger}, {trigerr}", r"did you mean 'trigger'.*\(character 12\)", (11, 9)),
        ("a {b", "not closed", (2, 2)),
        ("a } b", "was not opened", (2, 1)),
        ("{tags:generl}", "did you mean general", (6, 6)),
        ("{tags:general limit x}", "a number of tags, not 'x'", (6, 15)),
        ("{tags limit 0}", "a number of tags, not '0'", (6, 7)),
        ("{score:aesthetic}", "needs a comparison", (7, 9)),
        ("{score:a>0.3?x|y|z}", "got 'y'", (7, 11)),
        ("{rating:x}", "takes nothing more", (8, 1)),
        ("{}", "there is no piece ''", (0, 2)),
    ],
)
def test_a_mistake_says_where(template: str, message: str, place: tuple[int, int]):
    with pytest.raises(TemplateError, match=message) as caught:
        Template(template)
    assert (caught.value.position, caught.value.length) == place


@given(text=st.text(st.sampled_from("{}:|?>. ,atgslimi1"), max_size=30))
def test_any_text_is_a_template_or_a_mistake_in_its_place(text: str):
    mistake = mistake_in(text)
    if mistake is None:
        assert Template(text).render(BARE) == Template(text).render(BARE).strip()
    else:
        assert 0 <= mistake.position < len(text)
        assert mistake.position + mistake.length <= len(text) + 1


@given(text=st.text(max_size=30))
def test_escaped_text_is_itself(text: str):
    written = text.replace("{", "{{").replace("}", "}}")
    assert Template(written).render(DOG) == text.strip()

"""Reading what services answer: with patience, and never more than was said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.services.answer import Answer, Unreadable, parse, schema_of, shape_in_words
from lorairo.services.prompts import Prompt
from lorairo.tags import RATINGS

CAPTION = Prompt(name="one", text="Describe it.")
ALL = Prompt(
    name="all", text="Describe it.", captions=("short", "long"), tags=True, rating=True, score="appeal"
)
TAGS = Prompt(name="tags", text="Name tags.", captions=(), tags=True)
RATING = Prompt(name="rating", text="Rate it.", captions=(), rating=True)
SCORE = Prompt(name="score", text="Rate it.", captions=(), score="appeal")
DOCUMENT = Prompt(name="json", text="Describe it as JSON.", captions=("json",), document=True)
EVERY = (CAPTION, ALL, TAGS, RATING, SCORE, DOCUMENT)

GOOD: dict[str, Any] = {
    "captions": {"short": "A dog.", "long": "A dog on grass."},
    "tags": ["dog", "grass"],
    "rating": "general",
    "score": 7,
}


def said(**changed: Any) -> str:
    return json.dumps({**GOOD, **changed})


def test_everything_that_was_asked_for_is_read():
    answer = parse(said(), ALL)
    assert answer.captions == {"short": "A dog.", "long": "A dog on grass."}
    assert answer.tags == {"dog": 1.0, "grass": 1.0}
    assert (answer.rating, answer.score) == ("general", 7.0)


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```json\n{}\n```",
        "```\n{}```",
        "Here you are:\n{}\nLet me know if you need more.",
        "<think>{not json} hm</think>\n{}",
        "hm, a dog</think>{}",
        "[{}]",
        "Sure {of it}: {}",
    ],
)
def test_the_object_is_found_wherever_it_stands(around: str):
    assert parse(around.replace("{}", said()), ALL) == parse(said(), ALL)


def test_a_comma_too_many_is_forgiven():
    assert parse('{"caption": "A dog, really,", }', CAPTION).captions == {"default": "A dog, really,"}


@pytest.mark.parametrize(
    ("tags", "read"),
    [
        ("dog, Red Hat ,, grass.", {"dog": 1.0, "Red Hat": 1.0, "grass": 1.0}),
        (["dog", "dog", "red hat, grass"], {"dog": 1.0, "red hat": 1.0, "grass": 1.0}),
        ({"dog": 0.5, "grass": None}, {"dog": 0.5, "grass": 1.0}),
        ({"general": ["dog"], "character": "rex"}, {"dog": 1.0, "rex": 1.0}),
        ([{"tag": "dog", "score": 0.25}, {"Name": "grass"}], {"dog": 0.25, "grass": 1.0}),
        (["#dog"], {"dog": 1.0}),
        ([], {}),
    ],
)
def test_tags_are_read_in_every_usual_form(tags: Any, read: dict[str, float]):
    assert parse(said(tags=tags), ALL).tags == read


@pytest.mark.parametrize(
    "tags", [7, True, [7], [["dog"]], {"dog": 1.5}, {"dog": "much"}, ["word " * 80], [{"x": 1}]]
)
def test_tags_in_another_form_are_not_guessed(tags: Any):
    with pytest.raises(Unreadable) as told:
        parse(said(tags=tags), ALL)
    assert told.value.ending == "schema_invalid"


@pytest.mark.parametrize(
    ("rating", "read"),
    [
        ("Explicit", "explicit"),
        ("rating:questionable", "questionable"),
        (" safe. ", "general"),
        ("SFW", "general"),
        ("suggestive", "sensitive"),
        (None, None),
    ],
)
def test_a_rating_in_other_words_is_understood(rating: Any, read: str | None):
    assert parse(said(rating=rating), ALL).rating == read


@pytest.mark.parametrize("rating", ["s", "nsfw", "fine", 3, ["general"], ""])
def test_a_rating_that_says_nothing_for_sure_is_none(rating: Any):
    with pytest.raises(Unreadable, match="rating"):
        parse(said(rating=rating), ALL)


@pytest.mark.parametrize(
    ("score", "read"),
    [("7.5", 7.5), ("8/10", 8.0), ("6 out of 10", 6.0), ("7,5", 7.5), (3, 3.0), (None, None)],
)
def test_a_score_as_text_is_a_number(score: Any, read: float | None):
    assert parse(said(score=score), ALL).score == read


@pytest.mark.parametrize("score", ["high", "70/100", True, [7], 1e300, 10**400])
def test_a_score_that_is_no_number_is_none(score: Any):
    with pytest.raises(Unreadable) as told:
        parse(said(score=score), ALL)
    assert told.value.ending == "schema_invalid"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_no_number_is_no_score(word: str):
    with pytest.raises(Unreadable) as told:
        parse(f'{{"score": {word}}}', SCORE)
    assert told.value.ending == "unparseable"


def test_a_caption_in_parts_is_joined():
    parts = {"short": ["A dog.", "It runs."], "long": ["dog", "grass"]}
    assert parse(said(captions=parts), ALL).captions == {"short": "A dog. It runs.", "long": "dog, grass"}


@pytest.mark.parametrize(
    "text",
    [
        '{"caption": "A dog."}',
        '{"Caption": "A dog."}',
        '{"captions": {"default": "A dog."}}',
        '{"captions": {"caption": "A dog."}}',
        '{"captions": ["A dog."]}',
        '{"default": "A dog."}',
        "A dog.",
        '"A dog."',
        "“A dog.”",
        "Here is the caption:\n\nA dog.",
        "Here's a short description of the picture: A dog.",
        "Sure! Here is a caption for training: **A dog.**",
        "**Caption:** A dog.",
        "### Caption: A dog.",
        "```\nA dog.\n```",
        "- A dog.",
        "A dog.\n\nLet me know if you want it longer!",
        "<think>A cat? No.</think>A dog.",
    ],
)
def test_one_caption_may_be_said_in_any_way(text: str):
    assert parse(text, CAPTION).captions == {"default": "A dog."}


@pytest.mark.parametrize(
    "text",
    [
        '"OPEN" stands over the door, "CLOSED" below it and "SHOP"',
        "A caption: letters that say so",
        "A woman holds a sign that says: here is the end.",
        "A dog {running} on 2 * 3 * 4 tiles",
        "Sure-footed goats on a rock.",
        "Certainly drawn by a child: a house, a tree.",
        "A cat with a >_< face and a @__@ mask, snake_case_here",
    ],
)
def test_what_belongs_to_a_caption_stays(text: str):
    assert parse(text, CAPTION).captions == {"default": text}


def test_words_that_stand_beside_keys_elsewhere_stay():
    text = "A book titled The Secret: Garden of Doom, and a note that says password: swordfish"
    assert parse(text, CAPTION).captions == {"default": text}
    assert parse(json.dumps({"caption": text}), CAPTION).captions == {"default": text}


def test_a_loop_is_cut_and_lines_become_one():
    assert parse("A dog.\nIt is red. It is red. It is red.", CAPTION).captions == {
        "default": "A dog. It is red."
    }


@pytest.mark.parametrize("text", ["", " \n", "\0", "```\n```", '""', '{"caption": ""}', '{"caption": "..."}'])
def test_an_answer_that_says_nothing_is_empty(text: str):
    with pytest.raises(Unreadable) as told:
        parse(text, CAPTION)
    assert told.value.ending == "empty"


@pytest.mark.parametrize(
    ("text", "prompt", "ending"),
    [
        ('{"caption": "A dog', CAPTION, "unparseable"),
        ('```json\n{"caption": "A dog', CAPTION, "unparseable"),
        (said()[:-1], ALL, "unparseable"),
        (said()[:40], ALL, "unparseable"),
        ("A dog.", ALL, "unparseable"),
        ('{"description": "A dog."}', CAPTION, "schema_invalid"),
        ('{"caption": {"text": "A dog."}}', CAPTION, "schema_invalid"),
        ('{"caption": 7}', CAPTION, "schema_invalid"),
        (json.dumps({**GOOD, "captions": {"short": "A dog."}}), ALL, "schema_invalid"),
        (json.dumps({k: v for k, v in GOOD.items() if k != "tags"}), ALL, "schema_invalid"),
        ("{}", ALL, "schema_invalid"),
        ('{"tags": []}', TAGS, "empty"),
        ('{"tags": ", ,"}', TAGS, "empty"),
        ('{"rating": null}', RATING, "empty"),
        ("<think>still thinking about it", CAPTION, "empty"),
        ("[" * 100_000, ALL, "unparseable"),
        ('{"a":' * 100_000, ALL, "unparseable"),
        ("A dog.", DOCUMENT, "unparseable"),
        ("{}", DOCUMENT, "empty"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, prompt: Prompt, ending: str):
    with pytest.raises(Unreadable) as told:
        parse(text, prompt)
    assert told.value.ending == ending
    assert str(told.value)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I\u2019m sorry, I can\u2019t help with identifying people in images.",
        "I cannot describe this image.",
        "Sorry, I am unable to process this picture.",
        "Unfortunately, I can't provide a caption for it.",
        '{"caption": "I\'m sorry, I can\'t help with that."}',
        "I apologize, but I won't generate content of this kind.",
    ],
)
def test_a_refusal_in_words_is_a_refusal(text: str):
    with pytest.raises(Unreadable) as told:
        parse(text, CAPTION)
    assert told.value.ending == "refusal"


@pytest.mark.parametrize(
    "text",
    [
        "A card that says: I'm sorry, I can't help.",
        "I cannot identify the person, but the picture shows a woman in a red hat on a beach.",
        "A man says sorry to a woman.",
        "The image is not cropped: a dog on a lawn.",
        "No files, no furniture: an empty office.",
        "No image here is sharper than this one: a dog on a lawn.",
        "The picture isn't included in a frame: a bare canvas.",
    ],
)
def test_a_caption_is_no_refusal(text: str):
    assert parse(text, CAPTION).captions == {"default": text}


@pytest.mark.parametrize(
    "text",
    [
        "I don't see any image attached.",
        "I'm unable to view images directly. Could you describe it?",
        "It looks like you haven't attached a picture. Please upload one.",
        "No image was provided.",
        "As an AI language model, I cannot view images.",
        "I'm sorry, but I cannot see the image.",
        "Please provide the image you would like described.",
        '{"caption": "I do not see an image here."}',
    ],
)
def test_a_model_that_sees_no_picture_neither_answers_nor_refuses(text: str):
    with pytest.raises(Unreadable) as told:
        parse(text, CAPTION)
    assert (told.value.ending, "sees no picture" in str(told.value)) == ("empty", True)


@pytest.mark.parametrize(
    "text",
    [
        "Sure! Here are the tags: dog, red hat",
        "Here are the tags:\ndog, red hat",
        "Tags: dog, red hat",
        "- dog\n- red hat",
        '["dog", "red hat"]',
        '```json\n["dog", "red hat"]\n```',
    ],
)
def test_tags_alone_are_read_without_what_stands_around_them(text: str):
    assert parse(text, TAGS).tags == {"dog": 1.0, "red hat": 1.0}


@pytest.mark.parametrize(
    "text",
    [
        "A woman stands on a beach. The sky is blue.",
        "Sure! here is",
        "The picture shows a woman in a red hat who walks, with a dog",
    ],
)
def test_sentences_are_no_tags(text: str):
    with pytest.raises(Unreadable, match="sentences, not tags") as told:
        parse(text, TAGS)
    assert told.value.ending == "schema_invalid"


def test_one_thing_alone_needs_no_object():
    assert parse("dog, red hat", TAGS).tags == {"dog": 1.0, "red hat": 1.0}
    assert parse("Explicit.", RATING).rating == "explicit"
    assert parse("7.5/10", SCORE).score == 7.5


def test_a_caption_that_is_a_document_stays_as_it_is_written():
    written = '{"subject": "a dog",\n  "background": "gr\\u00fcn"}'
    assert parse(f"```json\n{written}\n```", DOCUMENT).captions == {"json": written}


def test_halves_of_characters_become_storable():
    answer = parse('{"caption": "A dog \\ud83d.", "tags": ["do\\u0000g"]}', CAPTION)
    answer.captions["default"].encode()


def test_the_schema_names_all_that_is_asked_for_and_nothing_else():
    schema = schema_of(ALL)
    assert schema is not None
    assert schema["required"] == ["captions", "tags", "rating", "score"]
    assert schema["properties"]["captions"]["required"] == ["short", "long"]
    assert schema["properties"]["rating"]["anyOf"][0]["enum"] == list(RATINGS)
    assert schema_of(CAPTION) is not None
    assert schema_of(CAPTION, "text") is None
    assert schema_of(ALL, "text") == schema
    assert schema_of(DOCUMENT) is None
    assert all(name in shape_in_words(ALL) for name in ("JSON", "short", "long", "tags", "rating", "score"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["caption", "captions", "tags", "rating", "score", "default", "short", "Tags", "x"])
OBJECTS = st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=5)
WRITTEN = OBJECTS.map(json.dumps)
CUT = st.tuples(WRITTEN, st.integers(0, 60)).map(lambda both: both[0][: both[1]])


def told_something(answer: Answer, prompt: Prompt) -> bool:
    return (
        set(answer.captions) == set(prompt.captions)
        and all(text.strip() for text in answer.captions.values())
        and (answer.tags is not None) == prompt.tags
        and bool(answer.captions or answer.tags or answer.rating or answer.score is not None)
    )


@given(st.text(max_size=200) | WRITTEN | CUT | WRITTEN.map("```json\n{}\n```".format), st.sampled_from(EVERY))
def test_whatever_comes_is_an_answer_or_unreadable(text: str, prompt: Prompt):
    try:
        answer, ending = parse(text, prompt), None
    except Unreadable as error:
        answer, ending = None, error.ending
        str(error).encode()
    if answer is None:
        assert ending in {"refusal", "unparseable", "schema_invalid", "empty"}
        return
    assert told_something(answer, prompt)
    assert all(0 <= score <= 1 for score in (answer.tags or {}).values())
    assert answer.rating is None or answer.rating in RATINGS
    "".join([*answer.captions.values(), *(answer.tags or {})]).encode()


@given(
    st.dictionaries(st.sampled_from(["short", "long"]), st.text(alphabet="abc de.", min_size=1), min_size=2)
)
def test_every_word_of_a_caption_was_said(captions: dict[str, str]):
    try:
        answer = parse(said(captions=captions), ALL)
    except Unreadable:
        return
    for variant, caption in answer.captions.items():
        assert set(caption.split()) <= set(captions[variant].split())

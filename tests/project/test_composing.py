"""Captions from templates, what a preview shows, where captions come from, what datasets say of them."""

from __future__ import annotations

import pandas as pd
import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, TemplateError
from lorairo.plaintext import marked


def test_a_template_is_written_as_one_step(project: lr.Project):
    view = project.view("dog")
    view.set_caption("a brown dog")
    view.score({"aesthetic": lambda _picture: 0.9}, background=False)
    template = lr.Template("{trigger}, {caption}, {tags:general} {score:aesthetic>0.6?masterpiece}")
    preview = view.compose_captions(template, variant="long", trigger="sks")
    assert preview.frame["after"].tolist() == ["sks, a brown dog, dog, outdoors masterpiece"] * len(view)
    assert preview.frame["before"].tolist() == [""] * len(view)
    assert view.captions("long").empty
    done = preview.apply()
    assert done.count == len(view)
    assert view.captions().tolist() == ["a brown dog"] * len(view)
    project.undo()
    assert view.captions("long").empty


def test_images_about_which_a_template_says_nothing_are_left_alone(project: lr.Project):
    project.view("-dog").set_caption("kept")
    preview = project.view().compose_captions("{tags}")
    assert len(preview) == 3
    assert repr(preview).startswith("3 captions would change; 9 images have nothing to say")
    preview.apply()
    assert project.view("-dog").captions().tolist() == ["kept"] * 9


def test_variant_and_trigger_come_from_the_dataset(project: lr.Project):
    project.set_dataset("train", profile="flux", variant="long", trigger="sks dog")
    preview = project.view("dog").compose_captions("{trigger}, {tags}")
    assert preview.variant == "long"
    assert preview.frame["after"].tolist() == ["sks dog, dog, outdoors"] * 3
    assert preview.counting.encoder.name == "T5"
    project.set_dataset("other", trigger="zwx")
    view = project.view("dog")
    assert view.compose_captions("{trigger}, {tags}").frame["after"].tolist() == ["dog, outdoors"] * 3
    named = view.compose_captions("{trigger}, {tags}", dataset="other")
    assert named.frame["after"].tolist() == ["zwx, dog, outdoors"] * 3
    view.add_to("other")
    searched = project.view("dataset:other").compose_captions("{trigger}, {tags}")
    assert searched.frame["after"].tolist() == ["zwx, dog, outdoors"] * 3


def test_what_does_not_fit_is_named(project: lr.Project):
    with pytest.raises(ArgumentError, match="a score 'beauty'"):
        project.view().compose_captions("{score:beauty>1?yes}")
    with pytest.raises(TemplateError, match="did you mean 'tags'"):
        project.view().compose_captions("{tag}")


def test_a_preview_counts_tokens_and_says_what_is_too_long(project: lr.Project):
    view = project.view().head(2)
    view.set_caption("a red hat")
    preview = view.edit_captions("red", "red " * 90)
    assert preview.tokens.min() > 75
    assert "2 longer than CLIP reads" in repr(preview)
    assert " / 75" in repr(preview)


def test_a_preview_marks_the_words_that_differ(project: lr.Project):
    assert marked("a red hat", "a blue hat") == (
        "<bdi>a <del>red</del> hat</bdi>",
        "<bdi>a <ins>blue</ins> hat</bdi>",
    )
    assert marked("a", "a <b>")[1] == "<bdi>a<ins> &lt;b&gt;</ins></bdi>"
    assert marked("", "<b>") == ("<bdi></bdi>", "<bdi>&lt;b&gt;</bdi>")
    view = project.view().head(1)
    view.set_caption("a <i>red</i> hat")
    html = view.edit_captions("red", "<u>")._repr_html_()
    assert "<ins>" in html
    assert "<u>" not in html
    assert "<i>" not in html


def test_a_caption_tells_who_wrote_it(project: lr.Project):
    first = int(project.view().ids[0])
    project.view()[[first]].set_caption("by hand", variant="short")
    frame = project.view(everything=True)[[first]].caption_frame
    expected = pd.DataFrame(
        [(first, "short", "by hand", "hand", None, True)],
        columns=["image_id", "variant", "text", "source", "model", "in_force"],
    )
    pd.testing.assert_frame_equal(frame, expected)
    assert list(project.view("dog").head(0).caption_frame) == list(frame)


def test_a_dataset_names_a_target_that_exists(project: lr.Project):
    with pytest.raises(ArgumentError, match="did you mean 'sdxl'"):
        project.set_dataset("train", profile="sdx1")
    assert project.datasets.empty
    project.set_dataset("train", profile="sdxl", trigger="sks")
    assert repr(project.dataset("train")) == (
        "<Dataset train · 0 images · for sdxl · caption default · trigger sks>"
    )


def test_long_captions_are_found_without_a_tokenizer(project: lr.Project):
    view = project.view().head(2)
    view.set_caption("a hat and a coat, " * 30)
    assert project.view("tokens:>75").ids.tolist() == view.ids.tolist()
    assert len(project.view("tokens:<=75")) == 10

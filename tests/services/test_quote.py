"""What a quote says: which images would be sent, what that takes, and what leaves the machine."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import update

import lorairo as lr
from lorairo import config
from lorairo.errors import ArgumentError, ModelError, NotFoundError
from lorairo.inference.registry import find
from lorairo.services import tokens
from lorairo.services.quote import ModelQuote, Quote
from lorairo.store import catalog, evidence, requests, schema, state

MODEL = "openai/gpt-5-mini"
COUNT = 12


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    """Rows of images whose files nobody has: what is quoted is never read."""
    with lr.open_project(tmp_path / "project") as project:
        rows = []
        for place in range(COUNT):
            digest = hashlib.sha256(b"%d" % place).digest()
            facts = catalog.ImageRow(
                *(digest, 1 << 20, 1600, 1200 + place, "JPEG", "RGB", False, None, {}, None, place, place, ())
            )
            rows.append((catalog.PathRow(f"/nowhere/{place}.jpg", f"{place}.jpg", 1 << 20, 0), facts, None))
        with project.database.write(curated=True) as connection:
            added = catalog.add_images(connection, rows)
            state.refresh(connection, [row.image_id for row in added])
        yield project


def row_of(project: lr.Project, name: str = MODEL) -> int:
    """The model's row, as if it had run the way it is asked by default."""
    spec = find(name)
    with project.database.write() as connection:
        return evidence.model_id(
            connection, spec.provider, spec.name, "", spec.parameters(evidence.FLOOR), spec.kind
        )


def answer(project: lr.Project, ids: Sequence[int], number: int) -> None:
    with project.database.write() as connection:
        rows = [evidence.AnnotationRow(int(image_id), number, caption="a dog") for image_id in ids]
        evidence.record(connection, rows)


def asked(project: lr.Project, ids: Sequence[int], number: int, **ended: object) -> None:
    """Rows of questions; those that ended took ten seconds each."""
    wanted = [requests.Intent(int(image_id), b"p" * 32, b"i" * 32) for image_id in ids]
    with project.database.write() as connection:
        numbers = requests.intend(connection, number, 1, wanted)
        if ended:
            requests.end(
                connection,
                [requests.Ended(row, requests.DROPPED, "ok", 1, **ended) for row in numbers.values()],  # type: ignore[arg-type]
            )
            now = time.time()
            connection.execute(update(schema.request).values(sent_at=now - 10, ended_at=now))


def refuse(project: lr.Project, ids: Sequence[int], name: str = MODEL) -> None:
    provider, model = name.split("/")
    with project.database.write() as connection:
        evidence.record_failures(
            connection,
            [
                evidence.FailureRow(
                    int(image_id), None, provider, model, "refusal", "no", policy_violation=True
                )
                for image_id in ids
            ],
        )


def only(quote: Quote) -> ModelQuote:
    (model,) = quote.models
    return model


def test_every_image_has_one_place(project: lr.Project):
    view = project.view()
    number = row_of(project)
    answer(project, view.ids[:3], number)
    refuse(project, view.ids[2:5])  # one of them was answered before it was refused: it has its answer
    quote = view.quote(MODEL)
    assert quote.images == COUNT
    assert (quote.answered, quote.refused, quote.send) == (3, 2, COUNT - 5)
    assert quote.answered + quote.stored + quote.claimed + quote.withheld + quote.unknown + quote.refused + (
        quote.send
    ) == len(view)


def test_what_was_asked_otherwise_is_asked_again(project: lr.Project):
    view = project.view()
    answer(project, view.ids, row_of(project))
    assert view.quote(MODEL).send == 0
    assert view.quote(MODEL, parameters={"prompt": "Name the colour of this picture."}).send == COUNT


def test_refused_images_are_named_before_they_are_sent_again(project: lr.Project):
    view = project.view()
    refuse(project, view.ids[:2])
    skipped, sent = view.quote(MODEL), view.quote(MODEL, refused="send")
    assert (skipped.send, sent.send) == (COUNT - 2, COUNT)
    for quote in (skipped, sent):
        assert quote.refused_images == tuple(view.ids[:2].tolist())
        assert f'view.where("refused:{MODEL}")' in repr(quote)
    assert view.where(f"refused:{MODEL}").ids.tolist() == view.ids[:2].tolist()
    assert view.where("refused:openai").ids.tolist() == view.ids[:2].tolist()
    assert len(view.where("-refused:*")) == COUNT - 2
    assert 'refused="send" sends them' in repr(skipped)
    assert "They are sent again" in repr(sent)


def test_what_was_under_way_when_a_kernel_died_waits_for_a_person(project: lr.Project):
    view = project.view()
    asked(project, view.ids[:2], row_of(project))
    skipped, sent = view.quote(MODEL), view.quote(MODEL, unknown="send")
    assert (skipped.unknown, skipped.send) == (2, COUNT - 2)
    assert sent.send == COUNT
    assert "nobody knows whether they were answered" in repr(skipped)


def test_pictures_of_a_withheld_rating_stay_here_and_those_without_one_are_told(project: lr.Project):
    view = project.view()
    view[view.ids[:3]].add_tags("rating:explicit")
    view[view.ids[3:5]].add_tags("rating:general")
    quote = view.quote(MODEL, withhold="explicit")
    assert (quote.withheld, quote.send) == (3, COUNT - 3)
    assert f"Sent without a rating: {COUNT - 5} images" in repr(quote)


def test_tokens_come_from_formulas_until_enough_was_measured(project: lr.Project):
    view = project.view()
    guessed = only(view.quote(MODEL))
    service = find(MODEL).service
    assert service is not None
    pictures = tokens.of_pictures(np.full(COUNT, 1600), np.arange(1200, 1200 + COUNT), service)
    assert guessed.measured == 0
    assert guessed.tokens_in is not None
    assert pictures.sum() < guessed.tokens_in < pictures.sum() + COUNT * 500
    assert "too little was answered here to measure" in repr(view.quote(MODEL))

    number = row_of(project)
    answer(project, view.ids[:6], number)
    asked(project, view.ids[6:], number, tokens_in=1000, tokens_out=40, cost=0.002)
    measured = only(view.quote(MODEL))
    assert measured.send == COUNT - 6
    assert measured.measured == 6
    assert measured.tokens_in == pytest.approx(1000 * measured.send, rel=0.01)
    assert measured.tokens_out == 40 * measured.send


def test_time_is_that_of_the_tightest_limit(project: lr.Project):
    view = project.view()
    config.set("providers.openai.rate_limit_requests_per_minute", 6)
    assert view.quote(MODEL).seconds == pytest.approx(120)
    config.set("providers.openai.rate_limit_requests_per_minute", 6000)
    config.set("providers.openai.concurrency", 1)
    assert view.quote(MODEL).seconds == pytest.approx(5 * COUNT)
    config.set("providers.openai.concurrency", 200)
    config.set("providers.openai.rate_limit_tokens_per_minute", 10_000)
    quote = view.quote(MODEL)
    assert quote.tokens_in is not None
    assert quote.tokens_out is not None
    assert quote.seconds == pytest.approx((quote.tokens_in + quote.tokens_out) * 60 / 10_000, rel=0.01)


def test_time_follows_the_answers_that_were_timed(project: lr.Project):
    view = project.view()
    asked(project, view.ids[:6], row_of(project), tokens_in=1000, tokens_out=40)
    config.set("providers.openai.concurrency", 1)
    config.set("providers.openai.rate_limit_requests_per_minute", 6000)
    assert view.quote(MODEL).seconds == pytest.approx(10 * COUNT, rel=0.01)


def test_cost_is_about_and_at_most(project: lr.Project):
    quote = project.view().quote(MODEL)
    assert quote.cost is not None
    assert quote.at_most is not None
    assert 0 < quote.cost < quote.at_most
    service = find(MODEL).service
    assert service is not None
    assert quote.at_most >= COUNT * service.max_tokens * 2.00 / 1_000_000


def test_a_batch_costs_half_and_takes_up_to_a_day(project: lr.Project):
    now, later = project.view().quote(MODEL), project.view().quote(MODEL, batch=True)
    assert now.cost is not None
    assert now.at_most is not None
    assert later.cost == pytest.approx(now.cost / 2)
    assert later.at_most == pytest.approx(now.at_most / 2)
    assert only(later).hours == 24
    assert later.seconds is None
    assert "within 24 h" in repr(later)
    assert "go to OpenAI, where they stay until the answers are fetched" in later.leaves
    assert "stay" not in now.leaves


def test_a_server_that_takes_no_batches_says_so(project: lr.Project):
    config.set("providers.studio.base_url", "http://localhost:1234/v1")
    assert "takes no batches" in repr(project.view().quote("studio/llava", batch=True))
    assert "takes no batches" not in repr(project.view().quote("studio/llava"))


def test_an_unknown_price_is_unknown_and_makes_the_total_so(project: lr.Project):
    quote = project.view().quote([MODEL, "openai/gpt-of-tomorrow"])
    assert quote.models[0].cost is not None
    assert quote.models[1].cost is None
    assert quote.models[1].at_most is None
    assert quote.cost is None
    assert "unknown" in repr(quote)
    assert "Nobody has said what openai/gpt-of-tomorrow costs" in repr(quote)


def test_what_a_service_said_it_cost_stands_in_for_a_price(project: lr.Project):
    view = project.view()
    asked(project, view.ids[:6], row_of(project, "openai/gpt-x"), tokens_in=9, tokens_out=9, cost=0.01)
    quote = view.quote("openai/gpt-x")
    assert quote.cost == pytest.approx(0.01 * COUNT)
    assert quote.at_most is None


def test_refusals_are_expected_as_before(project: lr.Project):
    view = project.view()
    assert view.quote(MODEL).refusals is None
    answer(project, view.ids[:3], row_of(project))
    refuse(project, view.ids[3:6])
    assert view.quote(MODEL).refusals == 3  # half of the six that are left
    assert "will refuse about 3 images" in repr(view.quote(MODEL))


def test_it_says_what_leaves_the_machine_and_no_file_name(project: lr.Project, tmp_path: Path):
    Image.new("RGB", (900, 700), (9, 9, 9)).save(tmp_path / "secret-name.png")
    project.add(tmp_path / "secret-name.png")
    config.set("providers.studio.base_url", "http://studio.lan:1234/v1")
    parameters = {"prompt": "Mention {tags} and {caption:long}, please."}
    quote = project.view().quote([MODEL, "studio/llava"], parameters=parameters)
    assert "13 pictures, 1,024 px at most" in quote.leaves
    assert "your prompt with tags and caption long of each image go to OpenAI" in quote.leaves
    assert "studio.lan:1234" in quote.leaves
    assert quote.leaves.endswith("no file names")
    assert "secret-name" not in repr(quote) + quote._repr_html_()


def test_it_says_that_the_trigger_is_told(project: lr.Project):
    asked = {"prompt": "Begin with {trigger}. Mention {tags}.", "trigger": "ohwx dog"}
    assert (
        "with the trigger and tags of each image go to"
        in project.view().quote(MODEL, parameters=asked).leaves
    )
    for quiet in ({"prompt": "Mention {tags}.", "trigger": "ohwx dog"}, {"prompt": "Begin with {trigger}."}):
        assert "trigger" not in project.view().quote(MODEL, parameters=quiet).leaves


def test_nothing_leaves_where_nothing_is_sent(project: lr.Project):
    view = project.view()
    answer(project, view.ids, row_of(project))
    quote = view.quote(MODEL)
    assert quote.leaves == "Nothing leaves this machine"
    assert (quote.send, quote.cost, quote.at_most, quote.seconds) == (0, 0.0, 0.0, 0.0)


def test_models_of_this_machine_are_listed_and_cost_nothing(project: lr.Project):
    quote = project.view().quote(["wd-vit-tagger-v3", MODEL])
    assert quote.models[0].cost == 0.0
    assert quote.models[0].local
    assert quote.models[0].send == COUNT
    assert quote.models[0].seconds is None  # nobody has timed it here
    assert "wd-vit" not in quote.leaves


def test_functions_are_quoted_like_models_of_this_machine(project: lr.Project):
    quote = project.view().quote({"hue": lambda _picture: ["red"]})
    assert (only(quote).local, quote.cost) == (True, 0.0)


def test_a_server_that_is_said_to_be_free_costs_nothing(project: lr.Project, user_file: Path):
    config.set("providers.studio.base_url", "http://localhost:1234/v1")
    (user_file.parent / "prices.toml").write_text(
        '[prices."studio/*"]\ninput = 0\noutput = 0\nas_of = 2026-11-01\n', encoding="utf-8"
    )
    quote = project.view().quote("studio/llava")
    assert (quote.cost, quote.at_most) == (0.0, 0.0)
    assert quote.send == COUNT


def test_it_needs_no_key_and_says_that_a_run_does(project: lr.Project, monkeypatch: pytest.MonkeyPatch):
    said = repr(project.view().quote(MODEL))
    assert f"Cannot run here: {MODEL}. Needs OPENAI_API_KEY. Set OPENAI_API_KEY" in said
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-that-nobody-shall-see")
    quote = project.view().quote(MODEL)
    assert "Cannot run here" not in repr(quote)
    assert "a-key-that-nobody-shall-see" not in repr(quote) + quote._repr_html_() + repr(quote.models)


def test_text_of_others_is_shown_as_text(project: lr.Project):
    html = project.view().quote("openai/<b>model</b>")._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;model" in html


def test_calls_that_mean_nothing_are_refused_as_by_annotate(project: lr.Project):
    view = project.view()
    with pytest.raises(ArgumentError, match="name at least one model"):
        view.quote([])
    with pytest.raises(NotFoundError, match="there is no model"):
        view.quote("nothing-of-this-name")
    with pytest.raises(NotFoundError, match=r"nobody/x'.*config\.set\('providers\.nobody\.base_url'"):
        view.quote("nobody/x")
    with pytest.raises(ModelError, match=r"view\.score"):
        view.quote("ultraface-rfb-320")
    with pytest.raises(ArgumentError, match="refused='maybe' means nothing"):
        view.quote(MODEL, refused="maybe")
    with pytest.raises(ArgumentError, match="is no rating"):
        view.quote(MODEL, withhold="naked")
    with pytest.raises(ArgumentError, match="did you mean 'prompt'"):
        view.quote(MODEL, parameters={"promt": "x"})


def test_an_empty_view_costs_nothing(project: lr.Project):
    quote = project.view("nobody").quote(MODEL)
    assert (quote.images, quote.send, quote.cost, quote.tokens_in) == (0, 0, 0.0, 0)

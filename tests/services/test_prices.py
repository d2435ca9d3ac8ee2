"""What a service costs: from the table, from the user's own, and never 0 where nobody has said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from lorairo import config
from lorairo.errors import ConfigError
from lorairo.services.calls import Usage
from lorairo.services.prices import price_of, prices

DAY = dt.date(2026, 11, 25)


def written(user_file: Path, text: str) -> Path:
    user_file.parent.mkdir(parents=True, exist_ok=True)
    own = user_file.parent / "prices.toml"
    own.write_text(text, encoding="utf-8")
    return own


def test_a_price_is_in_dollars_per_million_tokens():
    price = price_of("openai", "gpt-5-mini", on=DAY)
    assert price is not None
    assert price.cost(Usage(input=1_000_000, output=500_000)) == pytest.approx(0.25 + 1.00)
    assert str(price) == "$0.25 in, $2.00 out per million"


def test_what_came_from_a_cache_is_cheaper():
    price = price_of("openai", "gpt-5-mini", on=DAY)
    assert price is not None
    assert price.cost(Usage(input=1_000_000, cached=400_000)) == pytest.approx(0.6 * 0.25 + 0.4 * 0.025)


def test_what_is_put_into_a_cache_costs_more():
    price = price_of("openai", "gpt-6-luna", on=DAY)
    assert price is not None
    assert price.cost(Usage(input=1_000_000, kept=1_000_000)) == pytest.approx(0.125)
    used = Usage(input=1_000_000, cached=300_000, kept=200_000)
    assert price.cost(used) == pytest.approx(0.5 * 0.10 + 0.3 * 0.01 + 0.2 * 0.125)


def test_a_cache_without_a_price_of_its_own_is_counted_in_full(user_file: Path):
    written(user_file, '[prices."x/y"]\ninput = 1\noutput = 2\nas_of = 2026-11-01\n')
    price = price_of("x", "y")
    assert price is not None
    assert price.cost(Usage(input=1_000_000, cached=1_000_000)) == pytest.approx(1.0)


def test_a_service_that_counts_more_from_its_cache_than_was_read_never_pays_us(user_file: Path):
    written(user_file, '[prices."x/y"]\ninput = 1\ncached_input = 0\noutput = 2\nas_of = 2026-11-01\n')
    price = price_of("x", "y")
    assert price is not None
    assert price.cost(Usage(input=10, cached=1_000_000)) == 0


def test_a_batch_costs_half():
    price = price_of("anthropic", "claude-haiku-4-5", on=DAY)
    assert price is not None
    usage = Usage(input=1_000_000, output=1_000_000)
    assert price.cost(usage) == pytest.approx(6.0)
    assert price.cost(usage, batch=True) == pytest.approx(3.0)


def test_what_the_service_itself_says_it_cost_counts():
    price = price_of("openai", "gpt-5-mini", on=DAY)
    assert price is not None
    assert price.cost(Usage(input=1_000_000, output=1, cost=0.125)) == 0.125


def test_a_model_that_stands_nowhere_is_of_unknown_price():
    assert price_of("openai", "gpt-of-tomorrow") is None
    assert price_of("my-server", "gpt-5-mini") is None


def test_ones_own_table_adds_rows_and_replaces_ours(user_file: Path):
    written(
        user_file,
        '[prices."ollama/llava"]\ninput = 0\noutput = 0\nas_of = 2026-11-01\n'
        '[prices."openai/gpt-5-mini"]\ninput = 9\noutput = 9\nas_of = 2026-11-02\n',
    )
    home, ours = price_of("ollama", "llava"), price_of("openai", "gpt-5-mini")
    assert home is not None
    assert home.free
    assert str(home) == "free"
    assert ours is not None
    assert ours.input == 9
    assert ours.as_of == dt.date(2026, 11, 2)
    assert price_of("anthropic", "claude-haiku-4-5") is not None


def test_one_row_prices_all_models_of_a_server(user_file: Path):
    written(
        user_file,
        '[prices."studio/*"]\ninput = 0\noutput = 0\nas_of = 2026-11-01\n'
        '[prices."studio/gateway"]\ninput = 1\noutput = 2\nas_of = 2026-11-01\n',
    )
    free, paid = price_of("studio", "llava"), price_of("studio", "gateway")
    assert free is not None
    assert free.free
    assert paid is not None
    assert not paid.free


def test_a_server_on_this_machine_is_not_called_free_by_itself():
    config.set("providers.home.base_url", "http://localhost:4000/v1")
    assert price_of("home", "llava") is None


def test_a_price_that_is_known_to_change_changes_on_its_day():
    now = price_of("google", "gemini-3.8-flash", on=dt.date(2026, 12, 31))
    later = price_of("google", "gemini-3.8-flash", on=dt.date(2027, 1, 1))
    assert now is not None
    assert later is not None
    assert (now.input, later.input) == (0.75, 1.5)


def test_a_price_that_held_until_a_day_is_unknown_after_it(user_file: Path):
    written(user_file, '[prices."x/y"]\ninput = 1\noutput = 2\nas_of = 2026-11-01\nuntil = 2026-11-30\n')
    assert price_of("x", "y", on=dt.date(2026, 11, 30)) is not None
    assert price_of("x", "y", on=dt.date(2026, 12, 1)) is None


def test_every_price_of_ours_says_when_it_was_read():
    assert prices()
    for name, price in prices().items():
        assert price.as_of >= dt.date(2026, 1, 1), name
        assert price.output >= price.input > 0, name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[prices", "is not TOML"),
        ('[price."x/y"]\ninput = 1\n', "unknown table 'price': did you mean 'prices'"),
        ('[prices."x/y"]\ninput = 1\noutput = 1\nasof = 2026-11-01\n', "did you mean 'as_of'"),
        ('[prices."x/y"]\ninput = -1\noutput = 1\nas_of = 2026-11-01\n', "x/y: input"),
        ('[prices."x/y"]\ninput = 1\nas_of = 2026-11-01\n', "x/y: output"),
        ("[prices.y]\ninput = 1\noutput = 1\nas_of = 2026-11-01\n", "provider/model"),
    ],
)
def test_a_table_that_means_nothing_is_named_with_its_mistake(user_file: Path, text: str, said: str):
    own = written(user_file, text)
    with pytest.raises(ConfigError, match=said) as raised:
        price_of("x", "y")
    assert str(own) in str(raised.value)

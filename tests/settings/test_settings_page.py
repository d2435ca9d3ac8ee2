"""docs/settings.md says of every setting what the schema says; run as a script this prints its table."""

from __future__ import annotations

from pathlib import Path

import pytest

from lorairo.config.names import default_of, known_keys
from lorairo.config.schema import ALIASES, PROVIDERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
VARIES = {
    "author": "your user name",
    "model_dir": "`models` in the user's cache",
    "vocabulary_dir": "`vocabularies` in the user's cache",
    "limits.workers": "processors this process may use",
    "limits.memory_mb": "memory this process may use",
    "providers.NAME.api_key_env": "of OpenAI, Anthropic and Google their own",
}


def rows() -> list[str]:
    """The table, a line for each setting."""
    lines = []
    for key, field in known_keys(["NAME"]).items():
        said = VARIES.get(key) or ("" if default_of(field) is None else f"`{default_of(field)}`")
        lines.append(f"| `{key}` | {said} | {field.description} |")
    return lines


def test_the_page_lists_every_setting_as_it_is():
    page = PAGE.read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 4] == rows()


@pytest.mark.parametrize("word", [*ALIASES, *PROVIDERS.values()])
def test_the_page_names_the_variables(word: str):
    assert f"`{word}`" in PAGE.read_text(encoding="utf-8")


if __name__ == "__main__":
    print("\n".join(rows()))  # noqa: T201 - what it is run for

"""Which text belongs to which picture, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")

TEXT_SUFFIXES: Final = (".txt", ".caption")


def key_of(name: str) -> str:
    """Return a name with its ending in lower case: ``a.TXT`` lies beside ``a.jpg`` as well."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{suffix.lower()}" if dot else name


def is_text(key: str) -> bool:
    """Whether a file may be the text of one picture."""
    return key.endswith(TEXT_SUFFIXES)


def table_kind(name: str) -> str | None:
    """Kind of a file that describes many pictures, None for any other."""
    lower = name.lower()
    if lower == "metadata.jsonl":
        return "metadata.jsonl"
    # sd-scripts' chain writes meta_cap.json, meta_cap_dd.json, meta_clean.json, meta_lat.json
    return "kohya.json" if lower.startswith("meta") and lower.endswith(".json") else None


def texts_beside(name: str, texts: Mapping[str, T]) -> Iterator[tuple[str, T]]:
    """Yield kind and text for a picture; ``a.jpg.txt`` comes before ``a.txt``, which then is another's.

    Parameters
    ----------
    name
        Name of the picture.
    texts
        The texts in the same folder, by `key_of` their name.
    """
    stem = name.rpartition(".")[0] or name
    for suffix in TEXT_SUFFIXES:
        found = texts.get(name + suffix)
        if found is None:
            found = texts.get(stem + suffix)
        if found is not None:
            yield suffix[1:], found

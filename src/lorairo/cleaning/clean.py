"""Several rules of cleaning, one after the other, as one preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from lorairo.cleaning import rules
from lorairo.cleaning.draft import Draft
from lorairo.cleaning.preview import TagPreview
from lorairo.errors import ArgumentError, ConfigError
from lorairo.store import catalog
from lorairo.tags import canonical, split_tag_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lorairo.tags import Implications, Vocabulary
    from lorairo.view import View

Implied = Literal["strip", "expand"]


def clean_tags(
    view: View,
    *,
    rename: Mapping[str, str] | None = None,
    aliases: bool | None = None,
    blacklist: Iterable[str] = (),
    prune_constants: float | None = None,
    implications: Implied | None = None,
    order: str | Sequence[str] | None = None,
    keep: Iterable[str] = (),
) -> TagPreview:
    """Use rules on the tags of a view, see `Project.clean_tags`."""
    unwanted, kept = _names(blacklist), set(map(canonical, _names(keep)))
    if implications not in {None, "strip", "expand"}:
        raise ArgumentError(f'implications are "strip" or "expand", not {implications!r}')
    draft = Draft(view)
    known = view.project.vocabulary.known
    triggers = triggers_of(view)
    guarded = kept | triggers
    if rename:
        rules.rename(draft, _pairs(rename), kept)
    if aliases or (aliases is None and known.aliased):
        rules.resolve_aliases(draft, _with_aliases(known), guarded)
    if unwanted:
        rules.blacklist(draft, unwanted, _categories(draft), kept)
    if prune_constants is not None:
        rules.prune_constants(draft, prune_constants, guarded)
    if implications == "strip":
        rules.strip_implications(draft, _with_implications(known), guarded)
    elif implications == "expand":
        rules.expand_implications(draft, _with_implications(known))
    if order is not None:
        rules.arrange(draft, order, _categories(draft), triggers)
    return TagPreview.of(draft)


def _names(tags: Iterable[str]) -> list[str]:
    if isinstance(tags, str):
        raise ArgumentError(f"give a list of tags: [{tags!r}]")
    names = list(tags)
    if odd := [name for name in names if not isinstance(name, str)]:
        raise ArgumentError(f"tags are texts, not {odd[0]!r}")
    return names


def _pairs(rename: Mapping[str, str]) -> dict[str, str]:
    if not isinstance(rename, Mapping):
        raise ArgumentError(f'new names are given by the old ones: {{"grey_hair": "gray"}}, not {rename!r}')
    _names([*rename, *rename.values()])
    pairs = {canonical(old): canonical(new) for old, new in rename.items()}
    if not all(pairs) or not all(pairs.values()):
        raise ArgumentError("a tag is renamed to a tag; to take one away, name it in blacklist=[...]")
    return pairs


def _categories(draft: Draft) -> dict[str, int]:
    return draft.view.project.vocabulary.categories(draft.counts())


def triggers_of(view: View) -> set[str]:
    """Return the triggers of the project's datasets, whole and in parts, as tags: no rule takes them away."""
    with view.project.database.read() as connection:
        triggers = [row["trigger"] for row in catalog.datasets(connection) if row["trigger"]]
    return {canonical(part) for text in triggers for part in (text, *split_tag_text(text))}


def _with_aliases(known: Vocabulary) -> Vocabulary:
    if not known.aliased:
        raise ConfigError(
            "no aliases are known: lr.config.set('vocabulary', ...) names a list that has them, "
            "or project.vocabulary.from_file(...) brings one"
        )
    return known


def _with_implications(known: Vocabulary) -> Implications:
    if not len(known.implications):
        raise ConfigError(
            "no implications are known: lr.config.set('implications', ...) names a CSV of child,parent"
        )
    return known.implications

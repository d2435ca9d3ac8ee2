"""Every term of the search language, asked of a project in a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from lorairo.errors import QueryError
from lorairo.query import Index, evaluate, hides_excluded, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.store.database import Database

ALL = [1, 2, 3, 4, 5, 6, 7, 8]
TERMS = {
    "": ALL,
    "dog": [1, 2, 3, 4],
    "Dog outdoors": [1, 2, 3, 4],
    "dog -cat": [1, 2],
    "dog NOT cat": [1, 2],
    "( dog OR cat ) -outdoors": [5],
    "-(dog or cat)": [6, 7, 8],
    "cat OR dog smile": [1, 3, 4, 5],
    "sab*": [3, 4, 5],
    "saber_(fate)": [3, 4, 5],
    r"saber_\(fate\)": [3, 4, 5],
    '"saber (fate)"': [3, 4, 5],
    "re:zero :d (o)_(o)": [5],
    "unheard_of": [],
    '"sab*"': [],
    'caption:"red hat"': [1],
    "caption:hat": [1, 2],
    "caption:*": [1, 2],
    'caption:"red hat*dog"': [1],
    'caption:""': [3, 4, 5, 6, 7, 8],
    "width:>=1024": [1, 2, 5, 8],
    "width:1920": [2],
    "height:500..600": [3, 5],
    "aspect:<1": [4],
    "aspect:1.78": [2],
    "aspect:1": [1, 6, 7],
    "sharpness:>0.4": [2, 5],
    "sharpness:>=0.4": [2, 3, 5],
    "sharpness:0.4": [3],
    "-sharpness:>0.4": [1, 3, 4, 6, 7, 8],
    "sharpness:>50%": [2, 5],
    "sharpness:..50%": [1, 3],
    "skin_tone:3..": [3, 4],
    "stars:4..5": [1, 2, 3],
    "stars:4,0": [3, 4, 5, 6, 7, 8],
    "rating:general": [1],
    "rating:e,g": [1, 2, 3],
    "source:wd-vit": [1, 2],
    "source:wd": [1, 2, 3],
    "source:wd/wd-swin": [1, 2, 3],
    "source:hand": [1, 2, 3, 4, 5],
    "source:model": [1, 2, 3],
    'source:""': [6, 7, 8],
    "score(smile):>0.8": [1],
    "score(smile):0.2..0.5": [2, 3],
    "score(nobody):>0": [],
    "tags:0": [6, 7, 8],
    "tags:>=4": [2, 3, 4, 5],
    "tokens:>75": [],
    "dataset:train": [1, 2, 3],
    'dataset:""': [4, 5, 6, 7, 8],
    "is:excluded": [7],
    "is:duplicate": [4],
    "is:untagged": [6, 7, 8],
    "is:missing": [8],
    "is:reviewed": [1],
    "is:disputed": [2],
    "refused:openai": [6],
    "refused:gpt-*": [6],
    "reason:blur": [7],
    "reason:*": [7],
    "id:2,4..5": [2, 4, 5],
    "id:>6": [7, 8],
    "name:03": [4],
    "name:0*.jpg": ALL,
    "path:*/beach/*": [1, 3, 5, 7],
    "path:copies": [4],
    r"path:\beach": [1, 3, 5, 7],
    "format:png": [1, 4, 7],
    "category:character": [2],
    "order:-sharpness dog": [1, 2, 3, 4],
}


@pytest.mark.parametrize("text", TERMS)
def test_terms(find: Callable[[str], list[int]], text: str):
    assert find(text) == TERMS[text]


def test_hashes(find: Callable[[str], list[int]], index: Index):
    content = index.sha256(5).hex()
    assert find(f"hash:{content}") == [5]
    assert find(f"hash:{content[:9].upper()}") == [5]
    assert find(f'hash:"{content[:8]}"') == [5]


def test_a_score_of_another_project_is_a_mistake(index: Index):
    node = parse("glow:>1", {"glow"})
    with pytest.raises(QueryError, match="'glow'"):
        evaluate(node, index)


def test_the_result_is_the_callers_own(index: Index):
    evaluate(parse("dog"), index)[:] = False
    assert evaluate(parse("dog"), index).sum() == 4


@pytest.mark.parametrize("text", ["is:excluded", "-is:excluded", "dog OR reason:blurry"])
def test_speaking_of_exclusion_lifts_the_default_filter(text: str):
    assert not hides_excluded(parse(text))
    assert hides_excluded(parse("dog -cat"))


def test_tokens_are_counted_by_the_tokenizer_given(filled: Database, tmp_path: Path):
    tokenizers = pytest.importorskip("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made.save(str(tmp_path / "tokenizer.json"))
    index = Index.load(filled, tokenizer=tmp_path)
    assert index.column("tokens").tolist() == [6, 3, 6, 5, 6, 0, 0, 0]
    assert index.ids[evaluate(parse("tokens:>5"), index)].tolist() == [1, 3, 5]
    assert index.token_limit == 75


def test_searches_may_be_asked_by_many_at_once(index: Index):
    node = parse("caption:hat OR path:*/beach/* OR is:disputed OR score(smile):>0.5")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: evaluate(node, index).tolist(), range(32)))
    assert all(each == found[0] for each in found)

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from lorairo.errors import ModelError
from lorairo.inference.label_files import read_labels

if TYPE_CHECKING:
    from pathlib import Path

WD = {"9": "rating", "0": "general", "4": "character"}
E621 = {
    "0": "general",
    "1": "artist",
    "3": "copyright",
    "4": "character",
    "5": "general",
    "6": "meta",
    "7": "meta",
    "8": "meta",
}
WORDS = {"year": "meta", "quality": "meta", "model": "meta"}


def written(folder: Path, name: str, content: str | dict[str, Any] | list[Any]) -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_names_become_canonical_and_faces_stay(tmp_path: Path):
    text = "tag_id,name,category,count\n1,sensitive,9,0\n2,Long_Hair,0,5\n3,^_^,0,5\n4,rem_(re:zero),4,5\n"
    labels = read_labels(written(tmp_path, "selected_tags.csv", text), WD)
    assert labels.names == ("sensitive", "long_hair", "^_^", "rem_(re:zero)")
    assert labels.categories.tolist() == [9, 0, 0, 4]
    assert labels.stored[0] == ("rating:sensitive", 9)


def test_columns_besides_name_and_category_change_nothing(tmp_path: Path):
    text = 'id,tag_id,name,category,count,ips\n0,1,solo,0,9,[]\n1,2,lum,4,9,"[""urusei_yatsura""]"\n'
    labels = read_labels(written(tmp_path, "selected_tags.csv", text), WD)
    assert labels.stored == [("solo", 0), ("lum", 4)]


def test_numbers_of_e621_are_not_those_of_danbooru(tmp_path: Path):
    names = ["solo", "somebody", "pokemon", "pikachu", "canine", "invalid_tag", "hi_res", "lore_(lore)"]
    rows = "\n".join(f"1,{name},{category},1" for name, category in zip(names, E621, strict=True))
    file = written(tmp_path, "tags-selected.csv", f"tag_id,name,category,count\n{rows}\n")
    labels = read_labels(file, E621)
    assert dict(labels.stored) == dict(zip(names, [0, 1, 3, 4, 0, 5, 5, 5], strict=True))


def test_lines_of_text_hold_tags_and_ratings(tmp_path: Path):
    text = "1girl\nhatsune_miku\n:d\nrating:safe\nrating:questionable\nrating:explicit\n"
    file = written(tmp_path, "tags.txt", text)
    people = written(tmp_path, "tags-character.txt", "hatsune_miku\nkagamine_rin\n")
    assert read_labels(file, WD).categories.tolist() == [0, 0, 0, 9, 9, 9]
    labels = read_labels(file, WD, people)
    assert labels.categories.tolist() == [0, 4, 0, 9, 9, 9]
    assert labels.stored[3:] == [("rating:safe", 9), ("rating:questionable", 9), ("rating:explicit", 9)]
    scores = np.array([[0, 0, 0, 0.9, 0.1, 0.1], [0, 0, 0, 0.1, 0.2, 0.8]], np.float32)
    assert [said for said, _ in labels.ratings(scores)] == ["general", "explicit"]


NAMES = {"0": "1girl", "1": "rem_(re:zero)", "2": "year_2020", "3": "rating_explicit"}
KINDS = {
    "1girl": "general",
    "rem_(re:zero)": "character",
    "year_2020": "year",
    "rating_explicit": "rating",
}
MAPPING = {"idx_to_tag": NAMES, "tag_to_category": KINDS}
ENTRIES = {number: {"tag": name, "category": KINDS[name].title()} for number, name in NAMES.items()}


@pytest.mark.parametrize(
    "document",
    [
        MAPPING,
        {"model_info": {"img_size": 512}, "dataset_info": {"total_tags": 4, "tag_mapping": MAPPING}},
        {**MAPPING, "idx_to_tag": list(NAMES.values())},
        ENTRIES,
        dict(reversed(ENTRIES.items())),
    ],
    ids=["two-tables", "nested", "listed", "by-number", "out-of-order"],
)
def test_json_says_names_and_categories_in_several_ways(tmp_path: Path, document: dict[str, Any]):
    labels = read_labels(written(tmp_path, "metadata.json", document), WORDS)
    assert labels.stored == [("1girl", 0), ("rem_(re:zero)", 4), ("year_2020", 5), ("rating:explicit", 9)]


@pytest.mark.parametrize("document", [["fox", "wolf"], {"wolf": 1, "fox": 0}])
def test_json_may_say_names_alone(tmp_path: Path, document: Any):
    assert read_labels(written(tmp_path, "tags.json", document), {}).stored == [("fox", 0), ("wolf", 0)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("tags.csv", "name,count\na,1\n", "no column category"),
        ("tags.csv", "", "no column name"),
        ("tags.csv", "name,category\na,7\n", "line 2: category '7' of a has no meaning; known are 9 rating"),
        ("tags.csv", "name,category\n ,0\n", "line 2: the name is empty"),
        ("tags.txt", "", "names no tags"),
        ("tags.txt", "a\n\nb\n", "line 2: the name is empty"),
        ("tags.json", "{", "is no JSON"),
        ("tags.json", "3", "no list of tags"),
        ("tags.json", {"a": {"label": "b"}}, "no list of tags"),
        ("tags.json", {"idx_to_tag": {"0": "a", "2": "b"}, "tag_to_category": {}}, "no tag 1"),
        ("tags.json", {"0": {"tag": "a", "category": "Sort"}}, "tag 0: category 'Sort' of a"),
        ("tags.yaml", "a", r"\.csv, \.txt, \.json are known"),
    ],
)
def test_a_list_that_is_none_is_named(tmp_path: Path, name: str, content: str | dict[str, Any], said: str):
    with pytest.raises(ModelError, match=said) as caught:
        read_labels(written(tmp_path, name, content), WD)
    assert str(tmp_path / name) in str(caught.value)


def test_bytes_that_are_no_text_are_named(tmp_path: Path):
    for name in ("tags.csv", "tags.txt", "tags.json"):
        (tmp_path / name).write_bytes(b"PK\x03\x04\xff\xfe")
        with pytest.raises(ModelError, match=name):
            read_labels(tmp_path / name, WD)

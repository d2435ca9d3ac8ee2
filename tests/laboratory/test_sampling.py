"""The sample of a laboratory stands for the view, and stays the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import lorairo as lr
from lorairo.laboratory.sampling import spread

MODEL = "openai/gpt-5-mini"


def drawn(project: lr.Project, count: int, seed: int = 0) -> list[int]:
    index, snapshot = project.view().held()
    return index.ids[spread(index, snapshot.positions, count, seed)].tolist()


def test_each_shape_comes_as_often_as_in_the_whole(project: lr.Project):
    # twelve pictures: four lying, four upright, four square, in turn
    for seed in range(5):
        shapes = Counter((image_id - 1) % 3 for image_id in drawn(project, 6, seed))
        assert shapes == {0: 2, 1: 2, 2: 2}


def test_datasets_and_tags_that_halve_the_images_are_shared_out_too(project: lr.Project):
    view = project.view()
    view[[1, 2, 3, 4]].add_to("train")
    view[[1, 2, 5, 6, 7, 8]].add_tags("smile")
    chosen = drawn(project, 6)
    assert sum(image_id <= 4 for image_id in chosen) == 2
    assert sum(image_id in {1, 2, 5, 6, 7, 8} for image_id in chosen) == 3


def test_a_seed_gives_the_same_images_and_another_one_others(project: lr.Project):
    assert drawn(project, 4, seed=1) == drawn(project, 4, seed=1)
    assert len({tuple(drawn(project, 4, seed=seed)) for seed in range(6)}) > 1
    assert drawn(project, 99) == list(range(1, 13))
    assert sorted(drawn(project, 5)) == drawn(project, 5)


@pytest.mark.parametrize("count", [1, 2, 5, 7, 11])
def test_as_many_as_were_asked_for_each_once(project: lr.Project, count: int):
    assert len(set(drawn(project, count))) == count


def test_answers_that_tag_the_images_do_not_move_the_sample(project: lr.Project):
    lab = project.view().prompt_lab(["caption"], [MODEL], sample=4)
    before = lab.view.ids
    project.view()[before.tolist()[:2]].add_tags("smile", "hat")
    project.view()[before].add_to("train")
    again = project.view().prompt_lab(["caption"], [MODEL], sample=4)
    np.testing.assert_array_equal(again.view.ids, before)


def test_views_and_sizes_have_samples_of_their_own(project: lr.Project):
    view = project.view()
    lab = view.prompt_lab(["caption"], [MODEL], sample=4)
    assert len(view.prompt_lab(["caption"], [MODEL], sample=5).view) == 5
    part = view[[1, 2, 3]].prompt_lab(["caption"], [MODEL], sample=2)
    assert set(part.view.ids) <= {1, 2, 3}
    gone = lab.view.ids[:1]
    view[gone].delete(confirm=True)
    assert len(view.prompt_lab(["caption"], [MODEL], sample=4).view) == 4

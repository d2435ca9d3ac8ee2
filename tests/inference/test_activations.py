from __future__ import annotations

import numpy as np
import pytest

from lorairo.inference.activations import sigmoid


def test_logits_of_any_size_become_probabilities():
    with np.errstate(all="raise"):
        found = sigmoid(np.float32([-1000, -2, 0, 2, 1000]))
    assert found.tolist() == pytest.approx([0, 1 / (1 + np.e**2), 0.5, 1 / (1 + np.e**-2), 1])
    assert found.dtype == np.float32

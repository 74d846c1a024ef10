"""The training examples most like an input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from headstart.bundle import KeptExamples
from headstart.serving.alike import nearest

TARGETS = ["east", "north", "west"]
EXCERPTS = [{"text": each} for each in TARGETS]


def test_of_words_the_cosine_decides_by_hand():
    kept = KeptExamples(sparse.csr_array([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]]), TARGETS, EXCERPTS)
    first, second, third = nearest(kept, sparse.csr_array([[3.0, 4.0]]))
    # with (0, 2): 8 / (5 * 2) = 0.8; with (3, 0): 9 / (5 * 3) = 0.6; with nothing: 0
    assert (first["target"], first["closeness"], first["text"]) == ("north", pytest.approx(0.8), "north")
    assert (second["target"], second["closeness"]) == ("east", pytest.approx(0.6)) and third["closeness"] == 0


def test_of_numbers_it_is_taken_from_their_middle_and_by_their_spread():
    kept = KeptExamples(np.array([[100.0, 7.0], [100.5, 7.0], [101.0, 7.0]], np.float32), TARGETS, EXCERPTS)
    found = nearest(kept, np.array([[300.0, np.nan]]), count=2)
    # the middle is 100.5 and the second column tells nothing apart: the input points to where the third lies
    assert [(each["target"], each["closeness"]) for each in found] == [("west", 1.0), ("north", 0.0)]

"""Known and unknown examples: arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.evaluation.open_set import h_score, open_set_figures


def test_the_harmonic_mean_of_two_shares():
    # 2 * 0.8 * 0.4 / 1.2 = 0.64 / 1.2
    assert h_score(0.8, 0.4) == pytest.approx(0.533333, abs=1e-6)
    assert h_score(0.5, 0.5) == 0.5 and h_score(1.0, 0.0) == 0.0 and h_score(0.0, 0.0) == 0.0


def test_three_of_four_right_and_one_of_two_found():
    found = open_set_figures(np.array([True, True, True, False]), np.array([True, False]))
    assert found["known"]["value"] == 0.75 and found["unknown"]["value"] == 0.5 and found["n"] == [4, 2]
    assert found["h_score"]["value"] == pytest.approx(2 * 0.75 * 0.5 / 1.25)
    assert found["h_score"]["low"] < 0.6 < found["h_score"]["high"]


def test_without_unknown_examples_there_is_no_score():
    found = open_set_figures(np.array([True]), np.zeros(0, bool))
    assert found["h_score"] is None and found["unknown"]["value"] is None

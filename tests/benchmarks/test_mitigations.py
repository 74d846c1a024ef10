"""What is planted, and how a test part is judged."""

from __future__ import annotations

import mitigations
import numpy as np
import pytest
from mitigations import Rows, changes, figures, stamped
from PIL import Image


def test_the_square_has_its_colour_and_the_rest_stays():
    picture = stamped(Image.new("RGB", (50, 30), (9, 9, 9)), 1)
    assert picture.size == (mitigations.SIDE, mitigations.SIDE)
    pixels = np.asarray(picture)
    assert tuple(pixels[10, 10]) == mitigations.COLOURS[1] and (pixels[60:] == 9).all()
    share = (pixels == mitigations.COLOURS[1]).all(axis=2).mean()
    assert share == pytest.approx(1 / 9, abs=0.02)


def test_the_mean_counts_weights_and_the_worst_is_of_cells_with_enough_rows():
    classes, groups = np.repeat([0, 0, 1, 1], [10, 10, 10, 4]), np.repeat([0, 1, 1, 0], [10, 10, 10, 4])
    said = np.array([0] * 10 + [0] * 4 + [1] * 6 + [1] * 9 + [0] + [0] * 4)
    test = Rows(None, classes, groups, np.where(groups == 0, 3.0, 1.0))
    found = figures(np.eye(2)[said], test, "group_class")
    assert found["worst"] == 0.4  # of class 0 in group 1; four rows of class 1 in group 0 are too few
    assert found["mean"] == pytest.approx((3 * 10 + 4 + 9 + 0) / (3 * 14 + 20))
    assert found["equalized_odds"] is None  # no group has 30 rows beside another that has


def test_changes_are_told_in_points():
    before, after = {"worst": 0.5, "mean": 0.9}, {"worst": 0.625, "mean": 0.89}
    assert changes(before, after) == ["50.0", "62.5", "+12.5", "90.0", "89.0", "-1.0", "-", "-"]
